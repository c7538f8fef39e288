"""The familiar output for many hosts: results that are the same are shown once, with the hosts they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from confman.model.event import (
    Event,
    HandlersOwed,
    HostDone,
    ItemDone,
    Message,
    NoHosts,
    Notified,
    PlayStarted,
    RunDone,
    TaskStarted,
)
from confman.sinks.style import Style
from confman.sinks.terminal import Terminal
from confman.sinks.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_NAMES = 5
_ENDS = (TaskStarted, PlayStarted, NoHosts, RunDone)


class Grouped:
    """A sink that holds a task's results until the task is done everywhere.

    Results of which the same would be shown become one line, in the order in which their first hosts ended.
    """

    def __init__(self, out: Callable[[str], object], err: Callable[[str], object], view: View, style: Style) -> None:
        self._view = view
        self._terminal = Terminal(out, err, view, style)
        self._groups: dict[str, tuple[HostDone, list[str]]] = {}
        self._items: dict[str, list[ItemDone]] = {}
        self._order: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        """Show an event, now or when its task is done."""
        if isinstance(event, HostDone):
            self._hold(event)
        elif isinstance(event, ItemDone):
            self._items.setdefault(event.host, []).append(event)
        else:
            if isinstance(event, _ENDS):
                self.flush()
            if isinstance(event, PlayStarted):
                self._order = {host: number for number, host in enumerate(event.hosts)}
            if not isinstance(event, Notified | HandlersOwed | Message) or not self._groups:
                self._terminal(event)
            else:
                self.flush()
                self._terminal(event)

    def _hold(self, event: HostDone) -> None:
        items = self._items.get(event.host, [])
        key = self._shown(event, items)
        if key in self._groups:
            self._groups[key][1].append(event.host)
            self._items.pop(event.host, None)
        else:
            self._groups[key] = (event, [event.host])

    def _shown(self, event: HostDone, items: list[ItemDone]) -> str:
        """What would be shown of a host, with no name in the place of its own."""
        lines: list[str] = []
        terminal = Terminal(lines.append, lines.append, self._view, Style(colours=False))
        for item in items:
            terminal(replace(item, host=""))
        terminal(replace(event, host=""))
        return "".join(lines)

    def flush(self) -> None:
        """Show what is held."""
        groups, self._groups = self._groups, {}
        for event, hosts in groups.values():
            name = _names(sorted(hosts, key=lambda host: self._order.get(host, 0)))
            for item in self._items.pop(event.host, ()):
                self._terminal(replace(item, host=name))
            self._terminal(replace(event, host=name))
        for items in self._items.values():
            for item in items:
                self._terminal(item)
        self._items.clear()


def _names(hosts: list[str]) -> str:
    if len(hosts) <= _MOST_NAMES:
        return ", ".join(hosts)
    return f"{', '.join(hosts[:_MOST_NAMES])} and {len(hosts) - _MOST_NAMES} more"
