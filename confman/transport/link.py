"""One agent on a host: started for an identity, then called again and again over one process's streams."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from confman.errors import ConfmanError, ConnectionFailed, TargetError
from confman.model.records import dataclass
from confman.transport.blobs import BlobServer
from confman.transport.lifeline import Lifeline, Means
from confman.transport.spill import Spills
from confman.transport.wire import encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from confman.model.call import Call, Identity
    from confman.payload.bundle import Closure
    from confman.transport.base import Connection

OVERTIME = 20.0
"""Seconds beyond a call's own time limit after which the agent is given up."""


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


class AgentLink:
    """An agent that runs as one identity. Not for use by two tasks at once: see `Session`."""

    def __init__(self, connection: Connection, means: Means, identity: Identity) -> None:
        self.life = Lifeline(connection, means, identity)
        self._bundle = means.bundle
        self._folder = means.spills
        self._sent: set[str] = set()
        self._calls = 0
        self._running = ""
        self.broken = False

    async def start(self) -> None:
        """Start the agent. Returns before it spoke, so that the first call travels with it."""
        await self.life.start()

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

    async def calls(self, calls: Sequence[Call], take: Callable[[dict[str, Any] | None], object]) -> None:
        """Run modules one after the other, all sent at once; `take` gets their results in order, as they come.

        The first that did not go well, or that tells of facts, is the last one that is done. For those behind it, or
        behind the first that cannot be sent, `take` gets None.
        Whatever is raised leaves the link broken and its processes ended.
        """
        servers = [BlobServer(self._bundle.digests) for _call in calls]
        async with self._whole():
            try:
                numbers = await self._send(calls, servers)
                at = 0
                for at, number in enumerate(numbers, 1):
                    behind, module = len(numbers) - at, calls[at - 1].module
                    self._running = f"{module}, with {behind} more behind it," if behind else module
                    result, stops = await self._result(number, servers[at - 1])
                    take(result)
                    if stops:
                        break
                for _undone in calls[at:]:
                    take(None)
            finally:
                for blobs in servers:
                    blobs.close()

    async def fetch(self, path: str, write: Callable[[bytes], object]) -> FetchInfo:
        """Read a file, passing its content to `write`. Raises FileError when it cannot be read."""
        self._running = f"reading {path}"
        async with self._whole():
            number = self._number()
            stay = encode({"op": "stay"}) if self.life.one_shot else b""
            await self.life.process.write(stay + encode({"op": "read", "id": number, "path": path}))
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
        await self.life.leave()
        await self.abandon()

    async def abandon(self) -> None:
        """Close the channel: the agent ends what it started and goes."""
        self.broken = True
        await self.life.close()

    async def _call(self, call: Call, blobs: BlobServer) -> dict[str, Any]:
        (number,) = await self._send([call], [blobs])
        result, _stops = await self._result(number, blobs)
        return result

    async def _send(self, calls: Sequence[Call], servers: Sequence[BlobServer]) -> list[int]:
        """Send calls with what they need, each behind the first to be done only after the one before; their numbers.

        One that cannot be sent ends the list; the error is that of its own turn.
        """
        parts: list[bytes] = []
        numbers: list[int] = []
        for call, blobs in zip(calls, servers, strict=True):
            try:
                number, frames = await self._frames(call, blobs, chained=bool(numbers))
            except (ConfmanError, ValueError, TypeError):
                if not numbers:
                    raise
                break
            numbers.append(number)
            parts.append(frames)
        if self.life.one_shot:
            await self.life.process.write(encode({"op": "stay"}) + b"".join(parts))
            for blobs in servers:
                await blobs.push(self.life.process)
        else:
            await self.life.process.write(b"".join(parts))
        return numbers

    async def _frames(self, call: Call, blobs: BlobServer, *, chained: bool) -> tuple[int, bytes]:
        """The number of a call, and the frames that ask for it. Raises ConfmanError, ValueError or TypeError."""
        closure = self._bundle.closure(call)
        message = await self._message(call, closure, blobs)
        if chained:
            message["chained"] = True
        frames = self._unsent(closure) + encode(message)
        self._sent.update(piece.digest for piece in closure.pieces)
        number: int = message["id"]
        return number, frames

    async def _message(self, call: Call, closure: Closure, blobs: BlobServer) -> dict[str, Any]:
        message = {
            "op": "call",
            "id": self._number(),
            "name": call.module,
            "entry": closure.entry,
            "function": closure.function,
            "arguments": await blobs.describe(call.arguments),
            "plan_only": call.plan_only,
            "diff": call.diff,
            "verify": call.verify,
            "keep": call.keep,
            "paths": call.paths,
            "environment": dict(call.environment),
            "timeout": call.timeout,
        }
        if call.job is not None:
            message["job"] = {"name": call.job.name, "seconds": call.job.seconds, "folder": call.job.folder}
        if closure.plan is not None:
            message["foreign"] = closure.plan
        return message

    def _told(self, result: dict[str, Any]) -> dict[str, Any]:
        """A result with what the agent's start has to tell, once, and with the Python that it is."""
        life = self.life
        if life.noise:
            result["_noise"], life.noise = life.noise, ""
        if life.executable:
            result.update(_interpreter=life.executable, _candidate=life.candidate)
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

    async def _result(self, number: int, blobs: BlobServer) -> tuple[dict[str, Any], bool]:
        """What a call gave, and whether calls that are chained to it are left undone."""
        spills = Spills(self._folder)
        try:
            while True:
                message = await self._next(number)
                if isinstance(message, dict) and "pull" in message:
                    await blobs.serve(self.life.process, message)
                elif not spills.take(message):
                    stops = isinstance(message, dict) and bool(message.get("stops"))
                    return self._told(spills.complete(message)), stops
        except BaseException:
            spills.drop()
            raise

    async def _next(self, number: int) -> dict[str, Any] | bytes:
        """The next message that belongs to call `number`."""
        message = await self.life.frame(self._running)
        if isinstance(message, dict) and message.get("id") != number:
            raise TargetError("the target answered what it was not asked")
        return message

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
            if isinstance(error, ConnectionFailed) and self.life.greeted and "in doubt" not in error.message:
                message = f"{error.message}, during {self._running}: whether that was finished is in doubt"
                raise type(error)(message, hint=error.hint) from error
            raise
