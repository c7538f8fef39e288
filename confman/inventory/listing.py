"""An inventory as JSON, YAML, TOML or a drawing: what `inventory --list`, `--host` and `--graph` show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from confman.errors import InventoryError
from confman.inventory.builder import PRIORITY
from confman.inventory.queries import hosts_in_group
from confman.inventory.toml import toml_text
from confman.model.records import dataclass
from confman.model.values import Sealed, Text

if TYPE_CHECKING:
    from collections.abc import Collection

    from confman.model.inventory import Group, Inventory

VariablesOf = Callable[[str], Mapping[str, Any]]
"""From the name of a host or group to its variables."""

PROFILE = "inventory_legacy"
"""How values are written in the list, so that another reader takes templates for templates and data for data."""

HIDDEN = "<vaulted>"
"""What stands for a vaulted value where its closed form cannot be told from other text."""

MAGIC = frozenset({
    "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names",
    "ansible_diff_mode", "ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit",
    "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all", "ansible_play_role_names",
    "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
    "ansible_verbosity", "ansible_version", "inventory_dir", "inventory_file", "inventory_hostname",
    "inventory_hostname_short", "groups", "group_names", "hostvars", "playbook_dir", "play_hosts", "role_name",
    "role_names", "role_path", "role_uuid",
})  # fmt: skip
"""Variables that a run makes up: they are not part of an inventory."""


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of an inventory.

    `host_vars` gives a host's variables. With `group_vars`, groups show theirs (`--export`, where `host_vars`
    should give only what is the host's own). `hosts` are the hosts within the limit; None stands for all.
    """

    inventory: Inventory
    host_vars: VariablesOf
    group_vars: VariablesOf | None = None
    hosts: Collection[str] | None = None

    def shows(self, host: str) -> bool:
        """Whether a host is within the limit."""
        return self.hosts is None or host in self.hosts

    def host(self, name: str) -> dict[str, Any]:
        """A host's variables, without those that a run makes up: what `--host` shows."""
        return without_magic(self.host_vars(name))

    def group(self, group: Group) -> dict[str, Any]:
        """A group's variables, if groups show them."""
        if self.group_vars is None:
            return {}
        priority = {PRIORITY: group.priority} if group.priority != 1 else {}
        return without_magic({**self.group_vars(group.name), **priority})


def without_magic(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables without those that a run makes up."""
    return {key: value for key, value in variables.items() if key not in MAGIC}


def list_inventory(view: View) -> dict[str, Any]:
    """The data of `--list` as JSON: groups by name, and every host's variables under `_meta`."""
    result: dict[str, Any] = {}
    for name in _reachable(view.inventory):
        entry = _group_entry(view, view.inventory.groups[name])
        if entry:
            result[name] = entry
    variables = {name: view.host(name) for name in hosts_in_group(view.inventory, "all") if view.shows(name)}
    shown = {name: values for name, values in variables.items() if values}
    return {**result, "_meta": {"hostvars": shown, "profile": Text(PROFILE)}}


def _group_entry(view: View, group: Group) -> dict[str, Any]:
    parts = {
        "hosts": [Text(host) for host in _shown_hosts(view, group)],
        "children": [Text(child) for child in group.children],
        "vars": view.group(group),
    }
    return {key: part for key, part in parts.items() if part}


def nest_inventory(view: View) -> dict[str, Any]:
    """The data of `--list --yaml`: a tree from `all` downwards, each group and host spelled out once."""
    return _nested(view, "all", set(), set())


def table_inventory(view: View) -> dict[str, Any]:
    """The data of `--list --toml`: a table a group, each host spelled out once."""
    seen: set[str] = set()
    result: dict[str, Any] = {}
    for name in _reachable(view.inventory):
        group = view.inventory.groups[name]
        hosts = _spelled_out(view, group, seen)
        children = [child for child in group.children if child != "ungrouped" or view.inventory.groups[child].hosts]
        parts = {"children": children if name != "all" else [], "hosts": hosts, "vars": view.group(group)}
        entry = {key: part for key, part in parts.items() if part}
        if entry:
            result[name] = entry
    return result


def graph(view: View, group: str = "all", *, variables: bool = False) -> str:
    """A drawing of the groups and hosts below `group`, with their variables if wanted.

    Raises InventoryError when there is no such group.
    """
    if group not in view.inventory.groups:
        message = f"Pattern must be valid group name when using --graph: {group!r} is none"
        raise InventoryError(message)
    return "\n".join(_drawn(view, view.inventory.groups[group], 0, variables))


def as_json(data: Any) -> str:
    """JSON text, keys sorted; texts that are data, never templates, and vaulted ones are marked as such."""
    return json.dumps(_plain(data, _JSON), indent=4, sort_keys=True, ensure_ascii=False)


def as_yaml(data: Any) -> str:
    """YAML text, keys sorted; what is vaulted stays so."""
    plain = _plain(data, _YAML)
    text: str = yaml.dump(plain, Dumper=_Dumper, default_flow_style=False, allow_unicode=True)
    return text


def as_toml(data: Any) -> str:
    """TOML text; values that are null are left out, for TOML has none."""
    return toml_text(_plain(data, _BARE))


@dataclass(frozen=True, slots=True)
class _Form:
    """How values are written.

    `closed` makes something of the closed form of a vaulted value; `marked`: with data told from templates.
    `dates`: there is a way to write dates; else they are text.
    """

    closed: Callable[[str], Any]
    marked: bool = False
    dates: bool = False


class _Closed(str):
    """The closed form of a vaulted value, for YAML."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """A writer of YAML that knows vaulted values."""


_Dumper.add_representer(_Closed, lambda dumper, text: dumper.represent_scalar("!vault", str(text), style="|"))
_JSON = _Form(lambda text: {"__ansible_vault": text}, marked=True)
_YAML = _Form(_Closed, dates=True)
_BARE = _Form(lambda _text: HIDDEN)


def _plain(value: Any, form: _Form) -> Any:
    """`value` as the standard library knows it: no subclasses, nothing that was vaulted open, JSON's keys text."""
    if isinstance(value, Mapping):
        return {_key(key) if form.marked else _scalar(key): _plain(item, form) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, form) for item in value]
    if form.marked and isinstance(value, str) and not isinstance(value, Text):
        return {"__ansible_unsafe": value}
    return _plain_scalar(value, form)


def _plain_scalar(value: Any, form: _Form) -> Any:
    if isinstance(value, Sealed):
        return form.closed(value.ciphertext)
    if isinstance(value, date):
        return value if form.dates else value.isoformat()
    return _scalar(value)


def _scalar(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _key(key: Any) -> str:
    return json.dumps(key) if key is None or isinstance(key, bool | int | float) else str(key)


def _reachable(inventory: Inventory) -> list[str]:
    """Every group, depth first, each once."""
    order: dict[str, None] = {}
    waiting = ["all"]
    while waiting:
        name = waiting.pop()
        if name not in order:
            order[name] = None
            waiting.extend(reversed(inventory.groups[name].children))
    return list(order)


def _shown_hosts(view: View, group: Group) -> list[str]:
    return [name for name in group.hosts if view.shows(name)] if group.name != "all" else []


def _spelled_out(view: View, group: Group, seen: set[str]) -> dict[str, Any]:
    hosts: dict[str, Any] = {}
    for name in _shown_hosts(view, group):
        hosts[name] = {} if name in seen else view.host(name)
        seen.add(name)
    return hosts


def _nested(view: View, name: str, groups: set[str], hosts: set[str]) -> dict[str, Any]:
    group = view.inventory.groups[name]
    children: dict[str, Any] = {}
    for child in group.children:
        children.update({child: {}} if child in groups else _nested(view, child, groups, hosts))
        groups.add(child)
    parts = {"children": children, "hosts": _spelled_out(view, group, hosts), "vars": view.group(group)}
    entry = {key: part for key, part in parts.items() if part}
    return {name: entry} if entry else {}


def _drawn(view: View, group: Group, depth: int, variables: bool) -> list[str]:
    lines = [_branch(f"@{group.name}:", depth)]
    for child in group.children:
        lines += _drawn(view, view.inventory.groups[child], depth + 1, variables)
    for host in group.hosts if group.name != "all" else ():
        lines.append(_branch(host, depth + 1))
        if variables:
            lines += _drawn_variables(view.host(host), depth + 2)
    return lines + (_drawn_variables(view.group(group), depth + 1) if variables else [])


def _drawn_variables(variables: dict[str, Any], depth: int) -> list[str]:
    plain = _plain(variables, _BARE)
    return [_branch(f"{{{key} = {plain[key]}}}", depth) for key in sorted(plain, key=str)]


def _branch(text: str, depth: int) -> str:
    return f"{'  |' * depth}--{text}" if depth else text
