"""The foot of a dry run: how sure its verdicts are, and which are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confman.sinks.sanitize import one_line

if TYPE_CHECKING:
    from confman.model.event import HostDone
    from confman.sinks.style import Style

GRADES = ("exact", "predicted", "unknown")
_WORDS = {"exact": "exact", "predicted": "predicted", "unknown": "unknown until applied"}
_HOSTS = 5
"""Hosts that are named in a line; further ones are counted."""


class Foreseen:
    """Gathers how sure each verdict of a dry run is."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(GRADES, 0)
        self._unsure: dict[tuple[str, str, str, str], list[str]] = {}

    def add(self, event: HostDone) -> None:
        """Take a verdict in; one without a grade is none of a dry run."""
        if event.grade not in self._counts:
            return
        self._counts[event.grade] += 1
        if event.grade != "exact":
            source = event.task.source
            place = f"{source.path}:{source.line}" if source else ""
            key = (event.grade, place, event.task.name or event.task.action, event.unknown)
            self._unsure.setdefault(key, []).append(event.host)

    def text(self, style: Style) -> str:
        """The lines to show; "" where nothing was foreseen."""
        if not any(self._counts.values()):
            return ""
        counts = ", ".join(f"{count} {_WORDS[grade]}" for grade, count in self._counts.items() if count)
        lines = [f"DRY RUN: {counts}"]
        for (grade, place, name, why), hosts in sorted(self._unsure.items(), key=lambda each: each[0][1]):
            line = f"  {grade:<9} {place} {one_line(name)} ({_names(hosts)})"
            lines.append(style.paint(f"{line}: {one_line(why)}" if why else line, "warning"))
        return "\n".join(lines) + "\n\n"


def _names(hosts: list[str]) -> str:
    shown = ", ".join(map(one_line, sorted(hosts)[:_HOSTS]))
    return shown if len(hosts) <= _HOSTS else f"{shown} and {len(hosts) - _HOSTS} more"
