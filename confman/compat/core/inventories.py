"""Inventory plugins of ansible-core, of collections and of folders: what they add to an inventory, as statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from confman.compat.core.functions import said
from confman.compat.core.loaders import Core
from confman.compat.core.values import from_core, to_core
from confman.errors import ConfmanError, InventoryError
from confman.inventory.statements import AddChild, AddGroup, AddHost, SetVariable, Statement
from confman.model.inventory import Group, Host, Inventory
from confman.model.source import Source


def run_inventory_plugin(
    core: Core, name: str, path: str, so_far: Inventory, extra_vars: Mapping[str, Any]
) -> list[Statement] | None:
    """What the plugin `name` reads from the source `path`, None when it does not want that source.

    so_far: the inventory of the sources before, which a plugin such as `constructed` builds upon. extra_vars: those
    of the command line, which plugins use where `use_extra_vars` says so. Raises
    InventoryError when there is no such plugin or it fails, MissingCore without ansible-core.
    """
    place = Source(path, 1)
    plugin = core.get("inventory", name)
    if plugin is None:
        raise InventoryError(f"There is no inventory plugin {name!r}", source=place)
    try:
        if not plugin.verify_file(path):
            return None
        # Where ansible-core keeps them once it has read its own command line.
        import_module("ansible.utils.vars").load_extra_vars.extra_vars = to_core(dict(extra_vars))
        data = _mirror(so_far)
        data.current_source = path
        _parse(plugin, data, path)
    except ConfmanError:
        raise
    except Exception as error:
        raise InventoryError(said(error), source=place) from error
    return list(_added(data, so_far, place))


def _parse(plugin: Any, data: Any, path: str) -> None:
    manager = import_module("ansible.inventory.manager")
    origin = import_module("ansible._internal._datatag._tags").Origin(description=f"<inventory plugin with {path!r}>")
    wrapped = manager._InventoryDataWrapper(data, target_plugin=plugin, origin=origin)  # noqa: SLF001  # marks trust
    plugin.parse(wrapped, import_module("ansible.parsing.dataloader").DataLoader(), path, cache=True)
    if hasattr(plugin, "update_cache_if_changed"):
        plugin.update_cache_if_changed()


def _mirror(inventory: Inventory) -> Any:
    """The inventory so far, as ansible-core's own object."""
    data = import_module("ansible.inventory.data").InventoryData()
    for name in inventory.groups:
        data.add_group(name)
    for name, host in inventory.hosts.items():
        data.add_host(name)
        _set_all(data, name, host.vars)
    for name, group in inventory.groups.items():
        for member in (*group.children, *group.hosts):
            if not (name == "all" and member == "ungrouped"):
                data.add_child(name, member)
        _set_all(data, name, group.vars)
    return data


def _set_all(data: Any, entity: str, variables: Mapping[str, Any]) -> None:
    for key, value in variables.items():
        data.set_variable(entity, key, to_core(value))


def _added(data: Any, before: Inventory, place: Source) -> Iterator[Statement]:
    """Everything that `data` has and the inventory before had not."""
    yield from (AddGroup(name, place) for name in data.groups if name not in before.groups)
    yield from (AddHost(name, place) for name in data.hosts)
    for name, group in data.groups.items():
        yield from _members(group, before.groups.get(name) or Group(name), place)
    for name, host in data.hosts.items():
        yield from _variables(name, host.vars, (before.hosts.get(name) or Host(name)).vars, place)


def _members(group: Any, before: Group, place: Source) -> Iterator[Statement]:
    children = (child.name for child in group.child_groups if child.name not in before.children)
    yield from (AddChild(before.name, name, place) for name in children)
    yield from (AddHost(host.name, place, before.name) for host in group.hosts)
    yield from _variables(before.name, group.vars, before.vars, place)


_OWN = frozenset({"inventory_file", "inventory_dir"})


def _variables(entity: str, now: Mapping[str, Any], before: Mapping[str, Any], place: Source) -> Iterator[Statement]:
    for key, value in now.items():
        if key not in _OWN and (key not in before or to_core(before[key]) != value):
            yield SetVariable(entity, str(key), from_core(value), place)
