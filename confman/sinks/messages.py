"""Warnings and errors alone, for a run whose output is written by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from confman.model.event import Event, Message


@dataclass(frozen=True)
class MessagesOnly:
    """Hands on to `inner` what is meant for the user directly."""

    inner: Callable[[Event], None]

    def __call__(self, event: Event) -> None:
        """Show a message."""
        if isinstance(event, Message):
            self.inner(event)
