"""Host patterns: which hosts `web:!db`, `*.example.org[0:9]` or `~web[0-9]+` name."""

from __future__ import annotations

import fnmatch
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import InventoryError
from confman.inventory.addresses import parse_address
from confman.inventory.builder import LOCALHOST
from confman.inventory.queries import find_host, hosts_in_group
from confman.model.records import dataclass
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from confman.model.inventory import Inventory

ORDERS = ("inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle")
"""What a play's `order` may be."""

_SUBSCRIPT = re.compile(r"(?P<name>.+)\[(?:(?P<index>-?[0-9]{1,9})|(?P<first>[0-9]{1,9})[:-](?P<last>[0-9]{0,9}))\]")
_ITEM = re.compile(r"(?:[^\s:\[\]]|\[[^\]]*\])+")
_GLOB = (".", "?", "*", "[")
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Selection:
    """The hosts that a pattern names, each once and in order, and what should be said about the pattern."""

    hosts: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def select(inventory: Inventory, pattern: str | Sequence[str], limit: str | None = None) -> Selection:
    """The hosts of `pattern` that `limit` leaves (`@file` in it stands for the lines of a file).

    A pattern that is empty, or that only excludes what does not exist, names no host: never all of them. The
    implicit localhost may be among the hosts. Raises InventoryError for a pattern that is malformed, for a
    subscript beyond the end, for a limit that is empty, and for a limit's file that cannot be read.
    """
    selector = _Selector(inventory)
    hosts = selector.evaluate(split_patterns(pattern), pattern)
    limited = _limit_patterns(limit) if limit is not None else []
    if limited:
        within = set(selector.evaluate(limited, str(limit)))
        hosts = [name for name in hosts if name in within]
    elif limit is not None:
        selector.warnings.append(f"The limit {limit!r} is empty, so it limits nothing")
    return Selection(tuple(hosts), tuple(selector.warnings))


def order_hosts(hosts: Sequence[str], order: str | None = None) -> tuple[str, ...]:
    """Selected hosts in the order that a play asks for. Raises InventoryError for an order that does not exist."""
    if order in {None, "inventory"}:
        return tuple(hosts)
    if order == "reverse_inventory":
        return tuple(reversed(hosts))
    if order in {"sorted", "reverse_sorted"}:
        return tuple(sorted(hosts, reverse=order == "reverse_sorted"))
    if order == "shuffle":
        return tuple(random.sample(hosts, len(hosts)))
    raise InventoryError(f"There is no order {order!r} of hosts", hint=f"orders: {', '.join(ORDERS)}")


def split_patterns(pattern: str | Sequence[str]) -> list[str]:
    """The single patterns of a pattern, or of a list of them.

    Commas separate. Where there is none, colons do, unless the whole is an address (IPv6, a port, ranges).
    Raises InventoryError for what is no text.
    """
    if not isinstance(pattern, str):
        if isinstance(pattern, list | tuple):
            return [single for item in pattern for single in split_patterns(item)]
        raise InventoryError(f"A host pattern must be text, not {pattern!r}", hint="put it in quotes")
    if "," in pattern:
        parts = pattern.split(",")
    elif _is_address(pattern):
        parts = [pattern]
    else:
        parts = _ITEM.findall(pattern)
    return [part.strip() for part in parts if part.strip()]


def _is_address(pattern: str) -> bool:
    try:
        return parse_address(pattern) is not None
    except InventoryError:
        return True


def _limit_patterns(limit: str) -> list[str]:
    patterns: list[str] = []
    for item in split_patterns(limit):
        patterns += _lines_of(item[1:]) if item.startswith("@") else [item]
    if not patterns and "@" not in limit:
        raise InventoryError(f"The limit {limit!r} names no host", hint="leave the limit out to take every host")
    # Ansible takes an empty file for no limit at all, and jobs depend on it; `select` warns.
    return patterns


def _lines_of(path: str) -> list[str]:
    place = Source(path)
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise InventoryError(f"The limit's file is larger than {_MOST_BYTES >> 20} MB", source=place)
        lines = data.decode().splitlines()
    except OSError as error:
        raise InventoryError(
            f"The limit's file cannot be read, it must be a file: {error.strerror}", source=place
        ) from error
    except UnicodeDecodeError:
        raise InventoryError("The limit's file is not UTF-8 text", source=place) from None
    return [line.strip() for line in lines if line.strip()]


class _Selector:
    """Evaluates patterns against one inventory and gathers the warnings."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.warnings: list[str] = []
        self.unknown: set[str] = set()
        self.implicit: str | None = None
        self.matched: dict[str, tuple[str, ...]] = {}

    def evaluate(self, patterns: list[str], shown: object) -> list[str]:
        """The hosts of a whole pattern: first what is named, then what `&` leaves, then what `!` takes away."""
        if not patterns:
            self.warnings.append(f"the host pattern {shown!r} is empty: it names no host")
            return []
        named = [item for item in patterns if item[0] not in "!&"]
        kept, dropped = _marked(patterns, "&"), _marked(patterns, "!")
        hosts = self._intersection(self._union(named or ["all"]), kept)
        without = self._union(dropped)
        if not named and not kept and self.unknown.issuperset(map(_name_of, dropped)):
            self.warnings.append(f"the host pattern {shown!r} only excludes, and no such host exists: it names no host")
            return []
        return [name for name in hosts if name not in without]

    def _intersection(self, hosts: dict[str, None], patterns: list[str]) -> dict[str, None]:
        for pattern in patterns:
            within = set(self._matches(pattern))
            hosts = {name: None for name in hosts if name in within}
        return hosts

    def _union(self, patterns: Iterable[str]) -> dict[str, None]:
        return dict.fromkeys(name for item in patterns for name in self._matches(item))

    def _matches(self, pattern: str) -> tuple[str, ...]:
        if pattern not in self.matched:
            self.matched[pattern] = self._search(pattern)
        return self.matched[pattern]

    def _search(self, pattern: str) -> tuple[str, ...]:
        """The hosts of one pattern without its modifier."""
        if pattern in self.inventory.hosts:
            return (pattern,)
        found = None if pattern.startswith("~") else _SUBSCRIPT.fullmatch(pattern)
        if found is None:
            return self._enumerate(pattern)
        hosts = self._enumerate(found["name"])
        if not hosts:
            return hosts
        if found["index"] is None:
            return hosts[int(found["first"]) : int(found["last"]) + 1 if found["last"] else None]
        index = int(found["index"])
        if not -len(hosts) <= index < len(hosts):
            raise InventoryError(f"The pattern {pattern!r} counts beyond the {len(hosts)} hosts of {found['name']!r}")
        return (hosts[index],)

    def _enumerate(self, pattern: str) -> tuple[str, ...]:
        """The hosts of every group whose name matches, then, for globs and expressions, hosts that match themselves."""
        matcher = _matcher(pattern)
        groups = list(filter(matcher.match, self.inventory.groups))
        found = dict.fromkeys(host for name in groups for host in hosts_in_group(self.inventory, name))
        if not groups or _is_open(pattern):
            found.update(dict.fromkeys(filter(matcher.match, self.inventory.hosts)))
        if not found and pattern in LOCALHOST:
            return (self._localhost(pattern),)
        if not found and not groups:
            self.unknown.add(pattern)
            self.warnings.append(f"the host pattern {pattern!r} matches no host and no group")
        return tuple(found)

    def _localhost(self, name: str) -> str:
        """The controller's name: as the inventory calls it, else as it was first called here."""
        if self.implicit is None:
            host = find_host(self.inventory, name)
            self.implicit = host.name if host else name
        return self.implicit


def _marked(patterns: list[str], mark: str) -> list[str]:
    return [item[1:] for item in patterns if item[0] == mark]


def _is_open(pattern: str) -> bool:
    return pattern.startswith("~") or any(special in pattern for special in _GLOB)


def _name_of(pattern: str) -> str:
    """A single pattern without its subscript."""
    found = None if pattern.startswith("~") else _SUBSCRIPT.fullmatch(pattern)
    return found["name"] if found else pattern


def _matcher(pattern: str) -> re.Pattern[str]:
    if not pattern:
        raise InventoryError("A host pattern has nothing behind its '!' or '&'")
    try:
        return re.compile(pattern[1:] if pattern.startswith("~") else fnmatch.translate(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise InventoryError(f"The host pattern {pattern!r} is no regular expression: {error}") from error
