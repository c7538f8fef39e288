"""Host names as people write them: ports, IPv6 brackets, and ranges such as `web[01:50:2]`."""

from __future__ import annotations

import re
import string
from ipaddress import AddressValueError, IPv6Address
from itertools import islice
from typing import TYPE_CHECKING

from confman.errors import InventoryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_HOSTS = 100_000
"""How many hosts one pattern may stand for: a slip such as `[0:999999999]` must not eat the memory."""

_MOST_RANGES = 20
_RANGE = r"\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]"
_LABEL = rf"(?:\w|{_RANGE})(?:[\w-]|{_RANGE})*(?<![_-])"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_HEX_RANGE = re.compile(r"(?<![^:])\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\](?![^:])", re.IGNORECASE)
_BRACKETED_PORT = re.compile(r"\[(.+)\]:([0-9]+)")
_NAMED_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)")
_FIRST_RANGE = re.compile(r"(?P<head>[^\[\]]*)\[(?P<range>[^\]]*)\](?P<tail>.*)", re.DOTALL)
_HIGHEST_PORT = 65535
_HINT = "write ranges as web[01:20], db[a:f] or n[0:9:2]"


class RangeError(InventoryError):
    """Brackets that lack something that a range needs: an end, a second bound, ends that fit each other."""


def parse_address(text: str) -> tuple[str, int | None] | None:
    """The host (ranges left in place) and the port of `host`, `host:port`, `[host]:port`; None for anything else.

    An IPv6 address takes a port only in brackets.
    """
    found = _BRACKETED_PORT.fullmatch(text) or _NAMED_PORT.fullmatch(text)
    host, port = found.groups() if found else (text, None)
    if not (_is_ipv6(host) or _HOST_NAME.fullmatch(host)):
        return None
    return host, _port(port) if port is not None else None


def expand_hosts(text: str) -> tuple[list[str], int | None]:
    """Every host that `text` stands for, and the port they share.

    What is no address is taken as a name as it is (a chroot's path, a container's name). Raises InventoryError
    when a range is malformed or stands for more than `MOST_HOSTS` hosts.
    """
    host, port = parse_address(text) or (text, None)
    if host.count("[") > _MOST_RANGES:
        raise InventoryError(f"A host's name has more than {_MOST_RANGES} ranges")
    names = list(islice(_expand(host), MOST_HOSTS + 1))
    if len(names) > MOST_HOSTS:
        raise InventoryError(f"{text!r} stands for more than {MOST_HOSTS} hosts")
    return names, port


def _is_ipv6(host: str) -> bool:
    if ":" not in host:
        return False
    try:
        IPv6Address(_HEX_RANGE.sub("1", host))
    except AddressValueError:
        return False
    return True


def _port(digits: str) -> int:
    number = int(digits[:6])
    if number > _HIGHEST_PORT:
        raise InventoryError(f"{digits} is not a port: ports go up to {_HIGHEST_PORT}")
    return number


def _expand(host: str) -> Iterator[str]:
    found = _FIRST_RANGE.fullmatch(host)
    if found is None:
        if "[" in host:
            raise InventoryError(f"The brackets in {host!r} are not a range", hint="write ranges as name[1:5]")
        yield host
        return
    for item in _items(found["range"], host):
        yield from _expand(f"{found['head']}{item}{found['tail']}")


def _items(bounds: str, host: str) -> Iterator[str]:
    """The items of `begin:end` or `begin:end:step`, both ends included; leading zeros set the width."""
    begin, end, step = _bounds(bounds, host)
    if _is_letter(begin) and _is_letter(end):
        return iter(_letters(begin, end, host)[::step])
    if not (_is_number(begin) and _is_number(end)):
        raise _bad_range(host, "does not go from a letter to a letter or from a number to a number")
    return _numbers(begin, end, step, host)


def _bounds(bounds: str, host: str) -> tuple[str, str, int]:
    parts = bounds.split(":")
    if len(parts) not in {2, 3}:
        raise _no_range(host, "is not begin:end or begin:end:step")
    begin, end = parts[0] or "0", parts[1]
    if not end:
        raise _no_range(host, "has no end: a host range must specify end value")
    return begin, end, _step(parts[2], host) if len(parts) == 3 else 1


def _numbers(begin: str, end: str, step: int, host: str) -> Iterator[str]:
    width = len(begin) if begin.startswith("0") and len(begin) > 1 else 0
    if width and width != len(end):
        raise _no_range(host, "begins with a zero, so both ends must be equally long")
    first, last = int(begin), int(end)
    if first > last:
        raise _bad_range(host, "ends before it begins")
    return (str(number).zfill(width) for number in range(first, last + 1, step))


def _letters(begin: str, end: str, host: str) -> Sequence[str]:
    first, last = string.ascii_letters.index(begin), string.ascii_letters.index(end)
    if first > last:
        raise _no_range(host, "ends before it begins")
    return string.ascii_letters[first : last + 1]


def _step(text: str, host: str) -> int:
    if not _is_number(text) or int(text) == 0:
        raise _bad_range(host, "has a step that is not a number above 0")
    return int(text)


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text in string.ascii_letters


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 18 and text.isascii() and text.isdigit()


def _bad_range(host: str, fault: str) -> InventoryError:
    return InventoryError(f"The range in {host!r} {fault}", hint=_HINT)


def _no_range(host: str, fault: str) -> RangeError:
    return RangeError(f"The range in {host!r} {fault}", hint=_HINT)
