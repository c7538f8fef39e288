"""Ends what an expression computes for too long: nested loops, regular expressions that never come to an end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from confman.errors import TemplateError

MAX_SECONDS = 8
"""How much processor time one expression may take."""


class TooLong(BaseException):
    """Raised in the midst of an expression; no filter may take it for a failure of its own."""


class Watch:
    """Counts seconds of processor time while an expression is evaluated (`with watch:`, also within another).

    Raises TemplateError at the end of the outermost one that took too long. Counts nothing before it is `installed`.
    """

    __slots__ = ("_depth", "_ticks")

    def __init__(self) -> None:
        self._depth = 0
        self._ticks = 0

    def __enter__(self) -> None:
        if not self._depth:
            self._ticks = 0
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._depth -= 1
        if kind is TooLong and not self._depth:
            raise TemplateError(f"it takes more than {MAX_SECONDS} seconds to compute") from None

    def tick(self, *_signal: object) -> None:
        """A second has gone by."""
        if self._depth:
            self._ticks += 1
            if self._ticks >= MAX_SECONDS:
                self._ticks = 0
                raise TooLong

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Count as long as this lasts; in the main thread only, since no other gets signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGVTALRM, self.tick)
        signal.setitimer(signal.ITIMER_VIRTUAL, 1, 1)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
