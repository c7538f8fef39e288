"""Connections that can only run one command after the other: input goes in whole, output comes out whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from confman.transport.base import RawResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.model.call import Identity


class Commands(Protocol):
    """What such a connection can do; every method blocks, and raises ConnectionFailed or TargetError.

    interpreter: the Python of this machine, where commands run here and only modules reach further; else None.
    """

    interpreter: str | None

    def open(self) -> None:
        """Log in."""
        ...

    def run(self, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        """Run a command line: exit code, standard output, standard error."""
        ...

    def run_as(self, identity: Identity, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        """The same as another user, in the way of the connection."""
        ...

    def close(self) -> None:
        """Log out."""
        ...


class OneShotProcess:
    """A `Process` over one command: it starts when the first output is asked for, with the input so far."""

    def __init__(self, run: Callable[[bytes], tuple[int, bytes, bytes]]) -> None:
        self._run = run
        self._input = bytearray()
        self._outputs = {1: b"", 2: b""}
        self._code: int | None = None
        self._starting = asyncio.Lock()
        self._over = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Keep more input; once the command ran, there is nobody to read it."""
        self._input += data

    async def write_eof(self) -> None:
        """Nothing: the input ends where the output begins."""

    async def read(self, limit: int) -> bytes:
        """Some of standard output."""
        return await self._take(1, limit)

    async def read_stderr(self, limit: int) -> bytes:
        """Some of standard error, once there is output."""
        await self._over.wait()
        return await self._take(2, limit)

    async def wait(self) -> int | None:
        """The exit code."""
        await self._ran()
        return self._code

    async def kill(self) -> None:
        """It cannot be ended before its time."""
        self._over.set()

    async def close(self) -> None:
        """Nothing is left open."""
        self._over.set()

    async def _take(self, stream: int, limit: int) -> bytes:
        await self._ran()
        part = self._outputs[stream][:limit]
        self._outputs[stream] = self._outputs[stream][limit:]
        return part

    async def _ran(self) -> None:
        async with self._starting:
            if not self._over.is_set():
                self._code, self._outputs[1], self._outputs[2] = await asyncio.to_thread(self._run, bytes(self._input))
                self._over.set()


class OneShotConnection:
    """A `Connection` over `Commands`. Agents on it live for one call."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def open(self) -> None:
        """Log in."""
        await asyncio.to_thread(self._commands.open)

    async def start(self, command: str, *, pty: bool = False) -> OneShotProcess:
        """Prepare a command."""
        del pty
        return OneShotProcess(lambda stdin: self._commands.run(command, stdin))

    async def run(self, identity: Identity, command: str, stdin: bytes) -> RawResult:
        """Run a command line as `identity`."""
        if not identity.method:
            return RawResult(*await asyncio.to_thread(self._commands.run, command, stdin))
        return RawResult(*await asyncio.to_thread(self._commands.run_as, identity, command, stdin))

    async def close(self) -> None:
        """Log out."""
        await asyncio.to_thread(self._commands.close)
