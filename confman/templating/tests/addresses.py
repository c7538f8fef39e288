"""Tests of IP and hardware addresses, of the collection ansible.utils."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.values import kind

_MAC = re.compile(
    r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|[0-9a-f]{12}", re.IGNORECASE
)


def _network(value: Any) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        return None


def _address(value: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(str(value))
    except ValueError:
        return None


def _of_address(name: str, test: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """A test of an address: false for what is none."""

    def check(value: Any) -> bool:
        address = _address(value)
        return address is not None and bool(test(address))

    check.__name__ = name
    check.__doc__ = f"Whether a text is an address that is {name}."
    return check


def is_ip(value: Any) -> bool:
    """Whether a text is an address or a network."""
    return _network(value) is not None


def is_ipv4(value: Any) -> bool:
    """Whether a text is an IPv4 address or network."""
    return isinstance(_network(value), ipaddress.IPv4Network)


def is_ipv6(value: Any) -> bool:
    """Whether a text is an IPv6 address or network."""
    return isinstance(_network(value), ipaddress.IPv6Network)


def subnet_of(value: Any, other: Any) -> bool:
    """Whether an address or network is in another network."""
    inner, outer = _network(value), _network(other)
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def supernet_of(value: Any, other: Any) -> bool:
    """Whether a network has another network or an address in it."""
    return subnet_of(other, value)


def _count(value: Any, networks: Any) -> int:
    if not isinstance(networks, Iterable) or isinstance(networks, str):
        raise TemplateError(f"expected a list of networks, got {kind(networks)}")
    return sum(subnet_of(value, network) for network in networks)


def in_any_network(value: Any, networks: Any) -> bool:
    """Whether an address or network is in one of some networks."""
    return _count(value, networks) > 0


def in_one_network(value: Any, networks: Any) -> bool:
    """Whether an address or network is in exactly one of some networks."""
    return _count(value, networks) == 1


def _mask(value: Any, part: str) -> bool:
    network = _network(f"10.0.0.0/{value}")
    return network is not None and str(getattr(network, part)) == value


def ipv4_netmask(value: Any) -> bool:
    """Whether a text is a netmask such as 255.255.255.0."""
    return _mask(value, "netmask")


def ipv4_hostmask(value: Any) -> bool:
    """Whether a text is a hostmask such as 0.0.0.255."""
    return _mask(value, "hostmask")


def mac(value: Any) -> bool:
    """Whether a text is a hardware address."""
    return isinstance(value, str) and _MAC.fullmatch(value) is not None


def resolvable(value: Any) -> bool:
    """Whether a name or an address can be resolved."""
    try:
        if _address(value) is not None:
            socket.gethostbyaddr(str(value))
        else:
            socket.getaddrinfo(str(value), None)
    except (OSError, UnicodeError):
        return False
    return True


ip_address = _of_address("an IP address", lambda _address: True)
ipv4_address = _of_address("an IPv4 address", lambda address: address.version == 4)
ipv6_address = _of_address("an IPv6 address", lambda address: address.version == 6)
ipv6_ipv4_mapped = _of_address("an IPv4 address in IPv6", lambda address: getattr(address, "ipv4_mapped", None))
ipv6_sixtofour = _of_address("of 6to4", lambda address: getattr(address, "sixtofour", None))
ipv6_teredo = _of_address("of Teredo", lambda address: getattr(address, "teredo", None))
loopback = _of_address("the host's own", lambda address: address.is_loopback)
multicast = _of_address("of many hosts", lambda address: address.is_multicast)
private = _of_address("private", lambda address: address.is_private)
public = _of_address("public", lambda address: address.is_global)
reserved = _of_address("reserved", lambda address: address.is_reserved)
unspecified = _of_address("unspecified", lambda address: address.is_unspecified)
