"""What is known of the hosts: inventory, variables by level of precedence, facts and what tasks registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from confman.documents.merge import merged
from confman.engine.factstore import FactStore, Memory
from confman.inventory.folders import Folders, variable_roots
from confman.inventory.queries import Lineage, find_host
from confman.model.inventory import Group, Host, Inventory
from confman.model.play import RoleContext
from confman.model.records import dataclass
from confman.variables.scope import MergingScope, Renderer, Scope

Layer = Mapping[str, Any]
Level = tuple[str, Layer]
"""The name of a level of precedence, and a layer of it."""


@dataclass
class HostState:
    """The variables that a run gives to one host, by level; `raw` are the facts as modules named them."""

    raw: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    injected: dict[str, Any] = field(default_factory=dict)
    included: dict[str, Any] = field(default_factory=dict)
    registered: dict[str, Any] = field(default_factory=dict)
    pending: bool = False
    """Whether a dry run foresaw changes of the host, or had to leave out what may change it."""
    untried: bool = False
    """Whether some of these were not done on its stage either."""


@dataclass(frozen=True)
class FactMemory:
    """Where facts are kept, and whether each is a variable of its own too."""

    store: FactStore = field(default_factory=Memory)
    inject: bool = True


def bare_name(name: str) -> str:
    """A fact's name in `ansible_facts`."""
    return name[len("ansible_") :] if name.startswith("ansible_") and name != "ansible_local" else name


@dataclass(frozen=True)
class PlayLayers:
    """The variables of a play, by level: vars, prompted and read from files, and its roles."""

    vars: Layer = field(default_factory=dict)
    prompted: Layer = field(default_factory=dict)
    files: Callable[[str], tuple[Layer, ...]] = lambda _host: ()
    roles: tuple[RoleContext, ...] = ()

    @property
    def open_roles(self) -> tuple[RoleContext, ...]:
        """The roles whose variables the whole play sees, the last one first."""
        return tuple(role for role in reversed(self.roles) if role.public is not False)

    folder: str = ""


@dataclass(frozen=True)
class TaskLayers:
    """The variables that a task adds: its own and its blocks' (innermost first), its role, what includes passed."""

    vars: tuple[Layer, ...] = ()
    role: RoleContext | None = None
    params: tuple[Layer, ...] = ()


class World:
    """Builds the scope of any host in any task.

    Precedence, highest first, after
    https://docs.ansible.com/ansible-core/2.19/playbook_guide/playbooks_variables.html#understanding-variable-precedence
    """

    def __init__(
        self,
        inventory: Inventory,
        renderer: Renderer,
        folders: Folders,
        extra: Layer,
        memory: FactMemory | None = None,
        *,
        merging: bool = False,
    ) -> None:
        self.inventory = inventory
        self.memory = memory or FactMemory()
        self.renderer = renderer
        self.folders = folders
        self.extra = extra
        self.play = PlayLayers()
        self._scope = MergingScope if merging else Scope
        self.states: dict[str, HostState] = {}
        self._lineage = Lineage(inventory)
        self._roots = variable_roots(inventory)
        self._added: list[Callable[[], object]] = []
        self._inventory_levels: dict[str, tuple[Level, ...]] = {}

    def state(self, host: str) -> HostState:
        """The variables that the run gave to a host so far."""
        if host not in self.states:
            self.states[host] = HostState()
            self._learn(host, self.memory.store.load(host))
        return self.states[host]

    def keep_facts(self, host: str, facts: Layer) -> None:
        """Take facts of a host, under the names that modules gave them, and keep them."""
        self.state(host)
        self._learn(host, facts)
        self.memory.store.save(host, self.states[host].raw)

    def _learn(self, host: str, facts: Layer) -> None:
        state = self.states[host]
        state.raw.update(facts)
        state.facts.update({bare_name(name): value for name, value in facts.items()})
        if self.memory.inject:
            state.injected.update(facts)

    def include(self, host: str, variables: Layer) -> None:
        """Take what `include_vars` read for a host; where mappings are merged, into what it read before."""
        known = self.state(host).included
        known.update(merged(known, dict(variables)) if self._scope is MergingScope else variables)

    def forget_facts(self, host: str) -> None:
        """Forget what is known of a host by its facts."""
        state = self.state(host)
        for known in (state.raw, state.facts, state.injected):
            known.clear()
        self.memory.store.forget(host)

    def enter(self, play: PlayLayers) -> None:
        """Make a play's variables the current ones."""
        if play.folder != self.play.folder:
            self._inventory_levels.clear()
        self.play = play

    def add_roles(self, roles: tuple[RoleContext, ...]) -> None:
        """Let the rest of the play see the variables of further roles."""
        self.play = replace(self.play, roles=(*self.play.roles, *roles))

    def scope(self, host: str, magic: Layer, task: TaskLayers | None = None) -> Scope:
        """Everything that a task, or a play, sees of a host."""
        return self._scope(tuple(layer for _level, layer in self.levels(host, magic, task) if layer), self.renderer)

    def known(self, host: str, magic: Layer) -> Scope:
        """What `hostvars` shows of a host: what is its own, and nothing of the play and its roles."""
        state = self.state(host)
        own = (state.registered, state.included, state.injected, {"ansible_facts": state.facts})
        return self._scope((magic, self.extra, *own, *self.inventory_layers(host)), self.renderer)

    def levels(self, host: str, magic: Layer, task: TaskLayers | None = None) -> list[Level]:
        """The layers of a host's scope, each with the name of its level of precedence."""
        task = task or TaskLayers()
        state = self.state(host)
        roles = (task.role, *task.role.parents) if task.role else ()
        play_roles = self.play.open_roles
        return [
            ("of the run itself", magic),
            ("extra variables", self.extra),
            *(("parameters of an include", layer) for layer in task.params),
            *_of_roles("parameters", roles, "params"),
            ("set_fact and registered", state.registered),
            ("include_vars", state.included),
            *(("vars of the task and its blocks", layer) for layer in task.vars),
            *_of_roles("vars", roles[:1], "vars"),
            *(
                level
                for parent in roles[1:]
                for part in ("vars", "given")
                for level in _of_roles("vars", (parent,), part)
            ),
            *_of_roles("vars", play_roles, "vars"),
            *(("vars_files of the play", layer) for layer in self.play.files(host)),
            ("vars_prompt", self.play.prompted),
            ("vars of the play", self.play.vars),
            ("facts", state.injected),
            ("facts", {"ansible_facts": state.facts}),
            *self.inventory_levels(host),
            *_of_roles("defaults", (*roles, *play_roles), "defaults"),
        ]

    # -- inventory

    def inventory_layers(self, host: str) -> tuple[Layer, ...]:
        """The variables that inventory and its folders give to a host, highest first."""
        return tuple(layer for _level, layer in self.inventory_levels(host))

    def inventory_levels(self, host: str) -> tuple[Level, ...]:
        """The same, each with the name of its level."""
        if host not in self._inventory_levels:
            self._inventory_levels[host] = tuple(self._read_levels(host))
        return self._inventory_levels[host]

    def _read_levels(self, name: str) -> Iterator[Level]:
        host = find_host(self.inventory, name) or Host(name)  # one that nothing names has what all have
        roots = self._roots
        playbook = (Path(self.play.folder),) if self.play.folder else ()
        yield from self._folder("host_vars beside the playbook", playbook, "host_vars", name)
        yield from self._folder("host_vars beside the inventory", roots, "host_vars", name)
        yield "the host in the inventory", host.vars
        groups = [] if name not in self.inventory.hosts else list(reversed(self._lineage.groups_of(name)))
        named = [group for group in groups if group.name != "all"]
        for group in named:
            yield from self._folder(
                f"group_vars of {group.name} beside the playbook", playbook, "group_vars", group.name
            )
        for group in named:
            yield from self._folder(f"group_vars of {group.name} beside the inventory", roots, "group_vars", group.name)
        yield from self._folder("group_vars of all beside the playbook", playbook, "group_vars", "all")
        yield from self._folder("group_vars of all beside the inventory", roots, "group_vars", "all")
        for group in named:
            yield f"the group {group.name} in the inventory", group.vars
        if "all" in self.inventory.groups:
            yield "the group all in the inventory", self.inventory.groups["all"].vars

    def _folder(self, level: str, roots: tuple[Path, ...], kind: Any, name: str) -> Iterator[Level]:
        for root in reversed(roots):
            for file in reversed(self.folders.files(root, kind, name)):
                yield level, file.vars

    def replace_inventory(self, inventory: Inventory) -> None:
        """Take another inventory from here on."""
        self.inventory = inventory
        self._roots = variable_roots(inventory)
        self._lineage = Lineage(inventory)
        self._inventory_levels.clear()

    def refresh_inventory(self, inventory: Inventory) -> None:
        """Take the inventory as it was read again; what tasks added to the old one is added to it too."""
        added, self._added = self._added, []
        self.replace_inventory(inventory)
        for add in added:
            add()

    def add_host(self, name: str, groups: tuple[str, ...], variables: Layer) -> bool:
        """Add a host, or variables and groups to one; whether anything was new."""
        known = self.inventory.hosts.get(name)
        old_groups = known.groups if known else ()
        merged = {**(known.vars if known else {}), **variables}
        wanted = tuple(dict.fromkeys((*old_groups, *groups))) or ("ungrouped",)
        host = Host(name, merged, wanted)
        changed = known is None or dict(known.vars) != merged or set(old_groups) != set(wanted)
        if changed:
            self._added.append(lambda: self.add_host(name, groups, variables))
            inventory = replace(self.inventory, hosts={**self.inventory.hosts, name: host})
            for group in wanted:
                inventory = with_member(inventory, group, name)
            self.replace_inventory(inventory)
        return changed

    def add_group(self, name: str, parents: tuple[str, ...], host: str) -> bool:
        """Put a host into a group below `parents`, made if need be; whether anything was new."""
        before = self.inventory
        inventory = with_member(self.inventory, name, host)
        for parent in parents:
            inventory = _with_child(inventory, parent, name)
        entry = inventory.hosts.get(host)
        if entry is not None and name not in entry.groups:
            grouped = replace(entry, groups=(*entry.groups, name))
            inventory = replace(inventory, hosts={**inventory.hosts, host: grouped})
        if inventory is not before:
            self._added.append(lambda: host in self.inventory.hosts and self.add_group(name, parents, host))
            self.replace_inventory(inventory)
        return inventory is not before


def _of_roles(what: str, roles: tuple[RoleContext, ...], part: str) -> list[Level]:
    return [(f"{what} of the role {role.name}", getattr(role, part)) for role in roles]


def with_member(inventory: Inventory, group: str, host: str) -> Inventory:
    """An inventory in which the group (made below `all` if need be) has the host."""
    known = inventory.groups.get(group)
    if known is None:
        inventory = _with_child(inventory, "all", group)
        known = inventory.groups[group]
    if host in known.hosts:
        return inventory
    return replace(inventory, groups={**inventory.groups, group: replace(known, hosts=(*known.hosts, host))})


def _with_child(inventory: Inventory, parent: str, child: str) -> Inventory:
    groups = dict(inventory.groups)
    above = groups.get(parent) or Group(parent, depth=1)
    if parent not in groups and parent != "all":
        everything = groups.get("all") or Group("all")
        groups["all"] = replace(everything, children=(*everything.children, parent))
    if child not in groups:
        groups[child] = Group(child, depth=above.depth + 1)
    if child not in above.children:
        above = replace(above, children=(*above.children, child))
    if groups.get(parent) == above and child in inventory.groups:
        return inventory
    groups[parent] = above
    return replace(inventory, groups=groups)
