"""Outputs for programs: a JSON record for each event, or one JSON document for the run."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from confman.model.event import Event, HostDone, Message, PlayStarted, RunDone, TaskStarted
from confman.sinks.records import SCHEMA, json_line, plain, record_of

if TYPE_CHECKING:
    from collections.abc import Callable


class JsonLines:
    """A sink that writes each event as a line: schema, number and time (seconds since 1970), then the event."""

    def __init__(self, out: Callable[[str], object], clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock
        self._number = 0

    def __call__(self, event: Event) -> None:
        """Write an event."""
        self._number += 1
        head = {"schema": SCHEMA, "number": self._number, "time": round(self._clock(), 6)}
        self._out(json_line({**head, **record_of(event)}) + "\n")


class JsonReport:
    """A sink that writes one document when the run is over: plays with tasks with results by host, and the counts."""

    def __init__(self, out: Callable[[str], object]) -> None:
        self._out = out
        self._plays: list[dict[str, Any]] = []
        self._messages: list[dict[str, Any]] = []
        self._tasks: dict[int, dict[str, Any]] = {}

    def __call__(self, event: Event) -> None:
        """Take an event; at the end, write the document."""
        if isinstance(event, PlayStarted):
            self._plays.append({"play": {"name": event.name}, "tasks": []})
            self._tasks.clear()
        elif isinstance(event, TaskStarted):
            entry = {"task": {"name": event.task.name, "action": event.task.action}, "hosts": {}}
            entry["task"]["path"] = str(event.task.source) if event.task.source else ""
            self._tasks[event.task.id] = entry
            self._plays[-1]["tasks"].append(entry)
        elif isinstance(event, HostDone):
            self._done(event)
        elif isinstance(event, Message) and event.kind != "info":
            self._messages.append({"kind": event.kind, "text": event.text, "hint": event.hint})
        elif isinstance(event, RunDone):
            self._finish(event)

    def _done(self, event: HostDone) -> None:
        result = {**plain(event.result), "action": event.task.action}
        for flag in ("failed", "skipped", "unreachable"):
            if event.status == flag:
                result[flag] = True
        result["changed"] = event.status == "changed" or bool(event.result.get("changed"))
        if event.task.id in self._tasks:
            self._tasks[event.task.id]["hosts"][event.host] = result

    def _finish(self, event: RunDone) -> None:
        stats = {
            host: {("failures" if name == "failed" else name): count for name, count in plain(each).items()}
            for host, each in sorted(event.stats.items())
        }
        custom = {host: plain(values) for host, values in event.custom.items() if host != "_run"}
        document = {
            "schema": SCHEMA,
            "plays": self._plays,
            "stats": stats,
            "messages": self._messages,
            "custom_stats": custom,
            "global_custom_stats": plain(event.custom.get("_run", {})),
        }
        self._out(json.dumps(document, indent=4, sort_keys=True, ensure_ascii=True) + "\n")
