"""Plans in words: lines for people."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from confman.sinks.results import diff_text
from confman.sinks.style import Style
from confman.sinks.words import value_text, when
from confman.truth.comparing import Moved
from confman.truth.data import to_data
from confman.truth.outlook import Outlook, outlook, place_of, works
from confman.truth.plan import Foreseen, Plan, Step, Work

SURE = {"exact": "", "predicted": " (predicted)", "unknown": " (unknown until applied)", "": ""}


def head_lines(plan: Plan, digest: str) -> Iterator[str]:
    """Who made a plan, when, where, from what."""
    made = plan.made
    yield f"plan {digest[:12]}: {shlex.join(made.command)}" if digest else shlex.join(made.command)
    yield f"  by {made.by} on {made.machine} in {made.folder}"
    until = f", to be applied until {when(made.until)}" if made.until > made.at else ""
    yield f"  made {when(made.at)}{until}"


def plan_lines(plan: Plan, style: Style, *, everything: bool = False) -> Iterator[str]:
    """What each task would do, hosts together that are alike; with everything, also what would do nothing."""
    for play in plan.plays:
        told = [line for step in play.steps for line in _step_lines(step, style, everything=everything)]
        if told:
            yield f"\nPLAY {play.name}"
            yield from told
    yield ""
    yield summary(plan)
    yield from outlook_lines(outlook(plan))
    yield from left_out_lines(plan)


def _step_lines(step: Step, style: Style, *, everything: bool) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for host, work in step.hosts.items():
        if everything or work.matters:
            groups.setdefault(sameness(work), []).append(host)
    if not groups:
        return
    word = "handler " if step.handler else ""
    yield f"  {word}{step.name}  ({step.place.path}:{step.place.line})"
    for hosts in groups.values():
        yield from _work_lines(hosts, step.hosts[hosts[0]], style)


def _work_lines(hosts: list[str], work: Work, style: Style) -> Iterator[str]:
    yield f"    {', '.join(hosts)}: " + style.paint(verdict(work), work.status)
    if work.why:
        yield f"      {work.why}"
    for item in work.items:
        yield from (f"      {change_line(change)}" for change in item.changes)
        yield from (f"        {line}" for line in diff_text(item.diff, style).splitlines())


def verdict(work: Work) -> str:
    """How a task would end, and how sure that is."""
    return f"{_ending(work)}{SURE.get(work.grade, '')}"


def _ending(work: Work) -> str:
    if work.left_out:
        return "not in the plan"
    return "may run" if work.grade == "unknown" and work.status == "skipped" else work.status


def sameness(work: Work) -> str:
    """Equal for hosts on which a task does the same."""
    changes = [to_data(change) for change in work.changes]
    diffs = [item.diff for item in work.items]
    return json.dumps([work.status, work.grade, work.why, work.left_out, changes, diffs], sort_keys=True, default=str)


def change_line(change: Foreseen) -> str:
    """An object with what it is and what it would be."""
    return f"{change.kind} {change.id}: {value_text(change.before)} -> {value_text(change.after)}"


def summary(plan: Plan) -> str:
    """How much would be done, and how sure that is."""
    changed = [host for _step, host, work in works(plan) if work.status == "changed"]
    grades = Counter(work.grade for _step, _host, work in works(plan) if work.grade)
    sure = ", ".join(f"{count} {grade}" for grade, count in sorted(grades.items()))
    told = f"{len(changed)} tasks would change {len(set(changed))} of {len(plan.hosts)} hosts"
    return f"{told} ({sure})" if sure else told


def outlook_lines(ahead: Outlook) -> Iterator[str]:
    """What is to be known before: services, reboots, tasks that fight, how long it will take."""
    for (unit, act), hosts in ahead.services.items():
        yield f"{act} {unit}: {', '.join(hosts)}"
    if ahead.reboots:
        yield f"reboot: {', '.join(ahead.reboots)}"
    yield from (fight.text for fight in ahead.fights)
    if ahead.seconds is not None:
        yield f"expected to take {duration(ahead.seconds)}, as in earlier runs"


def duration(seconds: float) -> str:
    """A time that something takes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def left_out_lines(plan: Plan) -> Iterator[str]:
    """What the plan cannot do, though a run of the playbook might."""
    for step, host, work in works(plan):
        if work.left_out:
            yield f"not in the plan: {place_of(step)} {step.name} on {host}: {work.left_out}"


def moved_lines(found: Iterable[Moved], before: str = "PLANNED FROM") -> Iterator[str]:
    """A table of what is no more as it was; `before`: the head of the column that tells how that was."""
    rows = [("HOST", "OBJECT", before, "PRESENT")]
    for each in found:
        then, now = each.differing
        rows.append((each.host, f"{each.kind} {each.id}", _short(then), _short(now)))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join(word.ljust(width) for word, width in zip(row, (*widths, 0), strict=True)).rstrip()


def _short(state: Any) -> str:
    if isinstance(state, dict):
        state = {key: value[:12] if key.startswith("sha") else value for key, value in state.items()}
    return value_text(state)
