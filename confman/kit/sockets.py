"""TCP connections of this host, as /proc/net lists them."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

STATES = {
    "ESTABLISHED": "01",
    "SYN_SENT": "02",
    "SYN_RECV": "03",
    "FIN_WAIT1": "04",
    "FIN_WAIT2": "05",
    "TIME_WAIT": "06",
}
TABLES = (("/proc/net/tcp", socket.AF_INET), ("/proc/net/tcp6", socket.AF_INET6))
_FIELDS = 4


class Connection:
    """One connection: addresses as text, the local port, and the state's number in hexadecimal."""

    __slots__ = ("local", "port", "remote", "state")

    def __init__(self, local: str, port: int, remote: str, state: str) -> None:
        self.local = local
        self.port = port
        self.remote = remote
        self.state = state


def parse_table(text: str, family: int) -> list[Connection]:
    """The connections of a table of the kernel; lines of another form are passed over."""
    found = []  # type: list[Connection]
    for line in text.split("\n")[1:]:
        fields = line.split()
        if len(fields) < _FIELDS:
            continue
        try:
            local, port = _address(fields[1], family)
            remote, _port = _address(fields[2], family)
        except (ValueError, OSError, struct.error):
            continue
        found.append(Connection(local, port, remote, fields[3].upper()))
    return found


def _address(text: str, family: int) -> tuple[str, int]:
    """Address and port from hexadecimal; the kernel writes words of 32 bits in the host's byte order."""
    address, _colon, port = text.partition(":")
    raw = bytes.fromhex(address)
    packed = b"".join(struct.pack("=I", *struct.unpack(">I", raw[at : at + 4])) for at in range(0, len(raw), 4))
    shown = socket.inet_ntop(family, packed)
    return shown[7:] if shown.startswith("::ffff:") and "." in shown else shown, int(port, 16)


def connections() -> list[Connection]:
    """All connections of this host, IPv4 mapped into IPv6 shown as IPv4."""
    found = []  # type: list[Connection]
    for path, family in TABLES:
        try:
            with open(path, encoding="ascii", errors="replace") as stream:
                found += parse_table(stream.read(), family)
        except OSError:
            continue
    return found


def addresses_of(hosts: Iterable[str]) -> set[str]:
    """The addresses of hosts given by name or address; names that are unknown give none."""
    found = set()  # type: set[str]
    for host in hosts:
        try:
            found |= {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
        except (OSError, UnicodeError):
            continue
    return found
