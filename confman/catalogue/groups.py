"""Groups of actions, which `module_defaults` may name as `group/<name>`.

https://docs.ansible.com/ansible-core/2.19/playbook_guide/playbooks_module_defaults.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from confman.catalogue.collections import Collections, split
from confman.catalogue.runtime import CORE

PREFIX = "group/"


def members(collections: Collections, group: str) -> frozenset[str]:
    """The full names of the actions in a group `ns.coll.name` (or `name`, of ansible.builtin), empty for none."""
    return frozenset(_members(collections, group, set()))


def exists(collections: Collections, group: str) -> bool:
    """Whether there is such a group; those of ansible-core are all taken for granted where it is not installed."""
    collection, name = _place(group)
    if collection == CORE and collections.folder(CORE) is None:
        return True
    return name in collections.groups(collection)


def _place(group: str) -> tuple[str, str]:
    """The collection of a group, and its name there."""
    owner, parts = split(group)
    return (owner, ".".join(parts)) if parts else (CORE, group)


def _members(collections: Collections, group: str, seen: set[str]) -> Iterator[str]:
    collection, name = _place(group)
    full = f"{collection}.{name}"
    if full in seen:
        return
    seen.add(full)
    entries = collections.groups(collection).get(name)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, str):
            yield entry if split(entry)[1] else f"{collection}.{entry}"
        elif isinstance(entry, Mapping):
            for other in _extended(entry):
                yield from _members(collections, other if split(other)[1] else f"{collection}.{other}", seen)


def _extended(entry: Mapping[str, Any]) -> list[str]:
    """The groups that a `metadata` entry takes in."""
    metadata = entry.get("metadata")
    found = metadata.get("extend_group") if isinstance(metadata, Mapping) else None
    return [found] if isinstance(found, str) else [str(name) for name in found or ()]
