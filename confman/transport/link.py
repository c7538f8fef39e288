"""One agent on a host: started for an identity, then called again and again over one process's streams."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confman.errors import ConnectionFailed, TargetError
from confman.shell.become import Becoming, become
from confman.shell.python import first_input, python_argv
from confman.transport.blobs import BlobServer
from confman.transport.ending import Ending, died, entry_limit, gone_silent, never_entered, not_started
from confman.transport.heart import Heart
from confman.transport.local import LocalConnection
from confman.transport.oneshot import OneShotConnection
from confman.transport.spill import Spills
from confman.transport.watch import ErrorWatch
from confman.transport.wire import FrameReader, encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from confman.model.call import Call, Identity, Target
    from confman.payload.bundle import Bundle, Closure
    from confman.transport.base import Connection, Process
    from confman.transport.spill import SpillFolder

START_TIMEOUT = 60.0
"""Seconds from the start of a command to the agent's first word; sudo may have to ask a slow directory."""
OVERTIME = 20.0
"""Seconds beyond a call's own time limit after which the agent is given up."""
LEAVING = 5.0
"""Seconds that an agent which was asked to go gets for that."""
NOISE = 2000
"""Characters of what a host printed before the agent that are passed on."""


@dataclass(frozen=True, slots=True)
class FetchInfo:
    """A file that was read from a host: size in bytes, sha1 in hex, permission bits."""

    size: int
    sha1: str
    mode: int


class FileError(TargetError):
    """A file on the target cannot be read; `code` is the name of the errno: ENOENT, EISDIR, EACCES ..."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Means:
    """What the links of a host share: how it is reached, what travels, and where long outputs are kept."""

    target: Target
    bundle: Bundle
    spills: SpillFolder


class AgentLink:
    """An agent that runs as one identity. Not for use by two tasks at once: see `Session`."""

    def __init__(self, connection: Connection, means: Means, identity: Identity) -> None:
        self._connection = connection
        self._target = means.target
        self._bundle = means.bundle
        self._folder = means.spills
        self._identity = identity
        self._heart: Heart | None = None
        self._nonce = secrets.token_hex(16)
        self._marker = secrets.token_hex(8)
        self._sent: set[str] = set()
        self._calls = 0
        self._greeted = False
        self._noise = ""
        self._executable = ""
        self._candidate = ""
        self._running = ""
        self.broken = False

    async def start(self) -> None:
        """Start the command. Returns before the agent spoke, so that the first call travels with it."""
        argv = python_argv(self._marker, self._target.interpreter, self._target.fallback)
        self._becoming: Becoming = become(self._identity, argv, self._marker)
        self._process: Process = await self._connection.start(self._becoming.command)
        self._errors = ErrorWatch(self._process)
        self._frames = FrameReader(self._process)
        # The end of a process of this machine always closes its pipes.
        if not isinstance(self._connection, OneShotConnection | LocalConnection):
            self._heart = Heart(self._process, self._target, lambda: self._frames.heard)
        if self._becoming.prompt is None:
            await self._begin()
        else:
            await self._greet()

    async def call(self, call: Call) -> dict[str, Any]:
        """Run a module and give its result. Whatever is raised leaves the link broken and its processes ended."""
        blobs = BlobServer(self._bundle.digests)
        limit = call.timeout + OVERTIME if call.timeout else None
        self._running = call.module
        async with self._whole():
            try:
                async with asyncio.timeout(limit):
                    return await self._call(call, blobs)
            except TimeoutError:
                if call.timeout is None:
                    raise
                await self.abandon()
                message = f"the module {call.module} timed out after {call.timeout:g} s and cannot be ended"
                return {"failed": True, "changed": False, "msg": message, "timedout": {"period": call.timeout}}
            finally:
                blobs.close()

    async def fetch(self, path: str, write: Callable[[bytes], object]) -> FetchInfo:
        """Read a file, passing its content to `write`. Raises FileError when it cannot be read."""
        self._running = f"reading {path}"
        async with self._whole():
            number = self._number()
            stay = encode({"op": "stay"}) if isinstance(self._connection, OneShotConnection) else b""
            await self._process.write(stay + encode({"op": "read", "id": number, "path": path}))
            while True:
                message = await self._next(number)
                if isinstance(message, bytes):
                    write(message)
                else:
                    break
        if "errno" in message:
            raise FileError(f"cannot read {path}: {str(message.get('msg'))[:200]}", str(message["errno"]))
        with contextlib.suppress(KeyError, TypeError, ValueError):
            return FetchInfo(int(message["size"]), str(message["sha1"]), int(message["mode"]) & 0o777)
        raise TargetError("the target answered with something else than a file")

    async def leave(self) -> None:
        """Ask the agent to go, and wait until it is gone."""
        with contextlib.suppress(ConnectionFailed, TimeoutError):
            async with asyncio.timeout(LEAVING):
                await self._process.write(encode({"op": "end"}))
                await self._process.wait()
        await self.abandon()

    async def abandon(self) -> None:
        """Close the channel: the agent ends what it started and goes."""
        self.broken = True
        if self._heart is not None:
            self._heart.stop()
        with contextlib.suppress(ConnectionFailed):
            await self._process.close()
        await self._errors.close()

    async def _call(self, call: Call, blobs: BlobServer) -> dict[str, Any]:
        closure = self._bundle.closure(call)
        number = self._number()
        message = {
            "op": "call",
            "id": number,
            "name": call.module,
            "entry": closure.entry,
            "function": closure.function,
            "arguments": await blobs.describe(call.arguments),
            "plan_only": call.plan_only,
            "diff": call.diff,
            "verify": call.verify,
            "paths": call.paths,
            "environment": dict(call.environment),
            "timeout": call.timeout,
        }
        if call.job is not None:
            message["job"] = {"name": call.job.name, "seconds": call.job.seconds, "folder": call.job.folder}
        if closure.plan is not None:
            message["foreign"] = closure.plan
        sources = self._unsent(closure)
        if isinstance(self._connection, OneShotConnection):
            await self._process.write(encode({"op": "stay"}) + sources + encode(message))
            await blobs.push(self._process)
        else:
            await self._process.write(sources + encode(message))
        self._sent.update(piece.digest for piece in closure.pieces)
        result = await self._result(number, blobs)
        if self._noise:
            result["_noise"], self._noise = self._noise, ""
        if self._executable:
            result["_interpreter"] = self._executable
            result["_candidate"] = self._candidate
        return result

    def _unsent(self, closure: Closure) -> bytes:
        """The frame with those sources of a module that the target has not got yet."""
        new = [piece for piece in closure.pieces if piece.digest not in self._sent]
        if not new:
            return b""
        frames, key = self._bundle.frames, tuple(piece.digest for piece in new)
        if key not in frames:
            frames[key] = encode({"op": "source", "sources": {piece.name: piece.entry() for piece in new}})
        return frames[key]

    async def _result(self, number: int, blobs: BlobServer) -> dict[str, Any]:
        spills = Spills(self._folder)
        try:
            while True:
                message = await self._next(number)
                if isinstance(message, dict) and "pull" in message:
                    await blobs.serve(self._process, message)
                elif not spills.take(message):
                    return spills.complete(message)
        except BaseException:
            spills.drop()
            raise

    async def _next(self, number: int) -> dict[str, Any] | bytes:
        """The next message that belongs to call `number`."""
        if not self._greeted:
            await self._greet()
        message: dict[str, Any] | bytes | None = {"alive": True}
        while isinstance(message, dict) and "alive" in message:
            message = await self._heard()
        if message is None:
            raise await self._died()
        if isinstance(message, dict) and message.get("id") != number:
            raise TargetError("the target answered what it was not asked")
        return message

    async def _heard(self) -> dict[str, Any] | bytes | None:
        """The next message; meanwhile the agent's silence is counted."""
        if self._heart is None:
            return await self._frames.frame()
        self._heart.waiting = True
        try:
            return await self._frames.frame()
        finally:
            self._heart.waiting = False

    async def _begin(self) -> None:
        """Send what the agent is made of."""
        await self._process.write(first_input(self._nonce, self._bundle.boot))
        if self._heart is not None:
            self._heart.start()

    async def _greet(self) -> None:
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
        self._greeted = True
        self._noise = noise.decode("utf-8", "replace").strip()[:NOISE]

    def _patience(self) -> float:
        return entry_limit(self._target, self._identity, START_TIMEOUT)

    async def _hello(self) -> None:
        """Take the agent's first frame, which has to carry our nonce."""
        hello = await self._frames.frame()
        if hello is None:
            raise await self._died()
        if isinstance(hello, bytes) or hello.get("hello") != self._nonce:
            raise TargetError("the target did not answer as our agent")
        self._executable = str(hello.get("executable") or "")[:4096]
        self._candidate = str(hello.get("candidate") or "")[:4096]

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

    async def _died(self) -> Exception:
        if self._heart is not None and self._heart.silent:
            return gone_silent(self._target.name, self._running, self._heart.limit)
        code = await self._ended()
        return died(self._ending(code), self._running, greeted=self._greeted)

    def _ending(self, code: int | None) -> Ending:
        printed = self._frames.rest.decode("utf-8", "replace")
        return Ending(self._target.name, code, printed, self._errors.text.strip())

    async def _ended(self) -> int | None:
        """The exit code of the command, once its standard error is read to the end."""
        try:
            async with asyncio.timeout(5):
                code = await self._process.wait()
        except (TimeoutError, ConnectionFailed):
            code = None
        await self._errors.finish(1.0)
        return code

    def _number(self) -> int:
        self._calls += 1
        return self._calls

    @contextlib.asynccontextmanager
    async def _whole(self) -> AsyncIterator[None]:
        """A block after which the link is either clean or broken and closed."""
        try:
            yield
        except BaseException as error:
            await asyncio.shield(self.abandon())
            if isinstance(error, ConnectionFailed) and self._greeted and "in doubt" not in error.message:
                message = f"{error.message}, during {self._running}: whether that was finished is in doubt"
                raise type(error)(message, hint=error.hint) from error
            raise
