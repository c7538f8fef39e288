"""SSH by asyncssh: the default. One connection, a channel for each command."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncssh

from confman.errors import ConnectionFailed, TargetError, UsageError
from confman.transport.filling import leave_out_filling
from confman.transport.hostkeys import HostKeys, host_keys, policy_of
from confman.transport.sshargs import check_target, ssh_options
from confman.transport.sshconfig import Login, configure
from confman.transport.ssherrors import AUTH_TIMEOUT, broken, exchanged, greeted, late, refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from confman.model.call import Target

PAUSES = (0.3, 0.8, 2.0)
"""Seconds before the next attempts when an sshd drops the connection before its banner."""
CLOSE_TIMEOUT = 2.0
"""Seconds for a polite end of a connection."""
WINDOW = 2 * 1024 * 1024


class SshProcess:
    """A command in a channel of its own."""

    def __init__(self, process: _Client, name: str) -> None:
        self._process = process
        self._name = name

    async def write(self, data: bytes) -> None:
        """Send to standard input."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(data)
            await self._linked(self._process.stdin.drain())

    async def write_eof(self) -> None:
        """End standard input."""
        with contextlib.suppress(OSError):
            self._process.stdin.write_eof()

    async def read(self, limit: int) -> bytes:
        """Some of standard output."""
        return bytes(await self._linked(self._process.stdout.read(limit)))

    async def read_stderr(self, limit: int) -> bytes:
        """Some of standard error."""
        return bytes(await self._linked(self._process.stderr.read(limit)))

    async def wait(self) -> int | None:
        """The exit code, negative for a signal."""
        await self._process.ended.wait()
        signal = self._process.exit_signal
        if signal is not None:
            return -_SIGNALS.get(signal[0], 1)
        return self._process.exit_status

    async def kill(self) -> None:
        """Kill it and close the channel: sshd passes signals on to the commands of users, but not to those of root."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.channel.abort()
        # sshd answers the closing of a channel only when its command is over: do not wait for that.
        self._process.ended.set()

    async def close(self) -> None:
        """Close the channel."""
        self._process.channel.abort()

    async def _linked(self, work: Awaitable[Any]) -> Any:
        try:
            return await work
        except BrokenPipeError:
            raise
        except (asyncssh.Error, OSError) as error:
            raise broken(self._name, error) from error


class _Client(asyncssh.SSHClientProcess[bytes]):
    """Notices the end of the command even when a child of it holds the channel open."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = asyncio.Event()

    def exit_status_received(self, status: int) -> None:
        super().exit_status_received(status)
        self.ended.set()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        super().exit_signal_received(signal, core_dumped, msg, lang)
        self.ended.set()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.ended.set()


class _Listener(asyncssh.SSHClient):
    """Judges host keys that asyncssh does not know."""

    def __init__(self, keys: HostKeys) -> None:
        self._keys = keys
        self.connection: asyncssh.SSHClientConnection | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self.connection = conn

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        return self._keys.judge(host, addr, port, key)


class SshConnection:
    """One SSH connection to a target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._address = check_target(target)
        self._options = ssh_options(target.options)
        self._connection: asyncssh.SSHClientConnection | None = None
        for logger in ("asyncssh", "asyncssh.sftp"):
            logging.getLogger(logger).setLevel(logging.CRITICAL)

    async def open(self) -> None:
        """Log in."""
        with contextlib.ExitStack() as stack:
            configured, keys = self._configured(stack)
            self._connection = await self._patiently(configured, keys)
        leave_out_filling(self._connection)

    async def start(self, command: str, *, pty: bool = False) -> SshProcess:
        """Start a command in a new channel."""
        if self._connection is None:
            raise ConnectionFailed(f"{self._target.name}: not connected")
        try:
            _channel, process = await self._connection.create_session(
                _Client, command, encoding=None, window=WINDOW, request_pty="force" if pty else False
            )
        except asyncssh.ChannelOpenError as error:
            if self._connection.is_closed():
                raise broken(self._target.name, error) from error
            hint = "MaxSessions of its sshd bounds the commands on one connection."
            raise TargetError(f"the host refuses another command: {error.reason}", hint=hint) from error
        except (asyncssh.Error, OSError) as error:
            raise broken(self._target.name, error) from error
        assert isinstance(process, _Client)
        return SshProcess(process, self._target.name)

    async def close(self) -> None:
        """Log out."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await connection.wait_closed()
        except (TimeoutError, asyncssh.Error, OSError):
            connection.abort()

    def _configured(self, stack: contextlib.ExitStack) -> tuple[Mapping[str, Any], HostKeys]:
        """What asyncssh is told by the configuration, and the keys of hosts that it names."""
        target = self._target
        key = None if target.private_key is None else str(Path(target.private_key).expanduser())
        login = Login(self._address, target.port, target.user, key, target.private_key_passphrase)
        try:
            configured = configure(login, self._options, stack)
        except (ValueError, OSError, asyncssh.Error) as error:
            raise UsageError(f"{target.name}: the ssh configuration is wrong: {error}") from error
        policy = policy_of(self._options.get("StrictHostKeyChecking"), checking=target.host_key_checking)
        return configured.arguments, host_keys(configured.known_hosts, policy)

    def _arguments(self, configured: Mapping[str, Any], keys: HostKeys, listener: _Listener) -> dict[str, Any]:
        """What asyncssh is told; what is left out comes from the configuration."""
        target = self._target
        password = {} if target.password is None else {"password": target.password}
        return {
            **configured,
            **password,
            "known_hosts": keys.entries,
            "client_factory": lambda: listener,
            "keepalive_interval": target.keepalive,
            "keepalive_count_max": target.keepalive_count,
            "connect_timeout": None,
            "login_timeout": target.connect_timeout + AUTH_TIMEOUT + 5,
            "compression_algs": None,
            "client_version": "confman",
        }

    async def _patiently(self, configured: Mapping[str, Any], keys: HostKeys) -> asyncssh.SSHClientConnection:
        """Connect; an sshd that drops connections because too many are being made (MaxStartups) is asked again."""
        for pause in PAUSES:
            listener = _Listener(keys)
            try:
                return await self._connect(self._arguments(configured, keys, listener), keys, listener)
            except ConnectionFailed as error:
                dropped = isinstance(error.__cause__, asyncssh.ConnectionLost | ConnectionResetError)
                if not dropped or greeted(listener.connection):
                    raise
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads load, guards nothing
        listener = _Listener(keys)
        return await self._connect(self._arguments(configured, keys, listener), keys, listener)

    async def _connect(
        self, arguments: dict[str, Any], keys: HostKeys, listener: _Listener
    ) -> asyncssh.SSHClientConnection:
        work = asyncio.ensure_future(asyncssh.connect(self._address, **arguments))
        try:
            done, _ = await asyncio.wait({work}, timeout=self._target.connect_timeout)
            if not done and exchanged(listener.connection):
                done, _ = await asyncio.wait({work}, timeout=AUTH_TIMEOUT)
            if not done:
                raise late(self._target, self._where(), listener.connection)
            return work.result()
        except (asyncssh.Error, OSError, ValueError) as error:
            raise refused(error, self._target, self._where(), keys) from error
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait({work}, timeout=CLOSE_TIMEOUT)

    def _where(self) -> str:
        return f"{self._address} port {self._target.port or self._options.get('Port') or 22}"


_SIGNALS = {
    "HUP": 1,
    "INT": 2,
    "QUIT": 3,
    "ILL": 4,
    "ABRT": 6,
    "FPE": 8,
    "KILL": 9,
    "SEGV": 11,
    "PIPE": 13,
    "ALRM": 14,
    "TERM": 15,
}
"""Numbers of the signal names that the SSH protocol knows, as Linux counts them."""
