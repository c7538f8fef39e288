"""One host: a connection, an agent for each identity, and commands without an agent."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from confman.errors import AuthenticationFailed, ConnectionFailed, TargetError
from confman.shell.become import Becoming, become, become_error
from confman.transport.base import RawResult, connect
from confman.transport.ending import AgentLeft, NoInterpreter, entry_limit, never_entered
from confman.transport.leaving import names_users, words_about_users
from confman.transport.lifeline import START_TIMEOUT, Means
from confman.transport.link import AgentLink, FetchInfo
from confman.transport.oneshot import OneShotConnection
from confman.transport.spill import SpillFolder
from confman.transport.sshargs import paced, retries_of
from confman.transport.watch import ErrorWatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from confman.model.call import Call, Identity, Target
    from confman.payload.bundle import Bundle
    from confman.transport.base import Connection, Process

_T = TypeVar("_T")
RAW_LIMIT = 32 * 1024 * 1024
"""Bytes of output that `execute` keeps; the rest is read and dropped."""
LONGEST_PAUSE = 30
"""Seconds before a connection is tried again, at most."""
LINGER = 2.0
"""Seconds to wait for output after a command ended though a child of it still holds the pipe."""


class Session:
    """One host: one connection, an agent for each identity, started when first needed.

    spills: where long outputs are kept; without it, in a folder that is removed when the session is closed.
    """

    def __init__(
        self, target: Target, bundle: Bundle, connection: Connection | None = None, spills: SpillFolder | None = None
    ) -> None:
        self.target = target = paced(target)
        self._own_spills = SpillFolder() if spills is None else None
        self.means = Means(target, bundle, spills or self._own_spills or SpillFolder())
        self._given = connection
        self._connection: Connection | None = None
        self._links: dict[Identity, AgentLink] = {}
        self._locks: dict[Identity, asyncio.Lock] = {}
        self._opening = asyncio.Lock()

    async def open(self) -> None:
        """Connect, if not yet. Raises ConnectionFailed or AuthenticationFailed."""
        async with self._opening:
            if self._connection is None:
                connection = self._given or connect(self.target)
                await self._patiently(connection)
                self._connection = connection

    async def _patiently(self, connection: Connection) -> None:
        """Open a connection, as often as `ansible_ssh_retries` allows; a refused log-in is not tried again."""
        retries = retries_of(self.target)
        for attempt in range(retries):
            try:
                await connection.open()
            except AuthenticationFailed:
                raise
            except ConnectionFailed:
                await connection.close()
                await asyncio.sleep(min(2**attempt - 1, LONGEST_PAUSE))
            else:
                return
        await connection.open()

    def beside(self, connection: Connection) -> Session:
        """A session with the same means over another connection to the same host."""
        return Session(self.target, self.means.bundle, connection, self.means.spills)

    async def connection(self) -> Connection:
        """The open connection. Raises ConnectionFailed or AuthenticationFailed."""
        await self.open()
        assert self._connection is not None
        return self._connection

    async def call(self, identity: Identity, call: Call) -> dict[str, Any]:
        """Run a module as `identity` and give its result; a module's failure is a result too.

        Raises ConnectionFailed when the link dies, TargetError when the host cannot run the agent or answers
        nonsense, BecomeFailed when the identity is refused. Cancelling ends the remote work.
        """
        await self._make_way(identity, names_users(call))
        async with self._lock(identity):
            try:
                return await self._asked(identity, lambda link: link.call(call))
            except NoInterpreter as error:
                return error.result()

    async def calls(
        self, identity: Identity, calls: Sequence[Call], take: Callable[[dict[str, Any] | None], object]
    ) -> None:
        """Run modules one after the other in one go: `take` gets their results, None for those that were left out.

        Those behind one that did not go well, or that told of facts, are left out. Raises as `call` does.
        """
        await self._make_way(identity, frozenset().union(*map(names_users, calls)))
        left = list(calls)

        def taken(result: dict[str, Any] | None) -> None:
            left.pop(0)
            take(result)

        async with self._lock(identity):
            try:
                await self._asked(identity, lambda link: link.calls(tuple(left), taken))
            except NoInterpreter as error:
                for number in range(len(left)):
                    take(None if number else error.result())

    @property
    def lasting(self) -> bool:
        """Whether an agent stays for further calls."""
        return not isinstance(self._connection, OneShotConnection)

    async def fetch(self, identity: Identity, path: str, write: Callable[[bytes], object]) -> FetchInfo:
        """Read a file as `identity`, in chunks. Raises FileError (a TargetError with `code`) or as `call` does."""
        async with self._lock(identity):
            return await self._asked(identity, lambda link: link.fetch(path, write))

    async def execute(
        self,
        identity: Identity,
        command: str,
        *,
        stdin: bytes = b"",
        timeout: float | None = None,  # noqa: ASYNC109 - a parameter of tasks, passed through
        pty: bool = False,
    ) -> RawResult:
        """Run shell text without an agent, as `raw` does. Raises TimeoutError after `timeout` seconds."""
        await self.open()
        assert self._connection is not None
        if isinstance(self._connection, OneShotConnection):
            async with asyncio.timeout(timeout):
                return await self._connection.run(identity, command, stdin)
        await self._make_way(identity, words_about_users([command]))
        mark = f"[confman {secrets.token_hex(8)} started]"
        becoming = Becoming(command)
        if identity.method:
            script = 'printf "%s\\n" "$0" >&2; exec /bin/sh -c "$1"'
            becoming = become(identity, ["/bin/sh", "-c", script, mark, command], secrets.token_hex(8))
        process = await self._connection.start(becoming.command, pty=pty)
        errors = ErrorWatch(process)
        try:
            async with asyncio.timeout(timeout):
                if identity.method:
                    await self._enter(process, errors, identity, becoming, mark.encode() + b"\n")
                return await _converse(process, errors, stdin)
        finally:
            await asyncio.shield(_dispose(process, errors))

    async def _enter(
        self, process: Process, errors: ErrorWatch, identity: Identity, becoming: Becoming, mark: bytes
    ) -> None:
        """Wait until the become program let us in. Raises BecomeFailed, ConnectionFailed, TargetError."""
        limit = entry_limit(self.target, identity, START_TIMEOUT)
        entered = asyncio.create_task(errors.until(mark))
        clock = asyncio.timeout(limit)
        try:
            async with clock:
                await errors.answer(entered, identity, becoming)
                if await entered:
                    return
        except TimeoutError as error:
            if clock.expired():
                raise never_entered(self.target.name, identity, limit, errors.text) from error
            raise
        finally:
            entered.cancel()
        code = await process.wait()
        said = errors.text.strip()
        raise become_error(identity, said) or TargetError(
            f"{identity.method} ended with exit code {code}: {said[-200:]}"
        )

    async def reset(self) -> None:
        """Close; the next call opens again."""
        await self.close()

    async def close(self) -> None:
        """End the agents and log out; may be called twice."""
        links, self._links = list(self._links.values()), {}
        for link in links:
            with contextlib.suppress(OSError):
                await link.abandon()
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
        if self._own_spills is not None:
            await asyncio.to_thread(self._own_spills.close)

    async def _make_way(self, identity: Identity, users: frozenset[str]) -> None:
        """End the agents of users that are about to be changed, if they have nothing to do."""
        idle = [
            other
            for other in self._links
            if other.method and other.user in users and other != identity and not self._lock(other).locked()
        ]
        for other in idle:
            async with self._lock(other):
                if (link := self._links.pop(other, None)) is not None:
                    await link.leave()

    def _lock(self, identity: Identity) -> asyncio.Lock:
        return self._locks.setdefault(identity, asyncio.Lock())

    async def _link(self, identity: Identity) -> AgentLink:
        await self.open()
        link = self._links.get(identity)
        if link is None:
            assert self._connection is not None
            link = AgentLink(self._connection, self.means, identity)
            try:
                await link.start()
            except BaseException:
                await asyncio.shield(_abandon(link))
                raise
            self._links[identity] = link
        return link

    async def _asked(self, identity: Identity, ask: Callable[[AgentLink], Awaitable[_T]]) -> _T:
        """What the agent of an identity answers; one that had left while it had nothing to do is started again."""
        link = await self._link(identity)
        try:
            return await self._guarded(identity, link, ask(link))
        except AgentLeft:
            link = await self._link(identity)
            return await self._guarded(identity, link, ask(link))

    async def _guarded(self, identity: Identity, link: AgentLink, work: Awaitable[_T]) -> _T:
        try:
            return await work
        finally:
            if isinstance(self._connection, OneShotConnection):
                await link.abandon()
            if link.broken and self._links.get(identity) is link:
                del self._links[identity]


async def _abandon(link: AgentLink) -> None:
    # The command may not even have been started.
    with contextlib.suppress(AttributeError):
        await link.abandon()


async def _converse(process: Process, errors: ErrorWatch, stdin: bytes) -> RawResult:
    output = bytearray()

    async def read() -> None:
        while part := await process.read(65536):
            output.extend(part[: max(0, RAW_LIMIT - len(output))])

    async def write() -> None:
        if stdin:
            await process.write(stdin)
        await process.write_eof()

    reading, writing = asyncio.create_task(read()), asyncio.create_task(write())
    try:
        code = await process.wait()
        await asyncio.wait({reading}, timeout=LINGER)
        await errors.finish(LINGER)
    finally:
        reading.cancel()
        writing.cancel()
    return RawResult(code, bytes(output), errors.data)


async def _dispose(process: Process, errors: ErrorWatch) -> None:
    await process.close()
    await errors.close()
