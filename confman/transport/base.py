"""What a connection to a host can do, and the table of those we have."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol

from confman.errors import UsageError
from confman.model.records import dataclass
from confman.transport.libraries import quick_search

if TYPE_CHECKING:
    from confman.model.call import Target

CHUNK = 256 * 1024
"""Bytes that are read or written at once."""


class Process(Protocol):
    """A running command on a host; its three streams are bytes.

    Every method but `kill` and `close` raises ConnectionFailed when the link breaks.
    """

    async def write(self, data: bytes) -> None:
        """Send to standard input; returns when the far side has room for more. A closed input is no error."""
        ...

    async def write_eof(self) -> None:
        """End standard input."""
        ...

    async def read(self, limit: int) -> bytes:
        """Between one and `limit` bytes of standard output; b"" at its end."""
        ...

    async def read_stderr(self, limit: int) -> bytes:
        """The same of standard error; b"" at once on a pseudo terminal."""
        ...

    async def wait(self) -> int | None:
        """The exit code; minus the number of the signal that ended it; None when it cannot be known.

        Returns when the command itself ended, though a child of it may still hold its output open.
        """
        ...

    async def kill(self) -> None:
        """End the command by force; no error when it is gone."""
        ...

    async def close(self) -> None:
        """Give the streams back; a command that still runs sees the end of its input. May be called twice."""
        ...


class Connection(Protocol):
    """A way to run commands on one host."""

    async def open(self) -> None:
        """Log in. Raises ConnectionFailed or AuthenticationFailed, with one clear line."""
        ...

    async def start(self, command: str, *, pty: bool = False) -> Process:
        """Start a command in the login shell of the user. Raises ConnectionFailed, or TargetError when refused."""
        ...

    async def close(self) -> None:
        """Log out; may be called twice, and in any state."""
        ...


@dataclass(frozen=True, slots=True)
class RawResult:
    """What a command gave: exit code (None: unknown) and both outputs."""

    rc: int | None
    stdout: bytes
    stderr: bytes


TRANSPORTS = {
    "ssh": "confman.transport.ssh:SshConnection",
    "smart": "confman.transport.ssh:SshConnection",
    "openssh": "confman.transport.openssh:OpensshConnection",
    "paramiko": "confman.transport.paramiko:ParamikoConnection",
    "paramiko_ssh": "confman.transport.paramiko:ParamikoConnection",
    "local": "confman.transport.local:LocalConnection",
    "fake": "confman.transport.fake:FakeConnection",
}
"""Every transport by the name that `connection:` takes: module and class, imported when first used."""


def connect(target: Target) -> Connection:
    """The connection for a target, not opened yet. Raises UsageError for a transport that does not exist."""
    place = TRANSPORTS.get(target.transport.removeprefix("ansible.builtin."))
    if place is None:
        known = ", ".join(sorted(TRANSPORTS))
        raise UsageError(f"{target.name}: unknown connection {target.transport!r}", hint=f"Known are: {known}.")
    module, _, name = place.partition(":")
    try:
        with quick_search():
            factory = getattr(importlib.import_module(module), name)
    except ImportError as error:
        message = f"{target.name}: the connection {target.transport!r} needs the Python package {error.name!r}"
        raise UsageError(message, hint=f"pip install {error.name}") from error
    connection: Connection = factory(target)
    return connection
