"""The log file: what a terminal would show, without colours, each line with its time."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import TYPE_CHECKING

from confman.sinks.style import Style
from confman.sinks.terminal import Terminal
from confman.sinks.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.model.event import Event


class Log:
    """A sink that appends lines to a log."""

    def __init__(self, write: Callable[[str], object], view: View, clock: Callable[[], float] = time.time) -> None:
        self._write = write
        self._clock = clock
        self._terminal = Terminal(self._lines, self._lines, view, Style(colours=False))

    def __call__(self, event: Event) -> None:
        """Write an event."""
        self._terminal(event)

    def _lines(self, text: str) -> None:
        moment = datetime.fromtimestamp(self._clock()).astimezone().isoformat(timespec="milliseconds")
        for line in text.splitlines():
            if line.strip():
                self._write(f"{moment} p={os.getpid()} | {line}\n")
