"""Runs for the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from confman.journal.entries import Change, Intent, Outcome, Start
from confman.journal.writing import Writer


def start(**more: Any) -> Start:
    """How a run begins."""
    given: dict[str, Any] = {
        "at": 1000.0, "user": "anna", "machine": "desk", "pid": 1, "folder": "/srv/site", "check": False,
        "command": ("confman", "play", "site.yml"), "version": "1",
    }  # fmt: skip
    return Start(**{**given, **more})


def intent(number: int, hosts: tuple[str, ...] = ("h1", "h2"), **more: Any) -> Intent:
    """A task that is about to run."""
    given: dict[str, Any] = {"play": "Web", "name": f"task {number}", "action": "copy", "place": f"site.yml:{number}"}
    return Intent(number, hosts=hosts, at=1000.0 + number, **{**given, **more})


def outcome(number: int, host: str, status: str = "ok", **more: Any) -> Outcome:
    """How it ended."""
    return Outcome(number, host, status, 1001.0 + number, **more)


def changed(number: int, host: str, *changes: Change, **more: Any) -> Outcome:
    """A change of a file, or other changes."""
    made = changes or (Change("file", "/etc/a", {"sha1": "x", "size": 1}, {"sha1": "y", "size": 2}),)
    return outcome(number, host, "changed", changes=made, **more)


def write(path: Path, *outcomes: Outcome, state: str = "done", **more: Any) -> int:
    """A whole run: each task begins on h1 and h2, and ends as said; its number."""
    writer = Writer(path, start(**more))
    writer.playbook("site.yml")
    for number in sorted({each.number for each in outcomes}):
        writer.intend(intent(number))
        for each in outcomes:
            if each.number == number:
                writer.done(each)
    writer.finish(1100.0, state, {"h1": {"ok": 1, "changed": 1, "failed": 0}})
    writer.close()
    return writer.run
