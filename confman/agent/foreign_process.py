"""A child of the agent that runs a module: what it prints is kept up to a bound, its end is waited for."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes of standard output that are kept."""
MAX_ERRORS = 4 * 1024 * 1024
"""Bytes of standard error that are kept."""
POLL = 0.05
"""Seconds without output after which it is asked whether the child has ended."""
LINGER = 0.3
"""Seconds to wait for more output once the child has ended, though something that it started holds its pipes."""
CRASHED = 70
"""Exit code of a child that could not even begin."""


class Output:
    """What a child printed, and its exit code (negative: the signal that ended it)."""

    __slots__ = ("code", "stderr", "stdout")

    def __init__(self, stdout: bytes, stderr: bytes, code: int) -> None:
        self.stdout = stdout
        self.stderr = stderr
        self.code = code


class _Stream:
    """One pipe that is read to its end."""

    __slots__ = ("descriptor", "kept", "limit", "size")

    def __init__(self, descriptor: int, limit: int) -> None:
        self.descriptor = descriptor
        self.limit = limit
        self.size = 0
        self.kept = []  # type: list[bytes]

    def read(self) -> bool:
        """Take what is there; whether there may be more."""
        part = os.read(self.descriptor, 65536)
        if self.size < self.limit:
            self.kept.append(part[: self.limit - self.size])
        self.size += len(part)
        return bool(part)


def collect(work: Callable[[], int], keep: tuple[int, ...] = ()) -> Output:
    """Run `work` in a child of its own session; its result is the exit code.

    The child's standard input is empty; it has no other descriptors than `keep`.
    """
    out_source, out_sink = os.pipe()
    error_source, error_sink = os.pipe()
    pid = os.fork()
    if not pid:
        _child(work, out_sink, error_sink, keep)
    os.close(out_sink)
    os.close(error_sink)
    streams = [_Stream(out_source, MAX_OUTPUT), _Stream(error_source, MAX_ERRORS)]
    try:
        code = _watch(pid, list(streams))
    finally:
        os.close(out_source)
        os.close(error_source)
    return Output(b"".join(streams[0].kept), b"".join(streams[1].kept), code)


def _watch(pid: int, streams: list[_Stream]) -> int:
    """Read until both pipes end and the child is gone; what a daemon of it still holds is not waited for."""
    while streams:
        streams, ready = _read(streams, POLL)
        ended = None if ready else _ended(pid, wait=False)
        if ended is not None:
            while streams and ready is not None:
                streams, ready = _read(streams, LINGER)
            return ended
    return _ended(pid, wait=True) or 0


def _read(streams: list[_Stream], seconds: float) -> tuple[list[_Stream], list[int] | None]:
    """Take what arrives within some seconds; the streams that are left, and those that were ready (None: none)."""
    ready = select.select([stream.descriptor for stream in streams], [], [], seconds)[0]
    return [stream for stream in streams if stream.descriptor not in ready or stream.read()], ready or None


def _ended(pid: int, wait: bool) -> int | None:
    """The exit code of a child; None while it lives."""
    try:
        found, status = os.waitpid(pid, 0 if wait else os.WNOHANG)
    except ChildProcessError:
        # Somebody else has waited for it: nothing is known but that it ended.
        return 0
    if not found:
        return None
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


def _child(work: Callable[[], int], out: int, errors: int, keep: tuple[int, ...]) -> None:
    """The child's whole life."""
    code = CRASHED
    try:
        for number in (signal.SIGALRM, signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        kept = _streams(out, errors, keep)
        code = work()
        del kept
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code & 255)


def _streams(out: int, errors: int, keep: tuple[int, ...]) -> list[object]:
    """Give the child its three streams and nothing else; returns the objects that must not be closed by collection."""
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (out, 1), (errors, 2)):
        os.dup2(source, target)
    for number in _open_descriptors() - {0, 1, 2, *keep}:
        with contextlib.suppress(OSError):
            os.close(number)
    before = [sys.stdin, sys.stdout, sys.stderr]  # type: list[object]
    stdin = os.fdopen(0, "r", encoding="utf-8", errors="surrogateescape", closefd=False)
    stdout = os.fdopen(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
    stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
        setattr(sys, name, stream)
        setattr(sys, "__{}__".format(name), stream)
    return before


def _open_descriptors() -> set[int]:
    folder = "/proc/self/fd"
    return {int(name) for name in os.listdir(folder)} if os.path.isdir(folder) else set(range(256))
