"""The stage of a host: kept by one process there, and entered through a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Any

from confman.errors import ConfmanError, ConnectionFailed, TargetError
from confman.model.records import dataclass
from confman.shell.become import become
from confman.shell.python import first_input, python_argv
from confman.transport.watch import ErrorWatch
from confman.transport.wire import FrameReader, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.model.call import Identity
    from confman.transport.base import Connection, Process
    from confman.transport.lifeline import Means

START_TIMEOUT = 60.0
"""Seconds until a stage stands or a command on it has begun."""
SIZE = 2 * 1024**3
"""Bytes that a dry run may write on a host; they are in its memory while the run lasts."""
BEAT = 10.0
"""Seconds between two signs of life to the process that keeps a stage."""
SILENCE = 45.0
"""Seconds without a sign of life after which a stage goes away."""


class NoStage(TargetError):
    """A host cannot have a stage; the message says why."""


@dataclass(frozen=True, slots=True)
class Login:
    """The user who logged in: number, and the variables of the session."""

    user: int
    environment: Mapping[str, str]


class RootProgram:
    """One of our programs, started as root on a host; it takes one frame and answers with one."""

    def __init__(self, connection: Connection, means: Means, root: Identity) -> None:
        self._connection = connection
        self._means = means
        self._root = root

    async def start(self, program: str, wishes: Mapping[str, Any]) -> tuple[Process, bytes, dict[str, Any]]:
        """The process, what of its output was read already, and its answer. Raises NoStage, BecomeFailed."""
        marker, nonce = secrets.token_hex(8), secrets.token_hex(16)
        becoming = become(self._root, python_argv(marker, self._means.target.interpreter), marker)
        process = await self._connection.start(becoming.command)
        errors = ErrorWatch(process)
        frames = FrameReader(process)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                marked = asyncio.create_task(frames.until(marker.encode()))
                await errors.answer(marked, self._root, becoming)
                _check_marked(await marked, errors.text)
                await process.write(first_input(nonce, self._means.bundle.program(program)) + encode(wishes))
                answer = _checked(await frames.frame(), nonce, errors.text)
        except BaseException:
            await asyncio.shield(_dispose(process))
            raise
        finally:
            await asyncio.shield(errors.close())
        return process, frames.rest, answer


def _check_marked(noise: bytes | None, said: str) -> None:
    """Raises NoStage when our program did not begin."""
    if noise is None:
        raise NoStage(f"becoming root failed: {said.strip()[-200:] or 'no Python was found'}")


def _checked(answer: dict[str, Any] | bytes | None, nonce: str, said: str) -> dict[str, Any]:
    """The answer of a program of ours. Raises NoStage when it is none, or says that something could not be had."""
    if not isinstance(answer, dict) or answer.get("hello") != nonce:
        raise NoStage(f"the program that makes it ended: {said.strip()[-300:] or 'without a word'}")
    if "error" in answer:
        raise NoStage(str(answer["error"])[:300])
    return answer


async def _dispose(process: Process) -> None:
    with contextlib.suppress(ConnectionFailed):
        await process.close()


class Stage:
    """A stage that stands, until it is closed or its connection ends."""

    def __init__(self, connection: Connection, means: Means, root: Identity) -> None:
        self._programs = RootProgram(connection, means, root)
        self._keeper: Process | None = None
        self._beating: asyncio.Task[None] | None = None
        self.pid = 0
        self.missing: tuple[str, ...] = ()

    async def open(self, size: int = SIZE, silence: float = SILENCE) -> None:
        """Make the stage. Raises NoStage, ConnectionFailed, BecomeFailed."""
        process, _rest, answer = await self._programs.start("holder", {"size": size, "silence": silence})
        self._keeper = process
        self.pid = int(answer["pid"])
        self.missing = tuple(map(str, answer.get("missing", ())))
        self._beating = asyncio.create_task(self._beat(process))

    async def enter(self, command: str, login: Login, *, network: bool) -> Process:
        """Start a command for the shell inside. Raises NoStage, ConnectionFailed."""
        wishes = {
            "pid": self.pid,
            "command": command,
            "user": login.user,
            "environment": dict(login.environment),
            "network": network,
        }
        process, rest, _answer = await self._programs.start("entry", wishes)
        return Continued(process, rest)

    async def close(self) -> None:
        """Take the stage away; may be called twice."""
        if self._beating is not None:
            self._beating.cancel()
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            await _dispose(keeper)

    async def _beat(self, process: Process) -> None:
        with contextlib.suppress(ConfmanError):
            while True:
                await asyncio.sleep(BEAT)
                await process.write(b"\n")


class Continued:
    """A process of whose output a part was read already."""

    def __init__(self, process: Process, rest: bytes) -> None:
        self._process = process
        self._rest = rest
        self.write = process.write
        self.write_eof = process.write_eof
        self.read_stderr = process.read_stderr
        self.wait = process.wait
        self.kill = process.kill
        self.close = process.close

    async def read(self, limit: int) -> bytes:
        """Between one and `limit` bytes of standard output; b"" at its end."""
        if self._rest:
            part, self._rest = self._rest[:limit], self._rest[limit:]
            return part
        return await self._process.read(limit)


class StageConnection:
    """A `Connection` to the inside of a stage. network: whether what is started reaches beyond the host."""

    def __init__(self, stage: Stage, login: Login, *, network: bool) -> None:
        self._stage = stage
        self._login = login
        self._network = network

    async def open(self) -> None:
        """The stage stands already."""

    async def start(self, command: str, *, pty: bool = False) -> Process:
        """Start a command in a shell of the user who logged in; there is never a terminal."""
        del pty
        return await self._stage.enter(command, self._login, network=self._network)

    async def close(self) -> None:
        """The stage is closed by its owner."""
