"""A plan as one HTML page for a meeting: it needs nothing else, asks for nothing, and runs nothing of its data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from confman.sinks.plan_text import change_line, duration, head_lines, sameness, verdict
from confman.sinks.results import diff_text
from confman.sinks.style import Style
from confman.truth.outlook import Outlook, place_of, works
from confman.truth.plan import Plan, Step, Work

_PAGE = Path(__file__).with_name("report.html")
_MARK = "@DATA@"
_PLAIN = Style(colours=False)


def page(plan: Plan, ahead: Outlook, digest: str = "") -> str:
    """The page of a plan and of what is to be known of it."""
    title, *made = head_lines(plan, digest)
    data = {
        "title": title,
        "made": " ".join(line.strip() for line in made),
        "hosts": plan.hosts,
        "plays": [{"name": play.name, "steps": [_step(step) for step in play.steps]} for play in plan.plays],
        "foot": list(_foot(plan, ahead)),
    }
    # "<" cannot end the script element that carries the data if there is none
    text = json.dumps(data, ensure_ascii=True, default=str).replace("<", "\\u003c")
    return _PAGE.read_text(encoding="utf-8").replace(_MARK, text)


def _step(step: Step) -> dict[str, Any]:
    groups: dict[str, list[str]] = {}
    for host, work in step.hosts.items():
        groups.setdefault(sameness(work), []).append(host)
    return {
        "name": step.name,
        "place": place_of(step),
        "handler": step.handler,
        "groups": [_group(hosts, step.hosts[hosts[0]]) for hosts in groups.values()],
    }


def _group(hosts: list[str], work: Work) -> dict[str, Any]:
    return {
        "hosts": hosts,
        "status": work.status,
        "grade": work.grade,
        "verdict": verdict(work),
        "matters": work.matters,
        "why": work.left_out or work.why,
        "items": [
            {"changes": [change_line(change) for change in item.changes], "diff": diff_text(item.diff, _PLAIN)}
            for item in work.items
            if item.changes or item.diff
        ],
    }


def _foot(plan: Plan, ahead: Outlook) -> Iterator[dict[str, Any]]:
    found = [work for _step, _host, work in works(plan)]
    grades = Counter(filter(None, (work.grade for work in found)))
    changed = sum(work.status == "changed" for work in found)
    lines = [f"{changed} of {len(found)} tasks on {len(plan.hosts)} hosts would change something"]
    lines += [f"{count} verdicts are {grade}" for grade, count in sorted(grades.items())]
    yield {"title": "Counts", "lines": lines}
    yield from (part for part in outlook_parts(ahead) if part["lines"])
    left = [
        f"{place_of(step)} {step.name} ({host}): {work.left_out}" for step, host, work in works(plan) if work.left_out
    ]
    if left:
        yield {"title": "Not in the plan", "lines": left, "warn": True}


def outlook_parts(ahead: Outlook) -> Iterator[dict[str, Any]]:
    """What is to be known, by headings."""
    services = [f"{unit}: {act} ({', '.join(hosts)})" for (unit, act), hosts in ahead.services.items()]
    yield {"title": "Services", "lines": services}
    yield {"title": "Reboots", "lines": list(ahead.reboots)}
    yield {"title": "Tasks that fight", "lines": [fight.text for fight in ahead.fights], "warn": True}
    took = [] if ahead.seconds is None else [f"about {duration(ahead.seconds)}, as in earlier runs"]
    yield {"title": "Expected duration", "lines": took}
