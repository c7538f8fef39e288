"""Questions about an inventory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from confman.errors import InventoryError
from confman.inventory.builder import LOCALHOST
from confman.model.inventory import Host
from confman.model.source import Source
from confman.model.values import SourcedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confman.model.inventory import Group, Inventory

IMPLICIT_PLACE = "<implicit localhost>"


class Lineage:
    """What is above the groups and hosts of one inventory: for those who ask about many of them."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._parents: dict[str, list[str]] = {name: [] for name in inventory.groups}
        for group in inventory.groups.values():
            for child in group.children:
                self._parents[child].append(group.name)
        self._above: dict[str, tuple[str, ...]] = {}
        self._sorted: dict[tuple[str, ...], tuple[Group, ...]] = {}

    def ancestors(self, group: str) -> tuple[str, ...]:
        """Every group above a group, the nearest first."""
        if group not in self._above:
            found: dict[str, None] = {}
            level = [group]
            while level:
                above = dict.fromkeys(name for below in level for name in self._parents[below])
                level = [name for name in above if name not in found]
                found.update(dict.fromkeys(level))
            self._above[group] = tuple(found)
        return self._above[group]

    def groups_of(self, host: str) -> tuple[Group, ...]:
        """Every group of a host, as `groups_of` gives them."""
        known = self._inventory.hosts.get(host)
        direct = known.groups if known else ()
        if direct not in self._sorted:
            names = {"all", *direct}.union(*map(self.ancestors, direct))
            groups = (self._inventory.groups[name] for name in names)
            ordered = sorted(groups, key=lambda group: (group.depth, group.priority, group.name))
            self._sorted[direct] = tuple(ordered)
        return self._sorted[direct]


def ancestors(inventory: Inventory, group: str) -> tuple[str, ...]:
    """Every group above a group, the nearest first."""
    return Lineage(inventory).ancestors(group)


def groups_of(inventory: Inventory, host: str) -> tuple[Group, ...]:
    """Every group that a host is in, directly or not, in the order in which their variables override each other.

    From the top down, then by priority, then by name: the last one wins. A host that is not in the inventory
    (the implicit localhost) has the variables of `all`.
    """
    return Lineage(inventory).groups_of(host)


def group_names(inventory: Inventory, host: str) -> tuple[str, ...]:
    """The value of `group_names`: every group of a host but `all`, sorted by name."""
    if host not in inventory.hosts:
        return ()
    return tuple(sorted(group.name for group in groups_of(inventory, host) if group.name != "all"))


def hosts_in_group(inventory: Inventory, group: str) -> tuple[str, ...]:
    """The hosts of a group and of every group below it: nearest groups first, each host once.

    Raises InventoryError when there is no such group.
    """
    if group not in inventory.groups:
        raise InventoryError(f"There is no group {group!r} in the inventory")
    found: dict[str, None] = {}
    for name in _downwards(inventory, group):
        found.update(dict.fromkeys(inventory.groups[name].hosts))
    return tuple(found)


def group_hosts(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    """The value of `groups`: the hosts of every group, as `hosts_in_group` gives them."""
    return {name: hosts_in_group(inventory, name) for name in inventory.groups}


def find_host(inventory: Inventory, name: str) -> Host | None:
    """The host of that name; for a name of the controller also the implicit localhost; else None."""
    if name in inventory.hosts:
        return inventory.hosts[name]
    if name not in LOCALHOST:
        return None
    for host in inventory.hosts:
        if host in LOCALHOST:
            return inventory.hosts[host]
    return implicit_localhost(name)


def implicit_localhost(name: str = "localhost") -> Host:
    """The controller as a host that no source names: reached without a connection, with our own interpreter."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable or "/usr/bin/python3",
    }
    return Host(name, SourcedDict(variables, source=Source(IMPLICIT_PLACE)))


def _downwards(inventory: Inventory, group: str) -> Iterator[str]:
    """A group and every group below it, level by level."""
    seen = {group}
    level = [group]
    while level:
        yield from level
        below = dict.fromkeys(child for name in level for child in inventory.groups[name].children)
        level = [name for name in below if name not in seen]
        seen.update(level)
