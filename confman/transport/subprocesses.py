"""A process of this machine as a `Process`: used by the local and the openssh transport."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENDING = 5.0
"""Seconds that a killed process gets to be gone."""


class LocalProcess:
    """A child in a session of its own, so that it and its children can be ended together."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def child(self) -> asyncio.subprocess.Process:
        """The process of the event loop."""
        return self._process

    @property
    def ended(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.returncode

    async def terminate(self) -> None:
        """Ask the process group to end."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGTERM)

    async def write(self, data: bytes) -> None:
        """Send to standard input."""
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing():
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(data)
            await stdin.drain()

    async def write_eof(self) -> None:
        """End standard input."""
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.close()

    async def read(self, limit: int) -> bytes:
        """Some of standard output."""
        return await _read(self._process.stdout, limit)

    async def read_stderr(self, limit: int) -> bytes:
        """Some of standard error."""
        return await _read(self._process.stderr, limit)

    async def wait(self) -> int | None:
        """The exit code, negative for a signal."""
        # asyncio's own wait() also waits for the pipes, which a background child may hold open.
        pause = 0.001
        while self._process.returncode is None:
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.05)
        return self._process.returncode

    async def kill(self) -> None:
        """Kill the whole process group."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self) -> None:
        """Close the streams and collect the process."""
        await self.write_eof()
        transport = getattr(self._process, "_transport", None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ENDING):
                await self.wait()
        await self.kill()
        if transport is not None:
            transport.close()


async def spawn(
    argv: Sequence[str], *, environment: Mapping[str, str] | None = None, folder: str | None = None
) -> LocalProcess:
    """Start a program with three pipes. Raises OSError when it cannot be started."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=folder,
            start_new_session=True,
            limit=1024 * 1024,
        )
    )
    try:
        return LocalProcess(await asyncio.shield(starting))
    except asyncio.CancelledError:
        # Cancelled itself, it would kill the first process only and wait for the pipes, which a child may hold.
        with contextlib.suppress(OSError):
            started = LocalProcess(await starting)
            await started.kill()
            await started.close()
        raise


async def _read(stream: asyncio.StreamReader | None, limit: int) -> bytes:
    return await stream.read(limit) if stream is not None else b""
