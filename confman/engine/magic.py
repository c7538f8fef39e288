"""The variables that every task has without anybody setting them.

https://docs.ansible.com/ansible-core/2.19/reference_appendices/special_variables.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from confman.inventory.queries import find_host, group_hosts, group_names
from confman.model.inventory import Inventory
from confman.model.play import RoleContext
from confman.model.records import dataclass
from confman.model.settings import Settings
from confman.templating.lazy import use
from confman.variables.scope import Scope

VERSION = {"full": "2.19.14", "major": 2, "minor": 19, "revision": 14, "string": "2.19.14"}
"""The language version we follow: content asks for it by `ansible_version`."""


class Variables(Mapping[str, Any]):
    """A scope as expressions see it (`vars`, `hostvars[h]`): nothing but its variables."""

    def __init__(self, scope: Callable[[], Scope]) -> None:
        self._make = scope
        self._made: Scope | None = None

    def _scope(self) -> Scope:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: str) -> Any:
        return self._scope()[name]

    def __contains__(self, name: object) -> bool:
        return name in self._scope()

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope())

    def __len__(self) -> int:
        return len(self._scope())

    def __repr__(self) -> str:
        # what a text shows that has all variables in it: their values, not this object
        found = self.shown()
        use(found.values())
        return repr(found)

    def shown(self) -> dict[str, Any]:
        """The variables as a value that ends: without those that have all variables in them."""
        found = ((name, self[name]) for name in self)
        return {name: value for name, value in found if not isinstance(value, Variables | HostVars)}


class HostVars(Mapping[str, Any]):
    """`hostvars`: every host's variables, built when they are looked at."""

    def __init__(self, inventory: Callable[[], Inventory], scope: Callable[[str], Scope]) -> None:
        self._inventory = inventory
        self._scope = scope

    def __getitem__(self, name: str) -> Variables:
        if not isinstance(name, str) or find_host(self._inventory(), name) is None:
            raise KeyError(name)
        return Variables(lambda: self._scope(name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and find_host(self._inventory(), name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._inventory().hosts)

    def __len__(self) -> int:
        return len(self._inventory().hosts)


class Kept:
    """Magic variables that are the same for many tasks: made once, and again when what they are made of is another."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[tuple[object, ...], dict[str, Any]]] = {}

    def part(self, name: str, made_of: tuple[object, ...], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The part of that name; `made_of` are texts, or objects of which the very same ones count."""
        found = self._parts.get(name)
        if found is None or not _same(found[0], made_of):
            found = self._parts[name] = (made_of, make())
        return found[1]


def _same(old: tuple[object, ...], new: tuple[object, ...]) -> bool:
    return all(a is b or (isinstance(a, str) and a == b) for a, b in zip(old, new, strict=True))


@dataclass(frozen=True)
class PlayHosts:
    """A play and its hosts: who is in it, who is still in it, who runs now."""

    name: str
    folder: str
    all_hosts: tuple[str, ...]
    hosts: tuple[str, ...]
    batch: tuple[str, ...]


def run_variables(settings: Settings, playbook_dir: str) -> dict[str, Any]:
    """Magic variables that are the same for every host and task of a play."""
    return {
        "ansible_version": VERSION,
        "ansible_check_mode": settings.check,
        "ansible_diff_mode": settings.diff,
        "ansible_verbosity": settings.verbosity,
        "ansible_forks": settings.forks,
        "ansible_run_tags": list(settings.tags),
        "ansible_skip_tags": list(settings.skip_tags),
        **({} if settings.limit is None else {"ansible_limit": settings.limit}),
        "ansible_config_file": settings.config_file,
        "ansible_inventory_sources": [
            str(Path(s).resolve()) if "," not in s else s for s in settings.inventory_sources
        ],
        "ansible_playbook_python": sys.executable,
        "playbook_dir": playbook_dir,
    }


def host_variables(inventory: Inventory, host: str) -> dict[str, Any]:
    """Magic variables of a host."""
    source = inventory.sources[-1] if inventory.sources else None
    known = host in inventory.hosts
    path = Path(source).resolve() if source and "," not in source and known else None
    folder = None if path is None else path if path.is_dir() else path.parent
    return {
        "inventory_hostname": host,
        "inventory_hostname_short": host.partition(".")[0],
        "group_names": list(group_names(inventory, host)) if known else [],
        "inventory_file": None if path is None else str(path),
        "inventory_dir": None if folder is None else str(folder),
    }


def group_variables(inventory: Inventory) -> dict[str, Any]:
    """The magic variable that names all groups."""
    return {"groups": {name: list(hosts) for name, hosts in group_hosts(inventory).items()}}


def play_variables(play: PlayHosts) -> dict[str, Any]:
    """Magic variables of a play."""
    return {
        "play_hosts": list(play.batch),
        "ansible_play_hosts": list(play.hosts),
        "ansible_play_hosts_all": list(play.all_hosts),
        "ansible_play_batch": list(play.batch),
        "ansible_play_name": play.name,
    }


def role_variables(role: RoleContext | None, roles: tuple[RoleContext, ...]) -> dict[str, Any]:
    """Magic variables of a role's task."""
    explicit = list(dict.fromkeys(context.name for context in roles if not context.dependency))
    dependent = list(dict.fromkeys(context.name for context in roles if context.dependency))
    common = {
        "role_names": explicit,
        "ansible_play_role_names": explicit,
        "ansible_dependent_role_names": dependent,
        "ansible_role_names": list(dict.fromkeys([*explicit, *dependent])),
    }
    if role is None:
        return common
    return {
        **common,
        **_parents(role),
        "role_name": role.name,
        "ansible_role_name": f"{role.collection}.{role.name.split('.')[-1]}" if role.collection else role.name,
        "role_path": role.path,
        "role_uuid": role.key,
        "ansible_collection_name": role.collection or None,
    }


def _parents(role: RoleContext) -> dict[str, Any]:
    """Which roles included this one; nothing for one that the play itself names."""
    if not role.parents:
        return {}
    return {
        "ansible_parent_role_names": [parent.name for parent in role.parents],
        "ansible_parent_role_paths": [parent.path for parent in role.parents],
    }
