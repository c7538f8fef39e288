"""The life of one agent on a host: how it is started and greeted, watched while it works, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Any

from confman.errors import ConnectionFailed, TargetError
from confman.model.records import dataclass
from confman.shell.become import Becoming, become
from confman.shell.python import first_input, python_argv
from confman.transport.ending import Ending, died, entry_limit, gone_silent, never_entered, not_started
from confman.transport.heart import Heart
from confman.transport.local import LocalConnection
from confman.transport.oneshot import OneShotConnection
from confman.transport.watch import ErrorWatch
from confman.transport.wire import FrameReader, encode

if TYPE_CHECKING:
    from confman.model.call import Identity, Target
    from confman.payload.bundle import Bundle
    from confman.transport.base import Connection, Process
    from confman.transport.spill import SpillFolder

START_TIMEOUT = 60.0
"""Seconds from the start of a command to the agent's first word; sudo may have to ask a slow directory."""
LEAVING = 5.0
"""Seconds that an agent which was asked to go gets for that."""
NOISE = 2000
"""Characters of what a host printed before the agent that are passed on."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the links of a host share: how it is reached, what travels, and where long outputs are kept."""

    target: Target
    bundle: Bundle
    spills: SpillFolder


class Lifeline:
    """An agent's process on a host, from its start to its end.

    greeted: whether it has spoken. noise: what the host printed before that. executable, candidate: the Python that
    runs it, and the name by which that was found.
    """

    def __init__(self, connection: Connection, means: Means, identity: Identity) -> None:
        self._connection = connection
        self._target = means.target
        self._bundle = means.bundle
        self._identity = identity
        self._nonce = secrets.token_hex(16)
        self._marker = secrets.token_hex(8)
        self.heart: Heart | None = None
        self.greeted = False
        self.noise = ""
        self.executable = ""
        self.candidate = ""

    @property
    def one_shot(self) -> bool:
        """Whether all input has to be sent before any output comes."""
        return isinstance(self._connection, OneShotConnection)

    async def start(self) -> None:
        """Start the command. Returns before the agent spoke, so that the first call travels with it."""
        argv = python_argv(self._marker, self._target.interpreter, self._target.fallback)
        self._becoming: Becoming = become(self._identity, argv, self._marker)
        self.process: Process = await self._connection.start(self._becoming.command)
        self._errors = ErrorWatch(self.process)
        self._frames = FrameReader(self.process)
        # The end of a process of this machine always closes its pipes.
        if not isinstance(self._connection, OneShotConnection | LocalConnection):
            self.heart = Heart(self.process, self._target, lambda: self._frames.heard)
        if self._becoming.prompt is None:
            await self._begin()
        else:
            await self.greet()

    async def frame(self, running: str) -> dict[str, Any] | bytes:
        """The agent's next message while it is `running` something. Raises what its end means when it went away."""
        if not self.greeted:
            await self.greet()
        message: dict[str, Any] | bytes | None = {"alive": True}
        while isinstance(message, dict) and "alive" in message:
            message = await self._heard()
        if message is None:
            raise await self._died(running)
        return message

    async def leave(self) -> None:
        """Ask the agent to go, and wait until it is gone."""
        with contextlib.suppress(ConnectionFailed, TimeoutError):
            async with asyncio.timeout(LEAVING):
                await self.process.write(encode({"op": "end"}))
                await self.process.wait()

    async def close(self) -> None:
        """Close the channel: the agent ends what it started and goes."""
        if self.heart is not None:
            self.heart.stop()
        with contextlib.suppress(ConnectionFailed):
            await self.process.close()
        await self._errors.close()

    async def _heard(self) -> dict[str, Any] | bytes | None:
        """The next message; meanwhile the agent's silence is counted."""
        if self.heart is None:
            return await self._frames.frame()
        self.heart.waiting = True
        try:
            return await self._frames.frame()
        finally:
            self.heart.waiting = False

    async def _begin(self) -> None:
        """Send what the agent is made of."""
        await self.process.write(first_input(self._nonce, self._bundle.boot))
        if self.heart is not None:
            self.heart.start()

    async def greet(self) -> None:
        """Wait for the agent's first word, giving the password when asked."""
        marked = False
        try:
            async with asyncio.timeout(self._patience()):
                noise = await self._marked()
                marked = True
                await self._hello()
        except TimeoutError as error:
            if self._identity.method and not marked:
                raise never_entered(self._target.name, self._identity, self._patience(), self._errors.text) from error
            said = (self._errors.text or self._frames.rest.decode("utf-8", "replace")).strip()[-200:]
            message = f"the agent did not start within {START_TIMEOUT:g} s" + (f"; it said: {said}" if said else "")
            raise TargetError(message, hint="Look for start-up files of the shell that wait for input.") from error
        self.greeted = True
        self.noise = noise.decode("utf-8", "replace").strip()[:NOISE]

    def _patience(self) -> float:
        return entry_limit(self._target, self._identity, START_TIMEOUT)

    async def _hello(self) -> None:
        """Take the agent's first frame, which has to carry our nonce."""
        hello = await self._frames.frame()
        if hello is None:
            raise await self._died("nothing")
        if isinstance(hello, bytes) or hello.get("hello") != self._nonce:
            raise TargetError("the target did not answer as our agent")
        self.executable = str(hello.get("executable") or "")[:4096]
        self.candidate = str(hello.get("candidate") or "")[:4096]

    async def _marked(self) -> bytes:
        """What was printed before the marker; sends the first input where that had to wait."""
        marked = asyncio.create_task(self._frames.until(self._marker.encode()))
        try:
            await self._errors.answer(marked, self._identity, self._becoming)
            noise = await marked
        finally:
            marked.cancel()
        if noise is None:
            raise await self._not_started()
        if self._becoming.prompt is not None:
            await self._begin()
        return noise

    async def _not_started(self) -> Exception:
        code = await self._ended()
        chosen = self._target.interpreter or ""
        return not_started(
            self._ending(code), self._marker, self._identity, "" if chosen.startswith("auto") else chosen
        )

    async def _died(self, running: str) -> Exception:
        if self.heart is not None and self.heart.silent:
            return gone_silent(self._target.name, running, self.heart.limit)
        code = await self._ended()
        return died(self._ending(code), running, greeted=self.greeted)

    def _ending(self, code: int | None) -> Ending:
        printed = self._frames.rest.decode("utf-8", "replace")
        return Ending(self._target.name, code, printed, self._errors.text.strip())

    async def _ended(self) -> int | None:
        """The exit code of the command, once its standard error is read to the end."""
        try:
            async with asyncio.timeout(5):
                code = await self.process.wait()
        except (TimeoutError, ConnectionFailed):
            code = None
        await self._errors.finish(1.0)
        return code
