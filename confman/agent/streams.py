"""Keeps a module's stray output away from the channel."""

from __future__ import annotations

import fcntl
import os
import sys
import termios
import threading
import time

KEPT = 4096
"""Bytes of stray output that are remembered."""


class Strays:
    """Whatever is written to standard output or error while modules run: kept for a warning, up to a bound."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._text = b""
        self._lock = threading.Lock()
        threading.Thread(target=self._drain, name="strays", daemon=True).start()

    def take(self) -> str:
        """What was written since the last call of this, as text; "" when nothing."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self._settle()
        with self._lock:
            text, self._text = self._text, b""
        return text.decode("utf-8", "replace").strip()

    def _settle(self) -> None:
        """Give the draining thread the moment it needs for what is still in the pipe."""
        for _try in range(50):
            waiting = fcntl.ioctl(self._source, termios.FIONREAD, b"\0\0\0\0")
            if waiting == b"\0\0\0\0":
                return
            time.sleep(0.001)

    def _drain(self) -> None:
        while True:
            part = os.read(self._source, 65536)
            if not part:
                return
            with self._lock:
                self._text = (self._text + part)[:KEPT]


def detach() -> tuple[int, Strays]:
    """Move the channel's output to a descriptor that nobody knows; 0 becomes /dev/null, 1 and 2 a drained pipe.

    Returns the descriptor of the channel's output, which children do not inherit, and the strays.
    """
    output = _high(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    source, sink = os.pipe()
    source = _high(source)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    if sink > 2:
        os.close(sink)
    sys.stdin = os.fdopen(os.dup(0), "r")
    sys.stdout = os.fdopen(os.dup(1), "w", 1, encoding="utf-8", errors="backslashreplace")
    sys.stderr = os.fdopen(os.dup(2), "w", 1, encoding="utf-8", errors="backslashreplace")
    return output, Strays(source)


def _high(descriptor: int) -> int:
    """A copy that is out of the way of 0, 1 and 2 and closed on exec."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
