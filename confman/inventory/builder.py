"""Statements, folded into an inventory."""

from __future__ import annotations

import keyword
from dataclasses import field
from typing import TYPE_CHECKING, Any

from confman.documents.merge import merged
from confman.errors import InventoryError
from confman.inventory.names import check_host_name, check_variable
from confman.inventory.options import InventoryOptions, is_plain_name
from confman.inventory.statements import AddChild, AddGroup, AddHost, SetVariable, Statement
from confman.model.inventory import Group, Host, Inventory
from confman.model.records import dataclass
from confman.model.values import SourcedDict, is_dynamic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from confman.model.source import Source

LOCALHOST = ("127.0.0.1", "localhost", "::1")
"""The names under which the controller itself is a host without being in the inventory."""

PRIORITY = "ansible_group_priority"


@dataclass(slots=True)
class _GroupDraft:
    """A group under construction; dicts stand for ordered sets."""

    variables: SourcedDict = field(default_factory=SourcedDict)
    hosts: dict[str, None] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    parents: dict[str, None] = field(default_factory=dict)
    priority: int = 1


@dataclass(slots=True)
class _HostDraft:
    """A host under construction."""

    variables: SourcedDict = field(default_factory=SourcedDict)
    groups: dict[str, None] = field(default_factory=dict)


class Builder:
    """Takes the statements of one source after the other; `finish` gives the inventory."""

    def __init__(self, options: InventoryOptions) -> None:
        self.options = options
        self._groups: dict[str, _GroupDraft] = {"all": _GroupDraft(), "ungrouped": _GroupDraft()}
        self._hosts: dict[str, _HostDraft] = {}
        self._odd_names: dict[str, None] = {}
        self._odd_variables: dict[str, Source] = {}
        self._localhost: str | None = None
        self._link("all", "ungrouped")

    @property
    def groups(self) -> set[str]:
        """The names of the groups so far."""
        return set(self._groups)

    def apply(self, statements: Iterable[Statement], file: str, folder: str | None) -> None:
        """Take over what a source says; `file` and `folder` become variables of the hosts that it adds.

        Raises InventoryError when a statement is impossible: a loop of groups, a name or value that is refused.
        """
        for statement in statements:
            match statement:
                case AddHost():
                    self._add_host(statement, file, folder)
                case SetVariable():
                    self._set_variable(statement)
                case AddGroup(name, source):
                    self._add_group(name, source)
                case AddChild():
                    self._add_child(statement)
                case _:
                    self.options.warn(f"{statement.source}: {statement.text}")

    def finish(self, sources: tuple[str, ...]) -> Inventory:
        """The inventory: every group is below `all`, and every host that has no other group is in `ungrouped`."""
        for name, group in self._groups.items():
            if name != "all" and not group.parents:
                self._link("all", name)
        for name, host in self._hosts.items():
            self._settle(name, host)
        self._remarks()
        depths = _depths({name: list(group.children) for name, group in self._groups.items()})
        hosts = {name: Host(name, host.variables, tuple(host.groups)) for name, host in self._hosts.items()}
        groups = {
            name: Group(name, draft.variables, tuple(draft.hosts), tuple(draft.children), draft.priority, depths[name])
            for name, draft in self._groups.items()
        }
        return Inventory(hosts, groups, sources)

    def so_far(self) -> Inventory:
        """The inventory as it stands; statements may follow."""
        hosts = {name: Host(name, host.variables, tuple(host.groups)) for name, host in self._hosts.items()}
        groups = {
            name: Group(name, draft.variables, tuple(draft.hosts), tuple(draft.children), draft.priority)
            for name, draft in self._groups.items()
        }
        return Inventory(hosts, groups)

    def _add_group(self, name: str, source: Source) -> None:
        if not name:
            raise InventoryError("A group has an empty name", source=source)
        if name not in self._groups:
            self._groups[name] = _GroupDraft(SourcedDict(source=source))
            if not is_plain_name(name):
                self._odd_names[name] = None

    def _add_host(self, statement: AddHost, file: str, folder: str | None) -> None:
        name, group = statement.name, statement.group
        if name not in self._hosts:
            check_host_name(name, statement.source)
            self._new_host(statement, file, folder)
        if group is not None:
            self._groups[group].hosts[name] = None
            self._hosts[name].groups[group] = None

    def _new_host(self, statement: AddHost, file: str, folder: str | None) -> None:
        name, place = statement.name, statement.source
        variables = SourcedDict(source=place)
        if statement.port:
            variables["ansible_port"] = statement.port
        self._hosts[name] = _HostDraft(variables)
        self._set_variable(SetVariable(name, "inventory_file", file, place))
        self._set_variable(SetVariable(name, "inventory_dir", folder, place))
        if name in LOCALHOST:
            if self._localhost:
                self.options.warn(f"{place}: {name!r} is the controller a second time: {self._localhost!r} came first")
            else:
                self._localhost = name

    def _add_child(self, statement: AddChild) -> None:
        parent, child = statement.parent, statement.child
        if parent == child:
            raise InventoryError(f"The group {parent!r} is made its own child", source=statement.source)
        if child in self._above(parent) or child == "all":
            hint = "take one of the two out of the other's children"
            message = f"The group {child!r} cannot be below {parent!r}: it is above it already"
            raise InventoryError(message, source=statement.source, hint=hint)
        self._link(parent, child)

    def _link(self, parent: str, child: str) -> None:
        self._groups[parent].children[child] = None
        self._groups[child].parents[parent] = None

    def _above(self, name: str) -> set[str]:
        """Every group above a group."""
        return _closure([name], lambda group: self._groups[group].parents) - {name}

    def _set_variable(self, statement: SetVariable) -> None:
        key, value, source = statement.key, statement.value, statement.source
        if not isinstance(key, str):
            raise InventoryError(f"The variable's name {key!r} is not text", source=source, hint="put it in quotes")
        group = self._groups.get(statement.entity)
        if group is not None and key == PRIORITY:
            group.priority = _priority(value, source)
            return
        if not (key.isidentifier() and not keyword.iskeyword(key)):
            self._odd_variables.setdefault(key, source)
        check_variable(key, value, source)
        variables = group.variables if group is not None else self._hosts[statement.entity].variables
        _store(variables, statement, merge=self.options.merge_hashes)

    def _settle(self, name: str, host: _HostDraft) -> None:
        above = _closure(host.groups, lambda group: self._groups[group].parents)
        if "ungrouped" in host.groups and above - {"all", "ungrouped"}:
            del host.groups["ungrouped"], self._groups["ungrouped"].hosts[name]
        elif not above - {"all"}:
            host.groups["ungrouped"] = None
            self._groups["ungrouped"].hosts[name] = None

    def _remarks(self) -> None:
        if self._odd_names and self.options.group_names == "never":
            names = ", ".join(sorted(self._odd_names))
            message = "Invalid characters were found in group names but not replaced"
            self.options.warn(f"{message} (use letters, digits and underscores): {names}")
        for name in sorted(self._groups.keys() & self._hosts.keys()):
            self.options.warn(f"{name!r} is the name of a group and of a host")
        for key, source in self._odd_variables.items():
            self.options.warn(f"{source}: {key!r} is no name for a variable (use letters, digits and underscores)")


def _store(variables: SourcedDict, statement: SetVariable, *, merge: bool) -> None:
    key, value, source = statement.key, statement.value, statement.source
    if merge and isinstance(variables.get(key), dict) and isinstance(value, dict):
        value = merged(variables[key], value)
    variables[key] = value
    variables.dynamic = variables.dynamic or is_dynamic(value)
    if variables.source is not None and variables.source.path == source.path:
        variables.keys_at[key] = (source.line, source.column)


def _priority(value: Any, source: Source) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise InventoryError(f"{PRIORITY} must be a whole number, not {value!r}", source=source) from None


def _closure(start: Iterable[str], links: Callable[[str], Iterable[str]]) -> set[str]:
    seen = set(start)
    waiting = list(seen)
    while waiting:
        fresh = [name for name in links(waiting.pop()) if name not in seen]
        seen.update(fresh)
        waiting.extend(fresh)
    return seen


def _depths(children: dict[str, list[str]]) -> dict[str, int]:
    """The longest way from `all` down to each group, in groups; there are no loops."""
    depths = dict.fromkeys(children, 0)
    left = dict.fromkeys(children, 0)
    for below in children.values():
        for name in below:
            left[name] += 1
    ready = [name for name, count in left.items() if not count]
    while ready:
        name = ready.pop()
        for child in children[name]:
            depths[child] = max(depths[child], depths[name] + 1)
            left[child] -= 1
            if not left[child]:
                ready.append(child)
    return depths
