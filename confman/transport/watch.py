"""Standard error of a starting command: kept up to a bound, and answered when it asks for our password."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from confman.errors import ConnectionFailed
from confman.shell.become import become_error

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

    from confman.model.call import Identity
    from confman.shell.become import Becoming
    from confman.transport.base import Process

KEPT = 64 * 1024
"""Bytes of standard error that are remembered: the newest."""


class ErrorWatch:
    """Drains a process's standard error in a task of its own."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._kept = bytearray()
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._drain())
        # Those who wait look once more, and see that it is over.
        self._task.add_done_callback(lambda _task: self._tell())

    @property
    def text(self) -> str:
        """What was said lately."""
        return self._kept.decode("utf-8", "replace")

    @property
    def data(self) -> bytes:
        """The same, as bytes."""
        return bytes(self._kept)

    def forget(self, end: int) -> None:
        """Drop the first `end` bytes of what is remembered."""
        del self._kept[:end]

    async def answer(self, done: Awaitable[Any], identity: Identity, becoming: Becoming) -> None:
        """Until `done`, write the identity's password where the prompt asks for it, once.

        Raises BecomeFailed when it is asked for again: the password was wrong.
        """
        waiting = asyncio.ensure_future(done)
        answered = False
        while not waiting.done():
            news = self._changed
            match = becoming.prompt.search(self._kept) if becoming.prompt is not None else None
            if match is not None:
                self.forget(match.end())
                if answered:
                    error = become_error(identity, "", asked_again=True)
                    assert error is not None
                    raise error
                answered = True
                await self._process.write((identity.password or "").encode() + b"\n")
            changed = asyncio.ensure_future(news.wait())
            try:
                await asyncio.wait({waiting, changed}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()

    async def until(self, mark: bytes) -> bool:
        """Wait for a line on standard error and drop what is up to it; False when it ends without."""
        while True:
            news = self._changed
            if (at := self._kept.find(mark)) >= 0:
                break
            if self._task.done():
                return False
            await news.wait()
        self.forget(at + len(mark))
        return True

    async def finish(self, seconds: float) -> None:
        """Wait for the end of standard error, at most so long."""
        await asyncio.wait({self._task}, timeout=seconds)

    async def close(self) -> None:
        """Stop draining."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _drain(self) -> None:
        with contextlib.suppress(ConnectionFailed):
            while part := await self._process.read_stderr(65536):
                self._kept += part
                del self._kept[:-KEPT]
                self._tell()

    def _tell(self) -> None:
        """Wake everybody who waits. Each event is set once: one who looked before it is never left waiting."""
        told, self._changed = self._changed, asyncio.Event()
        told.set()
