"""SSH by the `ssh` program, for what only it can: GSSAPI, FIDO keys, `Match exec`. One master carries every command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import AuthenticationFailed, ConnectionFailed
from confman.shell.quote import refuse_option
from confman.transport.hostkeys import policy_of
from confman.transport.sshargs import check_target, ssh_options, words_of
from confman.transport.subprocesses import LocalProcess, spawn

if TYPE_CHECKING:
    from confman.model.call import Target

AUTH_TIMEOUT = 60.0
"""Seconds for logging in beyond the time limit of connecting."""
ASKPASS = """#!/bin/sh
case "$1" in *assphrase*) exec cat "${0%/*}/passphrase" ;; *) exec cat "${0%/*}/password" ;; esac
"""
_SIGNS = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", "the host key has CHANGED", "If that is right: ssh-keygen -R '{0}'"),
    (
        "Host key verification failed",
        "the host key is unknown",
        "If that is right: ssh-keyscan {0} >> ~/.ssh/known_hosts",
    ),
    ("Could not resolve", "the name does not resolve", "Set ansible_host."),
    ("Connection refused", "connection refused", "Is sshd running there?"),
    ("timed out", "no answer in time", "Is it up, and is the way to it free?"),
    ("No route", "no route to host", "Is it up, and is the way to it free?"),
)


class OpensshConnection:
    """One `ssh` master process with a private control socket; each command is a client of it."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._address = check_target(target)
        self._program = refuse_option(str(target.options.get("ssh_executable") or "ssh"), "ssh_executable")
        self._options = ssh_options(target.options, strict=False)
        self._folder: Path | None = None
        self._master: LocalProcess | None = None

    async def open(self) -> None:
        """Start the master and wait until it is logged in."""
        # A socket's path may have 104 bytes at most: the folder has to be near the root.
        self._folder = Path(tempfile.mkdtemp(prefix="cm-"))
        try:
            self._master = await spawn(self._master_command(), environment=self._environment())
        except OSError as error:
            await self.close()
            hint = "Install OpenSSH's client, set ansible_ssh_executable, or use `connection: ssh`."
            raise ConnectionFailed(
                f"{self._target.name}: cannot run {self._program}: {error.strerror}", hint=hint
            ) from error
        try:
            await self._ready(self._master)
        except BaseException:
            await self.close()
            raise

    async def start(self, command: str, *, pty: bool = False) -> OpensshProcess:
        """Start a command through the master."""
        if self._master is None or self._folder is None:
            raise ConnectionFailed(f"{self._target.name}: not connected")
        argv = [self._program, "-S", str(self._folder / "s"), "-o", "BatchMode=yes", "-o", "ControlMaster=no"]
        # Without its master the client would log in anew: this makes that fail instead.
        argv += ["-o", "ProxyCommand=false", "-tt" if pty else "-T", "--", self._address, command]
        return OpensshProcess(await spawn(argv, environment=os.environ), self._master)

    async def close(self) -> None:
        """End the master and remove its socket."""
        master, self._master = self._master, None
        if master is not None:
            await master.terminate()
            await master.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _master_command(self) -> list[str]:
        target = self._target
        policy = policy_of(self._options.get("StrictHostKeyChecking"), checking=target.host_key_checking)
        asks = target.password is not None or target.private_key_passphrase is not None
        options = {
            "ControlMaster": "yes",
            "ControlPath": str(self._socket),
            "ControlPersist": "no",
            "StrictHostKeyChecking": policy,
            "BatchMode": "no" if asks else "yes",
            "NumberOfPasswordPrompts": "1",
            "Compression": "no",
        }
        after = {
            "ConnectTimeout": str(max(1, round(target.connect_timeout))),
            "ServerAliveInterval": str(max(1, round(target.keepalive))),
            "ServerAliveCountMax": str(target.keepalive_count),
        }
        argv = [self._program, "-N", "-T", "-x", *_pairs(options)]
        argv += [*(["-p", str(target.port)] if target.port is not None else [])]
        argv += [*(["-l", target.user] if target.user is not None else [])]
        argv += [*(["-i", str(Path(target.private_key).expanduser())] if target.private_key is not None else [])]
        return [*argv, *words_of(target.options), *_pairs(after), "--", self._address]

    @property
    def _socket(self) -> Path:
        assert self._folder is not None
        return self._folder / "s"

    def _environment(self) -> dict[str, str]:
        """The environment of the master; secrets wait in named pipes, never in it, in a file or in arguments."""
        environment = dict(os.environ, LC_ALL="C")
        if self._target.password is None and self._target.private_key_passphrase is None:
            return environment
        assert self._folder is not None
        script = self._folder / "askpass"
        script.write_text(ASKPASS)
        script.chmod(0o700)
        for name in ("password", "passphrase"):
            os.mkfifo(self._folder / name, 0o600)
        return dict(
            environment, SSH_ASKPASS=str(script), SSH_ASKPASS_REQUIRE="force", DISPLAY=environment.get("DISPLAY", ":0")
        )

    async def _ready(self, master: LocalProcess) -> None:
        deadline = time.monotonic() + self._target.connect_timeout + AUTH_TIMEOUT
        secrets = {"password": self._target.password, "passphrase": self._target.private_key_passphrase}
        while not self._socket.exists():
            if master.ended is not None:
                raise self._refused((await master.read_stderr(65536)).decode("utf-8", "replace"))
            if time.monotonic() > deadline:
                raise ConnectionFailed(f"{self._target.name}: {self._address} did not finish the log-in in time")
            self._feed(secrets)
            await asyncio.sleep(0.01)

    def _feed(self, secrets: dict[str, str | None]) -> None:
        """Write a secret into its pipe once somebody reads there."""
        assert self._folder is not None
        for name, secret in list(secrets.items()):
            with contextlib.suppress(OSError):
                pipe = os.open(self._folder / name, os.O_WRONLY | os.O_NONBLOCK)
                try:
                    os.write(pipe, (secret or "").encode() + b"\n")
                finally:
                    os.close(pipe)
                del secrets[name]

    def _refused(self, said: str) -> ConnectionFailed:
        name, where = self._target.name, f"{self._address} port {self._target.port or 22}"
        if "Permission denied" in said or "Too many authentication failures" in said:
            hint = "Check ansible_user, the key file or password, and authorized_keys on the target."
            return AuthenticationFailed(f"{name}: {where} refused the log-in", hint=hint)
        for sign, meaning, hint in _SIGNS:
            if sign in said:
                return ConnectionFailed(f"{name}: {where}: {meaning}", hint=hint.format(self._address))
        last = (said.strip().splitlines() or ["it said nothing"])[-1]
        return ConnectionFailed(f"{name}: cannot connect to {where}: {last[:200]}")


class OpensshProcess(LocalProcess):
    """A client of the master: its exit code is the command's, unless the master is gone."""

    def __init__(self, process: LocalProcess, master: LocalProcess) -> None:
        super().__init__(process.child)
        self._master = master

    async def wait(self) -> int | None:
        """The exit code; None when the connection broke."""
        code = await super().wait()
        if code == 255:
            # The client notices the end of the link a moment before the master is gone.
            await asyncio.sleep(0.1)
            return None if self._master.ended is not None else code
        return code


def _pairs(options: dict[str, str]) -> list[str]:
    return [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
