"""Filters of hardware (MAC) addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from confman.errors import TemplateError
from confman.templating.filters.addresses import parse

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMS = (
    re.compile(r"[0-9a-f]{1,2}([:-])[0-9a-f]{1,2}(?:\1[0-9a-f]{1,2}){4}", re.IGNORECASE),
    re.compile(r"[0-9a-f]{1,4}([.:-])[0-9a-f]{1,4}\1[0-9a-f]{1,4}", re.IGNORECASE),
    re.compile(r"[0-9a-f]{5,6}([:-])[0-9a-f]{5,6}", re.IGNORECASE),
    re.compile(r"[0-9a-f]{11,12}", re.IGNORECASE),
)
_BITS = 48


def _number(value: Any) -> int | None:
    """A hardware address as a number; None for anything else."""
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 11 else _read(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < 1 << _BITS else None


def _read(text: str) -> int | None:
    if not any(form.fullmatch(text) for form in _FORMS):
        return None
    words = re.split(r"[:.-]", text)
    digits = 12 // len(words)
    return int("".join(word.zfill(digits) for word in words), 16)


def _words(number: int, count: int, form: str, separator: str) -> str:
    bits = _BITS // count
    return separator.join(format(number >> bits * place & (1 << bits) - 1, form) for place in range(count - 1, -1, -1))


QUERIES: dict[str, Callable[[int, Any], Any]] = {
    "": lambda _number, value: value,
    "bare": lambda number, _value: _words(number, 1, "012X", ""),
    "bool": lambda _number, _value: True,
    "cisco": lambda number, _value: _words(number, 3, "04x", "."),
    "int": lambda number, _value: number,
    "linux": lambda number, _value: _words(number, 6, "02x", ":"),
    "unix": lambda number, _value: _words(number, 6, "x", ":"),
    **dict.fromkeys(("eui48", "win"), lambda number, _value: _words(number, 6, "02X", "-")),
    **dict.fromkeys(("pgsql", "postgresql", "psql"), lambda number, _value: _words(number, 2, "06x", ":")),
}


def hwaddr(value: Any, query: str = "", alias: str = "hwaddr") -> Any:
    """A hardware address as it is, or in the form that a query names; None for anything else."""
    if query not in QUERIES:
        raise TemplateError(f"{alias}: unknown filter type: {query}", hint=f"one of {', '.join(filter(None, QUERIES))}")
    number = _number(value)
    if number is None:
        if query not in {"", "bool"}:
            raise TemplateError(f"{alias}: not a hardware address: {value}")
        return None
    return QUERIES[query](number, str(value) if isinstance(value, str) else value)


def macaddr(value: Any, query: str = "") -> Any:
    """As hwaddr."""
    return hwaddr(value, query, "macaddr")


def slaac(value: Any, query: str = "") -> Any:
    """The address that a hardware address gives itself in an IPv6 network; False when there is none."""
    network = parse(value)
    number = _number(query)
    if network is None or network.version != 6 or number is None:
        return False
    identifier = (number >> 24 ^ 0x020000) << 40 | 0xFFFE << 24 | number & 0xFFFFFF
    return network.text(network.first + identifier)
