"""A line at the bottom of a terminal: how many hosts are done with the task, who is waited for, how long already."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from confman.model.event import Event, HostDone, HostStarted, PlayStarted, RunDone, TaskStarted
from confman.sinks.sanitize import one_line

Write = Callable[[str], object]

_CLEAR = "\r\033[K"
_SECONDS = 0.5
_NAMES = 3


class Progress:
    """A sink around another one that writes to the same terminal; `make` is given the way to write."""

    def __init__(
        self,
        make: Callable[[Write], Callable[[Event], None]],
        out: Write,
        width: int = 79,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._out = out
        self._width = width
        self._clock = clock
        self._lock = threading.RLock()
        self._shown = False
        self._ended = threading.Event()
        self._paused = False
        self._hosts = 0
        self._done = 0
        self._running: dict[str, float] = {}
        self._task = ""
        self.inner = make(self.write)
        self._ticker: threading.Thread | None = None

    def __call__(self, event: Event) -> None:
        """Pass an event on and show where the run is."""
        with self._lock:
            self._count(event)
            self.inner(event)
            if isinstance(event, RunDone):
                self.close()
            else:
                self._show()

    def write(self, text: str) -> None:
        """Write lines above the progress line."""
        with self._lock:
            self._hide()
            self._out(text)

    def close(self) -> None:
        """Take the line away for good."""
        with self._lock:
            self._ended.set()
            self._hide()

    def pause(self, *, on: bool) -> None:
        """Keep the line away while somebody is asked something on the terminal; or let it come back."""
        with self._lock:
            self._paused = on
            self._hide()

    def line(self) -> str:
        """What the progress line says; "" while nothing runs."""
        if not self._running:
            return ""
        now = self._clock()
        oldest = sorted(self._running, key=self._running.__getitem__)
        names = ", ".join(oldest[:_NAMES]) + (f" and {len(oldest) - _NAMES} more" if len(oldest) > _NAMES else "")
        seconds = int(now - self._running[oldest[0]])
        text = f"{self._task}: {self._done}/{self._hosts} hosts done, waiting for {names} ({seconds} s)"
        return one_line(text)[: self._width]

    def _count(self, event: Event) -> None:
        if isinstance(event, PlayStarted):
            self._hosts = len(event.hosts)
        elif isinstance(event, TaskStarted):
            self._task, self._done = event.task.name, 0
        elif isinstance(event, HostStarted):
            self._running[event.host] = self._clock()
            self._start()
        elif isinstance(event, HostDone):
            self._running.pop(event.host, None)
            self._done += 1

    def _start(self) -> None:
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()

    def _tick(self) -> None:
        while not self._ended.wait(_SECONDS):
            with self._lock:
                if not self._ended.is_set():
                    self._show()

    def _show(self) -> None:
        text = self.line()
        self._hide()
        if text and not self._paused:
            self._out(text)
            self._shown = True

    def _hide(self) -> None:
        if self._shown:
            self._out(_CLEAR)
            self._shown = False
