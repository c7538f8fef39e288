"""Hosts and groups, as read from inventory sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    """A host by its inventory name; `vars` are those of the inventory sources, not of host_vars folders."""

    name: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    """Direct groups, in the order they were written; every group above them is found by `Inventory`."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group: direct hosts and child groups in written order."""

    name: str
    vars: Mapping[str, Any] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    priority: int = 1
    depth: int = 0
    """Longest way down from `all` (which is 0): the order in which group variables override."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything known about hosts before a run; links between hosts and groups are names."""

    hosts: Mapping[str, Host]
    groups: Mapping[str, Group]
    sources: tuple[str, ...] = ()
    """The paths it was read from, in order; group_vars and host_vars folders lie beside them."""
