"""Warnings and errors alone, for a run whose output is written by somebody else."""

from __future__ import annotations

from collections.abc import Callable

from confman.model.event import Event, HandlersOwed, Message
from confman.model.records import dataclass

HOW_TO_SILENCE = Message(
    "warning", "Deprecation warnings can be disabled by setting `deprecation_warnings=False` in ansible.cfg."
)
"""What is told, once, before the first deprecation."""


def owed_lines(event: HandlersOwed) -> list[str]:
    """What is told of handlers that hosts were still to run when they failed; hosts that owe the same in one line."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for host, handlers in event.handlers.items():
        groups.setdefault(handlers, []).append(host)
    return [f"[NOT RUN]: {', '.join(handlers)} (notified by {', '.join(hosts)})" for handlers, hosts in groups.items()]


@dataclass(frozen=True)
class MessagesOnly:
    """Hands on to `inner` what is meant for the user directly."""

    inner: Callable[[Event], None]

    def __call__(self, event: Event) -> None:
        """Show a message."""
        if isinstance(event, Message):
            self.inner(event)
