"""What happened in a run, in words that our events and those of ansible-core have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError
from confman.model.event import HostDone, Included, PlayStarted, RunDone, TaskStarted

Happening = list[Any]
"""What it is (play, task, end, included, stats, error), and what of it."""

INCLUDE_ENDS = {"ok", "changed"}
_COUNTS = {"ok": "ok", "failed": "failures", "unreachable": "unreachable", "changed": "changed", "skipped": "skipped",
           "rescued": "rescued", "ignored": "ignored"}  # fmt: skip
_USUAL = ("ok", "changed", "skipped")


def tell(event: Any) -> list[Happening]:
    """An event as the reference tells it."""
    if isinstance(event, PlayStarted):
        return [["play", event.name]]
    if isinstance(event, TaskStarted):
        return [] if event.task.action == "meta" else [["task", event.task.name]]
    if isinstance(event, HostDone) and event.task.action != "meta":
        status = "ignored" if event.ignored and event.status == "failed" else event.status
        return [["end", event.task.name, event.host, status, _said(event.task.action, event.result)]]
    if isinstance(event, Included):
        return [["included", Path(event.path).name, host] for host in event.hosts]
    if isinstance(event, RunDone):
        return [
            ["stats", host, {shown: getattr(stats, name) for name, shown in _COUNTS.items()}]
            for host, stats in sorted(event.stats.items())
        ]
    return [["error", event.message]] if isinstance(event, ConfmanError) else []


def _said(action: str, result: Any) -> Any:
    """What a debug task said."""
    said = result.get("msg", "")
    return said if action == "debug" and isinstance(said, str) and "completed" not in said else ""


def theirs(folder: Path) -> list[Happening]:
    """What ansible-core did in a folder."""
    path = folder / "events.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _of_include(event: Happening) -> bool:
    return bool(event[0] == "end" and event[1].startswith("include") and event[3] in INCLUDE_ENDS)


def rounds(happened: Iterable[Happening]) -> list[Any]:
    """What happened from one task's begin to the next; within that, hosts end in any order."""
    found: list[Any] = []
    for event in happened:
        if event[0] in {"task", "play", "stats", "error"}:
            found.append([event, []])
        elif not _of_include(event):
            if not found:
                found.append([["nothing"], []])
            found[-1][1].append(event)
    return [[first, sorted(rest)] for first, rest in found]


def by_host(happened: Iterable[Happening]) -> dict[str, list[Happening]]:
    """What each host did, in its order."""
    found: dict[str, list[Happening]] = {}
    for event in happened:
        if event[0] in {"end", "included"} and not _of_include(event):
            found.setdefault(event[2], []).append(event)
        elif event[0] == "stats":
            found.setdefault(event[1], []).append(event)
    return found


def in_short(happened: Iterable[Happening]) -> list[str]:
    """What happened, a line a task, and of the counts what is not as usual."""
    lines = []
    for first, rest in rounds(happened):
        ends = {host: f"{status} {said!r}" if said not in {"", "x"} else status
                for _end, _task, host, status, said in (each for each in rest if each[0] == "end")}  # fmt: skip
        if first[0] == "task":
            lines.append(f"{first[1]}: {', '.join(f'{host} {end}' for host, end in sorted(ends.items()))}")
        elif first[0] == "stats":
            odd = {name: count for name, count in first[2].items() if count and name not in _USUAL}
            if odd:
                lines.append(f"stats {first[1]}: {', '.join(f'{name}={count}' for name, count in odd.items())}")
        elif first[0] == "error":
            lines.append(f"error {first[1]}")
    return lines
