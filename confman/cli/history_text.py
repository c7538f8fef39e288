"""The journal in words: lines for people."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping

from confman.journal.comparing import Difference
from confman.journal.entries import Change, Outcome, Run, Task, Touch
from confman.sinks.results import diff_text
from confman.sinks.style import Style
from confman.sinks.words import value_text, when

STATES = {
    "running": "still runs",
    "done": "done",
    "failed": "failed",
    "interrupted": "interrupted",
    "lost": "lost: the controller was gone before the end",
}
DOUBT = "in doubt: begun, and nothing more is known"


def list_lines(runs: Iterable[Run]) -> Iterator[str]:
    """Runs, a line each."""
    rows = [("RUN", "BEGUN", "BY", "TOOK", "STATE", "HOSTS", "WHAT")]
    for run in runs:
        took = "" if run.ended is None else f"{run.ended - run.start.at:.0f} s"
        kind = f"{run.state}, dry run" if run.start.check else run.state
        rows.append((str(run.id), when(run.start.at), run.start.user, took, kind, _hosts(run.stats), _what(run)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        head = "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=False))
        yield f"{head}  {row[-1]}".rstrip()


def run_lines(run: Run, tasks: Iterable[Task]) -> Iterator[str]:
    """A run: its head, what was not just ok in each task, and the counts of the hosts."""
    yield from head_lines(run)
    play = None
    for task in tasks:
        told = list(_endings(task))
        if not told:
            continue
        if task.intent.play != play:
            play = task.intent.play
            yield f"\nPLAY {play}"
        yield f"  {task.intent.name or task.intent.action}  ({task.intent.place})"
        yield from told
    yield ""
    for host, counts in sorted(run.stats.items()):
        yield f"{host}: " + ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def host_lines(run: Run, tasks: Iterable[Task], style: Style) -> Iterator[str]:
    """A run on one host: every task, and every change with what was there and what is there now."""
    yield from head_lines(run)
    for task in tasks:
        for outcome in task.outcomes:
            seconds = f", {outcome.seconds:.1f} s" if outcome.seconds >= 1 else ""
            state = DOUBT if outcome.status == "doubt" else outcome.status
            yield f"  {task.intent.name or task.intent.action}  ({task.intent.place}): {state}{seconds}"
            if outcome.note:
                yield f"    {outcome.note}"
            yield from (f"    {line}" for change in outcome.changes for line in _change(change))
            yield from (f"    {line}" for line in diff_text(outcome.diff, style).splitlines())


def head_lines(run: Run) -> Iterator[str]:
    """Who ran what, when, where, and how it ended."""
    kind = " (dry run)" if run.start.check else ""
    yield f"run {run.id}{kind}: {_what(run)}"
    yield f"  by {run.start.user} on {run.start.machine} in {run.start.folder}"
    until = f", until {when(run.ended)}" if run.ended else ""
    yield f"  begun {when(run.start.at)}{until}: {STATES.get(run.state, run.state)}"


def touch_lines(touches: Iterable[Touch]) -> Iterator[str]:
    """The changes of an object."""
    for touch in touches:
        kind = ", dry run" if touch.check else ""
        yield f"{when(touch.at)}  run {touch.run}{kind}  {touch.host}  by {touch.user}  {touch.task} ({touch.place})"
        yield from (f"    {line}" for line in _change(touch.change))


def difference_lines(first: Run, second: Run, found: Iterable[Difference]) -> Iterator[str]:
    """What differs between two runs."""
    yield from head_lines(first)
    yield from head_lines(second)
    task = None
    for each in found:
        if (each.play, each.task) != task:
            task = (each.play, each.task)
            yield f"\nPLAY {each.play}: {each.task}"
        same = each.first == each.second
        ends = each.second if same else f"{each.first or 'not run'} -> {each.second or 'not run'}"
        yield f"  {each.host}: {ends}"
        for sign, changes in (("-", each.gone), ("+", each.fresh)):
            yield from (f"    {sign} {line}" for change in changes for line in _change(change))


def _what(run: Run) -> str:
    return shlex.join(run.start.command)


def _hosts(stats: Mapping[str, Mapping[str, int]]) -> str:
    changed = sum(bool(counts.get("changed")) for counts in stats.values())
    bad = sum(bool(counts.get("failed") or counts.get("unreachable")) for counts in stats.values())
    parts = [f"{len(stats)}", f"{changed} changed" if changed else "", f"{bad} failed" if bad else ""]
    return ", ".join(filter(None, parts)) if stats else ""


def _endings(task: Task) -> Iterator[str]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in task.outcomes:
        if outcome.status not in {"ok", "skipped"}:
            groups.setdefault(outcome.status, []).append(outcome)
    for status, outcomes in groups.items():
        names = ", ".join(outcome.host for outcome in outcomes)
        yield f"    {DOUBT if status == 'doubt' else status}: {names}"
        for note in dict.fromkeys(outcome.note for outcome in outcomes if outcome.note):
            yield f"      {note.splitlines()[0]}"


def _change(change: Change) -> Iterator[str]:
    yield f"{change.kind} {change.id}"
    for word, value in (("was", change.before), ("is", change.after)):
        yield f"  {word}: {value_text(value)}"
