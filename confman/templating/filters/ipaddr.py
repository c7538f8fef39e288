"""`ipaddr`, `ipv4`, `ipv6` and `ipwrap`: is it an address, and what can be told of it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from confman.errors import TemplateError
from confman.templating.filters.addresses import Address, address_text, is_global, parse
from confman.templating.filters.values import is_sequence, kind

if TYPE_CHECKING:
    from collections.abc import Callable


def _network_only(address: Address) -> None:
    if address.kind == "address":
        raise TemplateError(f"Not a network address: {address.ip}", hint="give it with a prefix, e.g. 192.0.2.1/24")


def _plain(address: Address, _value: Any) -> Any:
    return address.ip if address.kind == "address" else str(address)


def _address(address: Address, _value: Any) -> Any:
    if address.size == 1 or not address.is_network or not address.has_broadcast or address.version == 6:
        return address.ip
    return None


def _address_prefix(address: Address, _value: Any) -> Any:
    ends = {address.first, address.last} if address.has_broadcast else {address.first}
    return False if address.size > 2 and address.number in ends else str(address)


def _host(address: Address, _value: Any) -> Any:
    return str(address) if address.size == 1 or not address.is_network or not address.has_broadcast else None


def _ip_prefix(address: Address, _value: Any) -> Any:
    return str(address) if address.size == 2 or (address.size > 1 and not address.is_network) else None


def _ip_netmask(address: Address, _value: Any) -> Any:
    found = _ip_prefix(address, _value)
    return f"{address.ip} {address.interface.netmask}" if found else None


def _int(address: Address, _value: Any) -> Any:
    return address.number if address.kind == "address" else f"{address.number}/{address.prefix}"


def _net(address: Address, _value: Any) -> Any:
    return str(address) if address.size > 1 and address.is_network else None


def _type(address: Address, _value: Any) -> str:
    return "network" if address.size > 1 and address.is_network else "address"


def _size_usable(address: Address, _value: Any) -> int:
    return {1: 0, 2: 2}.get(address.size, address.size - 2)


def _first_usable(address: Address, _value: Any) -> Any:
    _network_only(address)
    return address.text(address.usable[0]) if address.size > 1 else None


def _last_usable(address: Address, _value: Any) -> Any:
    _network_only(address)
    return address.text(address.usable[1]) if address.size > 1 else None


def _range_usable(address: Address, _value: Any) -> Any:
    _network_only(address)
    return "-".join(address.text(end) for end in address.usable) if address.size > 1 else None


def neighbour(address: Address, offset: int) -> Any:
    """The address so many places further, None unless a host can have it."""
    first, last = address.usable
    return (
        address.text(address.number + offset) if address.size > 1 and first <= address.number + offset <= last else None
    )


def _next_usable(address: Address, _value: Any) -> Any:
    _network_only(address)
    return neighbour(address, 1)


def _previous_usable(address: Address, _value: Any) -> Any:
    _network_only(address)
    return neighbour(address, -1)


def _peer(address: Address, _value: Any) -> str:
    _network_only(address)
    if address.size == 2:
        return address.text(address.number ^ 1)
    if address.size != 4:
        raise TemplateError(f"Not a point-to-point network: {address}")
    if address.number % 4 in {0, 3}:
        name = "Network" if address.number % 4 == 0 else "Broadcast"
        raise TemplateError(f"{name} address of /30 has no peer: {address}")
    return address.text(address.number ^ 3)


def _to_ipv4(address: Address, value: Any) -> Any:
    if address.version == 4:
        return value
    if address.number >> 32 not in {0, 0xFFFF} or address.prefix < 96:
        return False
    return f"{address_text(address.number & 0xFFFFFFFF, 4)}/{address.prefix - 96}"


def _to_ipv6(address: Address, value: Any) -> Any:
    if address.version == 6:
        return value
    return f"{address_text(address.number | 0xFFFF << 32, 6)}/{address.prefix + 96}"


def _6to4(address: Address, value: Any) -> Any:
    if address.version == 6:
        within = address.number >> 112 == 0x2002
        return value if within and (address.kind == "address" or not address.is_network) else False
    known = _public(address, value) or _private(address, value)
    if not known or (address.size > 1 and address.is_network):
        return False
    number = address.number
    return f"2002:{number >> 24:02x}{number >> 16 & 255:02x}:{number >> 8 & 255:02x}{number & 255:02x}::1/48"


def _in(*networks: str) -> Callable[[Address, Any], Any]:
    """A query that gives the value if its address is in one of the networks."""
    known = [ipaddress.ip_network(network) for network in networks]

    def query(address: Address, value: Any) -> Any:
        inside = any(address.interface.ip in net for net in known if net.version == address.version)
        return value if inside else None

    return query


def _multicast(address: Address, value: Any) -> Any:
    return value if address.interface.network.is_multicast else None


def _unicast(address: Address, value: Any) -> Any:
    return None if address.interface.network.is_multicast else value


def _private(address: Address, value: Any) -> Any:
    return None if is_global(address.interface.ip) else value


def _public(address: Address, value: Any) -> Any:
    number, everything = address.number, (1 << address.bits) - 1
    host_mask = number & (number + 1) == 0
    inverted = number ^ everything
    net_mask = inverted & (inverted + 1) == 0
    if host_mask or net_mask or address.interface.ip.is_multicast or not is_global(address.interface.ip):
        return None
    return value


def _wrap(address: Address, value: Any) -> Any:
    if address.version == 4:
        return value
    return f"[{address.ip}]" if address.kind == "address" else f"[{address.ip}]/{address.prefix}"


QUERIES: dict[str, Callable[[Address, Any], Any]] = {
    "": _plain,
    "6to4": _6to4,
    **dict.fromkeys(("address", "ip"), _address),
    **dict.fromkeys(("address/prefix", "gateway", "gw", "host/prefix", "hostnet", "router"), _address_prefix),
    "bool": lambda _address, _value: True,
    "broadcast": lambda address, _value: address.text(address.last) if address.size > 2 else None,
    "cidr": lambda address, _value: str(address),
    "first_usable": _first_usable,
    "host": _host,
    **dict.fromkeys(("hostmask", "wildcard"), lambda address, _value: address.text(address.last - address.first)),
    "int": _int,
    "ip/prefix": _ip_prefix,
    "ip_netmask": _ip_netmask,
    **dict.fromkeys(("ipv4", "v4"), _to_ipv4),
    **dict.fromkeys(("ipv6", "v6"), _to_ipv6),
    "last_usable": _last_usable,
    "link-local": _in("169.254.0.0/16", "fe80::/10"),
    **dict.fromkeys(("lo", "loopback"), _in("127.0.0.0/8", "::1/128")),
    "multicast": _multicast,
    "net": _net,
    "netmask": lambda address, _value: str(address.interface.netmask),
    **dict.fromkeys(("network", "network_id"), lambda address, _value: address.text(address.first)),
    **dict.fromkeys(
        ("network/prefix", "subnet"), lambda address, _value: f"{address.text(address.first)}/{address.prefix}"
    ),
    "network_netmask": lambda address, _value: f"{address.text(address.first)} {address.interface.netmask}",
    "network_wildcard": lambda address, _value: (
        f"{address.text(address.first)} {address.text(address.last - address.first)}"
    ),
    "next_usable": _next_usable,
    "peer": _peer,
    "prefix": lambda address, _value: address.prefix,
    "previous_usable": _previous_usable,
    "private": _private,
    "public": _public,
    "range_usable": _range_usable,
    "revdns": lambda address, _value: f"{address.interface.ip.reverse_pointer}.",
    "size": lambda address, _value: address.size,
    "size_usable": _size_usable,
    "type": _type,
    "unicast": _unicast,
    "version": lambda address, _value: address.version,
    "wrap": _wrap,
}


def ipaddr(value: Any, query: Any = "", version: Any = False, alias: str = "ipaddr") -> Any:
    """An address or network in its normal form, or what a query tells of it; False for anything else.

    query: one of `QUERIES`; a network that the address must be in; or a number: that address of the network. A list
    gives the results of those of its items that are addresses.
    """
    if is_sequence(value):
        results = [_one(item, str(query), version, alias) for item in value]
        return [result for result in results if result]
    if not isinstance(value, str | int):
        raise TemplateError(f"Unrecognized type {kind(value)} for {alias} filter")
    return _one(value, str(query), version, alias)


def _one(value: Any, query: str, version: Any, alias: str) -> Any:
    if is_sequence(value):
        return ipaddr(value, query, version, alias)
    address = _read(value, int(version) if version else None)
    if address is None:
        return False
    shown = _shown(address, value)
    if query in QUERIES:
        return QUERIES[query](address, shown)
    within = None if query.lstrip("-").isdecimal() else parse(query)
    if within is not None:
        return _within(address, within, shown)
    try:
        return _nth(address, int(query))
    except ValueError:
        raise TemplateError(f"{alias}: unknown filter type: {query}", hint="e.g. address, network, prefix") from None


def _read(value: Any, version: int | None) -> Address | None:
    """The address that a value is, None if it is none or of another version."""
    if not value or value is True or not isinstance(value, str | int):
        return None
    address = parse(value, version)
    return address if address is not None and version in {None, address.version} else None


def _shown(address: Address, value: Any) -> str:
    """The value as it was written; numbers as addresses."""
    written = str(value)
    return str(address) if written.partition("/")[0].isdecimal() else written


def _within(address: Address, network: Address, value: Any) -> Any:
    inside = address.version == network.version and network.first <= address.first and address.last <= network.last
    return value if inside else None


def _nth(address: Address, index: int) -> Any:
    if address.size == 1:
        return _plain(address, None)
    if not -address.size <= index < address.size:
        return False
    start = address.first if index >= 0 else address.last + 1
    return f"{address.text(start + index)}/{address.prefix}"


def ipv4(value: Any, query: Any = "") -> Any:
    """As ipaddr, of IPv4 addresses only."""
    return ipaddr(value, query, 4, "ipv4")


def ipv6(value: Any, query: Any = "") -> Any:
    """As ipaddr, of IPv6 addresses only."""
    return ipaddr(value, query, 6, "ipv6")


def ipwrap(value: Any, query: Any = "") -> Any:
    """IPv6 addresses in brackets; anything else, also in a list, as it is."""
    if is_sequence(value):
        return [_wrapped(item, query) for item in value]
    if not isinstance(value, str | bool):
        raise TemplateError(f"Unrecognized type {kind(value)} for ipwrap filter")
    return _wrapped(value, query)


def _wrapped(value: Any, query: Any) -> Any:
    try:
        found = _one(value, str(query), False, "ipwrap")
        return _one(found, "wrap", False, "ipwrap") if found else value
    except TemplateError:
        return value
