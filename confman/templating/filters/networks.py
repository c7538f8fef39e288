"""Filters that compute with addresses and networks."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.addresses import Address, Network, address_text, parse
from confman.templating.filters.ipaddr import neighbour
from confman.templating.filters.values import kind

MAX_LISTED = 1 << 20


def _parsed(value: Any) -> Address:
    address = parse(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if address is None:
        raise TemplateError(f"You must pass a valid IP address; {value} is invalid")
    return address


def _single(value: Any) -> Address:
    """An address without a prefix."""
    address = _parsed(value)
    if address.kind == "network":
        raise TemplateError(f"You must pass a valid IP address; {value} is a network")
    return address


def _whole(value: Any, what: str = "an integer for arithmetic") -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TemplateError(f"You must pass {what}; {value} is not a valid integer")
    return value


def nthhost(value: Any, query: Any = "") -> Any:
    """The nth address of a network; False when there is none."""
    address = parse(value)
    try:
        index = int(query)
    except (TypeError, ValueError):
        return False
    if address is None or not -address.size <= index < address.size:
        return False
    return address.text((address.first if index >= 0 else address.last + 1) + index)


def ipmath(value: Any, amount: Any) -> str:
    """The address so many places further."""
    address = _parsed(value)
    return address.text(address.number + _whole(amount))


def next_nth_usable(value: Any, offset: Any) -> Any:
    """The address so many places further in its network, None unless a host can have it."""
    address = parse(value)
    return False if address is None else neighbour(address, _whole(offset, "in an integer"))


def previous_nth_usable(value: Any, offset: Any) -> Any:
    """The address so many places before in its network, None unless a host can have it."""
    address = parse(value)
    return False if address is None else neighbour(address, -_whole(offset, "in an integer"))


def ipsubnet(value: Any, query: Any = "", index: Any = None) -> Any:
    """Subnets of a network.

    Without a query the network; with a prefix how many subnets it has of that size, and with an index which one; with
    a network or address the place of the value in it, from 1.
    """
    address = parse(value)
    if address is None:
        return False
    network = address.interface.network
    query = str(query)
    if not query:
        return str(network)
    if not query.isdecimal():
        return str(_rank(network, _parsed(query)))
    prefix = int(query)
    if prefix > address.bits:
        return False
    place = None if index is None else int(index)
    if network.prefixlen == address.bits:
        return _supernet(network, prefix, place or 0)
    return _subnet(address, prefix, place)


def _subnet(address: Address, prefix: int, index: int | None) -> Any:
    """How many subnets a network has, or which one is at an index; False when there is none."""
    count = 1 << max(0, prefix - address.prefix)
    if index is None:
        if prefix < address.prefix:
            raise TemplateError(f"Requested subnet size of {prefix} is invalid: {address} is smaller")
        return str(count)
    place = index + count if index < 0 else index
    if prefix < address.prefix or not 0 <= place < count:
        return False
    return f"{address.text(address.first + (place << address.bits - prefix))}/{prefix}"


def _supernet(network: Network, prefix: int, index: int) -> Any:
    """The network around an address whose prefix is `prefix`, or `index` bits longer."""
    sizes = range(prefix, network.prefixlen)
    if not -len(sizes) <= index < len(sizes):
        return False
    return str(network.supernet(new_prefix=sizes[index]))


def _rank(network: Network, around: Address) -> int:
    within = around.interface.network
    if (
        within.version != network.version
        or within.prefixlen > network.prefixlen
        or network.network_address not in within
    ):
        raise TemplateError(f"{network} is not in the subnet {within}")
    offset = int(network.network_address) - int(within.network_address)
    return (offset >> network.max_prefixlen - network.prefixlen) + 1


def ipcut(value: Any, amount: Any) -> str:
    """The first so many bits of an address, or with a negative number the last, in groups."""
    address = _single(value)
    bits = f"{address.number:0{address.bits}b}"
    count = _whole(amount)
    kept = bits[count:] if count < 0 else bits[:count]
    size, separator, form = (16, ":", "x") if address.version == 6 else (8, ".", "d")
    return separator.join(format(int(kept[at : at + size], 2), form) for at in range(0, len(kept), size))


def ip4_hex(value: Any, delimiter: str = "") -> str:
    """An IPv4 address in hexadecimal digits."""
    address = _single(value)
    if address.version != 4:
        raise TemplateError(f"You must pass an IPv4 address; {value} is none")
    return delimiter.join(f"{part:02x}" for part in address.interface.ip.packed)


def ipv6form(value: Any, format: str) -> str:
    """An IPv6 address written in full (expand), briefly (compress) or for certificates (x509)."""
    address = _single(value).interface.ip
    if format == "expand":
        return address.exploded
    if format == "compress":
        return address.compressed
    if format == "x509":
        return ":".join(f"{int(group, 16):x}" for group in address.exploded.split(":"))
    raise TemplateError(f"You must pass valid format; {format!r} is not a valid format", hint="expand, compress, x509")


def _contains(outer: Address, first: int, last: int, inner: Any) -> bool:
    address = parse(inner) if isinstance(inner, str | int) else None
    return address is not None and outer.version == address.version and first <= address.first and address.last <= last


def network_in_network(value: Any, test: Any) -> bool:
    """Whether an address or network is in the network `value`."""
    outer = _parsed(value)
    return _contains(outer, outer.first, outer.last, test)


def network_in_usable(value: Any, test: Any) -> bool:
    """Whether hosts in the network `value` can have an address, or all addresses of a network."""
    outer = _parsed(value)
    return _contains(outer, *outer.usable, test)


def reduce_on_network(value: Any, network: Any) -> list[Any]:
    """The addresses of a list that are in a network."""
    outer = _parsed(network)
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TemplateError(f"reduce_on_network expects a list, got {kind(value)}")
    return [item for item in value if _contains(outer, outer.first, outer.last, item)]


def cidr_merge(value: Any, action: str = "merge") -> Any:
    """Networks with neighbours and duplicates joined (merge), or the smallest one around all of them (span)."""
    if action not in {"merge", "span"}:
        raise TemplateError(f"cidr_merge: invalid action {action!r}", hint="merge or span")
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise TemplateError(f"cidr_merge: expected a list, got {kind(value)}")
    addresses = [_parsed(item) for item in value]
    return _merge(addresses) if action == "merge" else _span(addresses)


def _merge(addresses: list[Address]) -> list[str]:
    fours = [each.interface.network for each in addresses if isinstance(each.interface, ipaddress.IPv4Interface)]
    sixes = [each.interface.network for each in addresses if isinstance(each.interface, ipaddress.IPv6Interface)]
    merged = (*ipaddress.collapse_addresses(fours), *ipaddress.collapse_addresses(sixes))
    return [str(network) for network in merged]


def _span(addresses: list[Address]) -> str | None:
    if not addresses:
        return None
    if len(addresses) == 1:
        return str(addresses[0])
    if len({address.version for address in addresses}) > 1:
        raise TemplateError("cidr_merge: IPv4 and IPv6 networks have no network in common")
    first, last = min(address.first for address in addresses), max(address.last for address in addresses)
    shared = addresses[0].bits - (first ^ last).bit_length()
    start = first >> addresses[0].bits - shared << addresses[0].bits - shared
    return f"{address_text(start, addresses[0].version)}/{shared}"


def usable_range(value: Any) -> dict[str, Any]:
    """Every address of a network, and how many these are."""
    address = _parsed(value)
    if not address.is_network:
        raise TemplateError(f"usable_range: {value} has host bits set")
    if address.size > MAX_LISTED:
        raise TemplateError(f"usable_range: {value} has more than {MAX_LISTED} addresses")
    numbers = range(address.first, address.last + 1)
    return {"usable_ips": [address.text(number) for number in numbers], "number_of_ips": address.size}
