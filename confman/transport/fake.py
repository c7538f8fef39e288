"""A host in memory, for tests: commands are answered by a function, modules by functions or fixed results."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import shlex
import zlib
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from confman.shell.python import STAGE0
from confman.transport.base import RawResult
from confman.transport.wire import HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from confman.errors import ConfmanError
    from confman.model.call import Target

    Answer = Callable[[str, bytes], RawResult | Awaitable[RawResult]]
    Module = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class FakeProcess:
    """A command whose standard input is collected; an answer gives its outputs and exit code."""

    def __init__(self) -> None:
        self.input: asyncio.Queue[bytes] = asyncio.Queue()
        self.output = asyncio.StreamReader()
        self.errors = asyncio.StreamReader()
        self.code: int | None = None
        self.task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()
        self._eof = False

    async def write(self, data: bytes) -> None:
        """Send to standard input."""
        if data and not self._eof:
            self.input.put_nowait(bytes(data))

    async def write_eof(self) -> None:
        """End standard input."""
        if not self._eof:
            self._eof = True
            self.input.put_nowait(b"")

    async def read(self, limit: int) -> bytes:
        """Some of standard output."""
        return await self.output.read(limit)

    async def read_stderr(self, limit: int) -> bytes:
        """Some of standard error."""
        return await self.errors.read(limit)

    async def wait(self) -> int | None:
        """The exit code."""
        await self._ended.wait()
        return self.code

    async def kill(self) -> None:
        """End it as by signal 9."""
        if not self._ended.is_set():
            self.end(-9)

    async def close(self) -> None:
        """End its input, and it."""
        await self.write_eof()
        await self.kill()

    def end(self, code: int | None) -> None:
        """Set the exit code and end both outputs; the first one counts."""
        if self._ended.is_set():
            return
        self.code = code
        self._ended.set()
        self.output.feed_eof()
        self.errors.feed_eof()
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()


_KEPT = 10


class FakeConnection:
    """A connection to nothing.

    answer: gets a command and its whole input, gives a RawResult (or a coroutine of one); by default every command
    succeeds and says nothing. modules: results by module name, or functions from arguments to a result; a module
    that is not named gives {"changed": False}. refuse: raised by `open`. What was asked last is kept in `commands`
    and `calls` (module, arguments, plan only).
    """

    def __init__(
        self,
        target: Target | None = None,
        *,
        answer: Answer | None = None,
        modules: Mapping[str, Mapping[str, Any] | Module] | None = None,
        refuse: ConfmanError | None = None,
    ) -> None:
        self.target = target
        self.commands: deque[str] = deque(maxlen=_KEPT)
        self.calls: deque[tuple[str, dict[str, Any], bool]] = deque(maxlen=_KEPT)
        self._answer = answer or (lambda _command, _stdin: RawResult(0, b"", b""))
        self._modules = dict(modules or {})
        self._refuse = refuse
        self._stopped = False

    async def open(self) -> None:
        """Succeed, unless told to refuse."""
        if self._refuse is not None:
            raise self._refuse

    async def start(self, command: str, *, pty: bool = False) -> FakeProcess:
        """Start a fake command, or a fake agent where ours was asked for."""
        del pty
        process = FakeProcess()
        words = shlex.split(command)
        if STAGE0 in words:
            work = self._agent(process, words[words.index(STAGE0) + 1])
        else:
            self.commands.append(command)
            work = self._run(process, command)
        process.task = asyncio.create_task(work)
        return process

    async def close(self) -> None:
        """Nothing to do."""

    async def _run(self, process: FakeProcess, command: str) -> None:
        answered = self._answer(command, await _all(process))
        result = await answered if inspect.isawaitable(answered) else answered
        process.output.feed_data(result.stdout)
        process.errors.feed_data(result.stderr)
        process.end(result.rc)

    async def _agent(self, process: FakeProcess, marker: str) -> None:
        """Speak as the agent does."""
        process.output.feed_data(marker.encode() + b"\n")
        stdin = _Input(process)
        with contextlib.suppress(EOFError):
            header = b""
            while not header.strip():
                header = await stdin.line()
            nonce, length = header.split()
            await stdin.exactly(int(length))
            _say(process, {"hello": nonce.decode(), "python": [3, 13, 0], "pid": 0})
            self._stopped = False
            while True:
                kind, size = HEADER.unpack(await stdin.exactly(HEADER.size))
                body = await stdin.exactly(size)
                message = json.loads(zlib.decompress(body) if kind == b"Z" else body)
                if message["op"] == "call" and not (message.get("chained") and self._stopped):
                    _say(process, {"id": message["id"], **self._called(message)})
                elif message["op"] == "read":
                    _say(process, {"id": message["id"], "errno": "ENOENT", "msg": "No such file or directory"})
        process.end(0)

    def _called(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """What is answered to a call."""
        result = self._result(message)
        self._stopped = bool(result.get("failed") or result.get("rc") or "ansible_facts" in result)
        return {"result": result, "stops": self._stopped}

    def _result(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((message["name"], message["arguments"], message["plan_only"]))
        found: Mapping[str, Any] | Module = self._modules.get(message["name"], {"changed": False})
        return dict(found if isinstance(found, Mapping) else found(message["arguments"]))


class _Input:
    """A process's standard input, by lines and lengths."""

    def __init__(self, process: FakeProcess) -> None:
        self._process = process
        self._buffer = b""

    async def line(self) -> bytes:
        while b"\n" not in self._buffer:
            await self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    async def exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            await self._more()
        part, self._buffer = self._buffer[:size], self._buffer[size:]
        return part

    async def _more(self) -> None:
        part = await self._process.input.get()
        if not part:
            raise EOFError
        self._buffer += part


async def _all(process: FakeProcess) -> bytes:
    parts = []
    while part := await process.input.get():
        parts.append(part)
    return b"".join(parts)


def _say(process: FakeProcess, message: Mapping[str, Any]) -> None:
    body = json.dumps(message).encode("ascii")
    process.output.feed_data(HEADER.pack(b"J", len(body)) + body)
