"""SSH by paramiko: a second library, in threads, for those who need it. `pip install paramiko`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import paramiko

from confman.errors import AuthenticationFailed, ConnectionFailed, TargetError, UsageError
from confman.transport.base import CHUNK
from confman.transport.hostkeys import DEFAULT_FILES, policy_of
from confman.transport.sshargs import check_target, ssh_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.model.call import Target

AUTH_TIMEOUT = 60.0
"""Seconds for logging in once keys were exchanged."""


class ParamikoProcess:
    """A channel; a thread reads each output into a bounded queue, another writes."""

    def __init__(self, channel: paramiko.Channel, name: str) -> None:
        self._channel = channel
        self._name = name
        self._loop = asyncio.get_running_loop()
        self._writer = ThreadPoolExecutor(1, "confman-paramiko-write")
        self._ended = asyncio.Event()
        self._closed = threading.Event()
        self._outputs = {
            "stdout": _Output(self._loop, channel.recv, self._closed),
            "stderr": _Output(self._loop, channel.recv_stderr, self._closed),
        }
        threading.Thread(target=self._wait, daemon=True).start()

    async def write(self, data: bytes) -> None:
        """Send to standard input."""
        with contextlib.suppress(OSError, RuntimeError):
            await self._loop.run_in_executor(self._writer, self._channel.sendall, data)

    async def write_eof(self) -> None:
        """End standard input, after what was written before."""
        with contextlib.suppress(OSError, EOFError, RuntimeError):
            await self._loop.run_in_executor(self._writer, self._channel.shutdown_write)

    async def read(self, limit: int) -> bytes:
        """Some of standard output."""
        return await self._outputs["stdout"].read(limit)

    async def read_stderr(self, limit: int) -> bytes:
        """Some of standard error."""
        return await self._outputs["stderr"].read(limit)

    async def wait(self) -> int | None:
        """The exit code; None when it was ended by a signal or the link broke: paramiko does not tell."""
        await self._ended.wait()
        code = self._channel.exit_status
        return code if code >= 0 else None

    async def kill(self) -> None:
        """Close the channel: paramiko cannot send signals."""
        await self.close()

    async def close(self) -> None:
        """Close the channel and let the threads go."""
        self._closed.set()
        self._channel.close()
        self._writer.shutdown(wait=False, cancel_futures=True)

    def _wait(self) -> None:
        # The event is set by the exit code, and by the end of the channel.
        self._channel.status_event.wait()
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ended.set)


class _Output:
    """One output stream: filled by a thread that waits while more than a few chunks are unread."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, receive: Callable[[int], bytes], closed: threading.Event
    ) -> None:
        self._loop = loop
        self._receive = receive
        self._closed = closed
        self._room = threading.Semaphore(8)
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()
        self._rest = b""
        self._over = False
        threading.Thread(target=self._fill, daemon=True).start()

    async def read(self, limit: int) -> bytes:
        """Between one and `limit` bytes; b"" at the end."""
        if not self._rest and not self._over:
            self._rest = await self._parts.get()
            self._over = not self._rest
            self._room.release()
        part, self._rest = self._rest[:limit], self._rest[limit:]
        return part

    def _fill(self) -> None:
        part = b"-"
        while part:
            while not self._room.acquire(timeout=1.0):
                if self._closed.is_set():
                    return
            try:
                part = self._receive(CHUNK)
            except OSError:
                part = b""
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._parts.put_nowait, part)


class ParamikoConnection:
    """One SSH connection by paramiko."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._address = check_target(target)
        self._options = ssh_options(target.options)
        self._client: paramiko.SSHClient | None = None
        self._watch: asyncio.Task[None] | None = None
        logging.getLogger("paramiko").setLevel(logging.CRITICAL)

    async def open(self) -> None:
        """Log in."""
        client = paramiko.SSHClient()
        try:
            self._trust(client)
            await asyncio.to_thread(client.connect, **self._arguments())
        except Exception as error:
            client.close()
            raise self._refused(error) from error
        self._client = client
        self._watch = asyncio.create_task(self._keep_alive(client))

    async def start(self, command: str, *, pty: bool = False) -> ParamikoProcess:
        """Start a command in a new channel."""
        transport = self._client.get_transport() if self._client is not None else None
        if transport is None:
            raise ConnectionFailed(f"{self._target.name}: not connected")
        try:
            channel = await asyncio.to_thread(transport.open_session, timeout=self._target.connect_timeout)
            if pty:
                await asyncio.to_thread(channel.get_pty)
            await asyncio.to_thread(channel.exec_command, command)
        except paramiko.ChannelException as error:
            hint = "MaxSessions of its sshd bounds the commands on one connection."
            raise TargetError(f"the host refuses another command: {error.text}", hint=hint) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise ConnectionFailed(f"{self._target.name}: the connection broke: {error}") from error
        return ParamikoProcess(channel, self._target.name)

    async def close(self) -> None:
        """Log out."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.close)

    def _arguments(self) -> dict[str, Any]:
        target, seconds = self._target, self._target.connect_timeout
        settings = self._settings()
        proxy = self._options.get("ProxyCommand") or settings.get("proxycommand")
        key = target.private_key or self._options.get("IdentityFile")
        keys = [key] if key else settings.get("identityfile")
        return {
            "hostname": settings.get("hostname", self._address),
            "port": int(target.port or self._options.get("Port") or settings.get("port", 22)),
            "username": target.user or self._options.get("User") or settings.get("user"),
            "password": target.password,
            "passphrase": target.private_key_passphrase,
            "key_filename": _expanded(keys),
            "timeout": seconds,
            "banner_timeout": seconds,
            "auth_timeout": AUTH_TIMEOUT,
            "channel_timeout": seconds,
            "look_for_keys": key is None,
            "compress": False,
            "sock": paramiko.ProxyCommand(proxy) if proxy and proxy != "none" else None,
        }

    def _settings(self) -> dict[str, Any]:
        """What ~/.ssh/config says about the host."""
        path = Path(self._options.file or "~/.ssh/config").expanduser()
        if not path.is_file():
            return {}
        try:
            return dict(paramiko.SSHConfig.from_path(str(path)).lookup(self._address))
        except (OSError, paramiko.SSHException) as error:
            raise UsageError(f"{self._target.name}: the ssh configuration {path} is wrong: {error}") from error

    def _trust(self, client: paramiko.SSHClient) -> None:
        policy = policy_of(self._options.get("StrictHostKeyChecking"), checking=self._target.host_key_checking)
        named = self._options.get("UserKnownHostsFile")
        for name in named.split() if named else DEFAULT_FILES:
            path = Path(name).expanduser()
            if path.is_file():
                client.load_system_host_keys(str(path))
        client.set_missing_host_key_policy(paramiko.RejectPolicy() if policy == "yes" else _Accept())

    async def _keep_alive(self, client: paramiko.SSHClient) -> None:
        """Ask the host now and then; close the connection when it does not answer."""
        transport = client.get_transport()
        while transport is not None and transport.is_active():
            await asyncio.sleep(self._target.keepalive)
            asking = asyncio.to_thread(transport.global_request, "keepalive@openssh.com", None, True)
            try:
                await asyncio.wait_for(asking, self._target.keepalive * self._target.keepalive_count)
            except (TimeoutError, paramiko.SSHException, OSError, EOFError):
                transport.close()
                return

    def _refused(self, error: Exception) -> Exception:
        name, where = self._target.name, f"{self._address} port {self._target.port or 22}"
        if isinstance(error, UsageError):
            return error
        if isinstance(error, paramiko.BadHostKeyException):
            hint = f"It offers {error.key.fingerprint}. If that is right: ssh-keygen -R '{self._address}'"
            return ConnectionFailed(f"{name}: the host key of {where} has CHANGED", hint=hint)
        if isinstance(error, paramiko.PasswordRequiredException):
            hint = "Set ansible_ssh_private_key_passphrase or use ssh-agent."
            return AuthenticationFailed(f"{name}: the key {self._target.private_key} needs its passphrase", hint=hint)
        if isinstance(error, paramiko.AuthenticationException):
            hint = "Check ansible_user, the key file or password, and authorized_keys on the target."
            return AuthenticationFailed(f"{name}: {where} refused the log-in", hint=hint)
        if isinstance(error, socket.gaierror):
            return ConnectionFailed(f"{name}: the name {self._address} does not resolve", hint="Set ansible_host.")
        if "not found in known_hosts" in str(error):
            hint = f"If that is right: ssh-keyscan {self._address} >> ~/.ssh/known_hosts"
            return ConnectionFailed(f"{name}: the host key of {where} is unknown", hint=hint)
        return ConnectionFailed(f"{name}: cannot connect to {where}: {' '.join(str(error).split())[:200]}")


class _Accept(paramiko.MissingHostKeyPolicy):
    """Takes any unknown key: only where checking was switched off."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Say nothing."""


def _expanded(names: list[str] | None) -> list[str] | None:
    return [str(Path(name).expanduser()) for name in names] if names else None
