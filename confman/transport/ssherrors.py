"""What asyncssh's errors and our time limits mean, in one clear line each."""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING

import asyncssh

from confman.errors import AuthenticationFailed, ConnectionFailed

if TYPE_CHECKING:
    from confman.model.call import Target
    from confman.transport.hostkeys import HostKeys

_PLACE = re.compile(r"\('[^']*', (\d+)")
_NUMBER = re.compile(r"\[Errno (\d+)\]")
AUTH_TIMEOUT = 60.0
"""Seconds for logging in once keys were exchanged: the target may have to ask a slow directory."""


def late(target: Target, where: str, connection: asyncssh.SSHClientConnection | None) -> ConnectionFailed:
    """Which of the time limits passed, judged by how far the connection got."""
    name, seconds = target.name, target.connect_timeout
    if connection is None:
        message = f"{name}: no TCP connection to {where} within {seconds:g} s"
    elif not greeted(connection):
        message = f"{name}: {where} took the connection but sent no SSH banner within {seconds:g} s"
    elif not exchanged(connection):
        message = f"{name}: the key exchange with {where} was not finished within {seconds:g} s"
    else:
        message = f"{name}: {where} did not finish the log-in within {AUTH_TIMEOUT:g} s"
    return ConnectionFailed(message, hint="Is it up, and is the way to it free? See also the connection timeout.")


def refused(error: Exception, target: Target, where: str, keys: HostKeys) -> ConnectionFailed:
    """Why a connection could not be made."""
    name, address = target.name, target.address or target.name
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return keys.refusal(name, address, target.port or 22)
    if isinstance(error, asyncssh.PermissionDenied):
        return _denied(target, where)
    if isinstance(error, asyncssh.KeyImportError):
        hint = "Set ansible_ssh_private_key_passphrase or use ssh-agent."
        return AuthenticationFailed(f"{name}: the key {target.private_key} cannot be used: {error}", hint=hint)
    if isinstance(error, socket.gaierror):
        return ConnectionFailed(f"{name}: the name {address} does not resolve", hint="Set ansible_host.")
    if isinstance(error, FileNotFoundError):
        return AuthenticationFailed(f"{name}: there is no file {error.filename}")
    if isinstance(error, OSError):
        return ConnectionFailed(f"{name}: cannot connect to {_tried(error, address) or where}: {_reason(error)}")
    return ConnectionFailed(f"{name}: the connection to {where} broke while it was made: {_line(error)}")


def _tried(error: OSError, address: str) -> str:
    """Where a connection was tried, as the error tells: a configuration of ssh may have named another port."""
    ports = {match[1] for match in _PLACE.finditer(str(error))}
    return f"{address} port {ports.pop()}" if len(ports) == 1 else ""


def _reason(error: OSError) -> str:
    """The system's words; of several errors, one for each address of a name, the last one's."""
    numbers = [error.errno] if error.errno else [int(number) for number in _NUMBER.findall(str(error))]
    return os.strerror(numbers[-1]) if numbers else _line(error)


def _denied(target: Target, where: str) -> AuthenticationFailed:
    user = f" as {target.user}" if target.user else ""
    tried = "a key and the password" if target.password else "keys only: no password was given"
    hint = f"Tried {tried}. Check ansible_user, the key file and authorized_keys on the target."
    return AuthenticationFailed(f"{target.name}: {where} refused the log-in{user}", hint=hint)


def broken(name: str, error: Exception) -> ConnectionFailed:
    """The error for a connection that was there and is not any more."""
    return ConnectionFailed(f"{name}: the connection broke: {_line(error)}")


def greeted(connection: asyncssh.SSHClientConnection | None) -> bool:
    """Whether the server sent its banner."""
    return connection is not None and connection.get_extra_info("server_version") is not None


def exchanged(connection: asyncssh.SSHClientConnection | None) -> bool:
    """Whether keys were exchanged."""
    return connection is not None and connection.get_extra_info("send_cipher") is not None


def _line(error: Exception) -> str:
    text = error.reason if isinstance(error, asyncssh.Error) else str(error)
    return " ".join(text.split())[:200] or type(error).__name__
