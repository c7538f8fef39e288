"""IP addresses with the network that they are in, read as leniently as the `ipaddr` filters do."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, Literal

from confman.errors import TemplateError
from confman.model.records import dataclass

Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Kind = Literal["address", "network"]

_NOT_GLOBAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "240.0.0.0/4"),
        *("::1/128", "::/128", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32"),
        *("2002::/16", "fc00::/7", "fe80::/10"),
    )
)
_GLOBAL_AFTER_ALL = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("192.0.0.9/32", "192.0.0.10/32", "2001:1::1/128", "2001:1::2/128", "2001:3::/32", "2001:4:112::/48"),
        *("2001:20::/28", "2001:30::/28"),
    )
)


def is_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is reachable from everywhere, as the registry of special addresses has it."""
    if any(address in network for network in _GLOBAL_AFTER_ALL if network.version == address.version):
        return True
    return not any(address in network for network in _NOT_GLOBAL if network.version == address.version)


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its network. `kind` tells how it was written: with a prefix ("network") or without one."""

    interface: Interface
    kind: Kind

    @property
    def version(self) -> int:
        """4 or 6."""
        return self.interface.version

    @property
    def bits(self) -> int:
        """32 or 128."""
        return self.interface.max_prefixlen

    @property
    def prefix(self) -> int:
        """The length of the network's prefix."""
        return self.interface.network.prefixlen

    @property
    def number(self) -> int:
        """The address as a number."""
        return int(self.interface.ip)

    @property
    def first(self) -> int:
        """The network's first address as a number."""
        return int(self.interface.network.network_address)

    @property
    def last(self) -> int:
        """The network's last address as a number."""
        return int(self.interface.network.broadcast_address)

    @property
    def size(self) -> int:
        """How many addresses the network has."""
        return self.interface.network.num_addresses

    @property
    def usable(self) -> tuple[int, int]:
        """The first and the last address that a host can have, as numbers."""
        return (self.first, self.last) if self.size <= 2 else (self.first + 1, self.last - 1)

    @property
    def ip(self) -> str:
        """The address as text."""
        return self.text(self.number)

    @property
    def is_network(self) -> bool:
        """Whether the address is the network's own."""
        return self.number == self.first

    @property
    def has_broadcast(self) -> bool:
        """Whether the network has an address for all."""
        return self.size > 2

    def text(self, number: int) -> str:
        """Another address of the same version as text."""
        return address_text(number, self.version)

    def __str__(self) -> str:
        return f"{self.ip}/{self.prefix}"


def address_text(number: int, version: int) -> str:
    """An address as text. Raises TemplateError when the number is out of range."""
    bits = 32 if version == 4 else 128
    if not 0 <= number < 1 << bits:
        raise TemplateError(f"{number} is out of range of IPv{version} addresses")
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    return socket.inet_ntop(family, number.to_bytes(bits // 8, "big"))


def from_number(number: int, prefix: int, version: int) -> Interface | None:
    """The interface of a number, None when number or prefix are out of range."""
    bits = 32 if version == 4 else 128
    if not (0 <= number < 1 << bits and 0 <= prefix <= bits):
        return None
    return ipaddress.IPv4Interface((number, prefix)) if version == 4 else ipaddress.IPv6Interface((number, prefix))


def parse(value: Any, version: int | None = None) -> Address | None:
    """What a text or a number stands for: an address, a network, `number/prefix` ...; None for anything else."""
    written = str(value)
    if written.isdecimal():
        return _numeric(int(written), version)
    if "%" in written or not written.isascii():
        return None
    kind: Kind = "network" if written.count("/") == 1 else "address"
    try:
        return Address(ipaddress.ip_interface(written), kind)
    except ValueError:
        number, _, prefix = written.partition("/")
        if not (number.isdecimal() and prefix.isdecimal()):
            return None
    interface = from_number(int(number), int(prefix), 4) or from_number(int(number), int(prefix), 6)
    return Address(interface, "network") if interface else None


def _numeric(number: int, version: int | None) -> Address | None:
    interface = None if version == 6 else from_number(number, 32, 4)
    interface = interface or from_number(number, 128, 6)
    return Address(interface, "address") if interface else None
