"""What wins over what: every level of variables, and hosts and groups that are added while a run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from confman.documents.yaml import load_yaml_file
from confman.engine.world import PlayLayers, TaskLayers, World
from confman.inventory.folders import Folders
from confman.inventory.queries import groups_of
from confman.model.inventory import Group, Host, Inventory
from confman.model.play import RoleContext
from tests.engine.stage import make_engine, make_inventory


@dataclass
class Given:
    """The parts of which a world is made; each level writes into one."""

    root: Path
    all_vars: dict[str, Any] = field(default_factory=dict)
    parent_vars: dict[str, Any] = field(default_factory=dict)
    web_vars: dict[str, Any] = field(default_factory=dict)
    host_vars: dict[str, Any] = field(default_factory=dict)
    other_role: dict[str, dict[str, Any]] = field(default_factory=lambda: {"defaults": {}, "vars": {}})
    parent_role: dict[str, dict[str, Any]] = field(default_factory=lambda: {"defaults": {}, "vars": {}, "params": {}})
    own_role: dict[str, dict[str, Any]] = field(default_factory=lambda: {"defaults": {}, "vars": {}, "params": {}})
    play: dict[str, dict[str, Any]] = field(default_factory=lambda: {"vars": {}, "prompted": {}, "files": {}})
    task: dict[str, dict[str, Any]] = field(default_factory=lambda: {"block": {}, "task": {}, "include": {}})
    state: dict[str, dict[str, Any]] = field(default_factory=lambda: {"injected": {}, "included": {}, "registered": {}})
    extra: dict[str, Any] = field(default_factory=dict)
    magic: dict[str, Any] = field(default_factory=dict)

    def write(self, name: str, value: str) -> None:
        """A file of variables below the root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"v: {value}\n")

    def value(self) -> Any:
        """What `v` is in a task of h1."""
        hosts = {"h1": Host("h1", self.host_vars, ("web",))}
        groups = {
            "all": Group("all", self.all_vars, children=("parent",)),
            "parent": Group("parent", self.parent_vars, children=("web",), depth=1),
            "web": Group("web", self.web_vars, hosts=("h1",), depth=2),
        }
        inventory = Inventory(hosts, groups, sources=(str(self.root / "inv" / "hosts"),))
        parent = RoleContext("parent", "/parent", **self.parent_role)
        own = RoleContext("own", "/own", **self.own_role, parents=(parent,))
        other = RoleContext("other", "/other", **self.other_role)
        world = World(inventory, make_engine(), Folders(load_yaml_file), self.extra)
        world.enter(
            PlayLayers(
                self.play["vars"],
                self.play["prompted"],
                lambda _host: (self.play["files"],),
                (other,),
                str(self.root / "play"),
            )
        )
        for name, level in self.state.items():
            getattr(world.state("h1"), name).update(level)
        task = TaskLayers((self.task["task"], self.task["block"]), own, (self.task["include"],))
        return world.scope("h1", self.magic, task).find("v", "unset")


Setter = Callable[[Given, str], object]

LEVELS: dict[str, Setter] = {
    "defaults of another role of the play": lambda g, v: g.other_role["defaults"].update(v=v),
    "defaults of the role that led here": lambda g, v: g.parent_role["defaults"].update(v=v),
    "defaults of the role": lambda g, v: g.own_role["defaults"].update(v=v),
    "inventory, all": lambda g, v: g.all_vars.update(v=v),
    "inventory, outer group": lambda g, v: g.parent_vars.update(v=v),
    "inventory, inner group": lambda g, v: g.web_vars.update(v=v),
    "group_vars/all beside the inventory": lambda g, v: g.write("inv/group_vars/all.yml", v),
    "group_vars/all beside the playbook": lambda g, v: g.write("play/group_vars/all.yml", v),
    "group_vars of an outer group beside the inventory": lambda g, v: g.write("inv/group_vars/parent.yml", v),
    "group_vars of an inner group beside the inventory": lambda g, v: g.write("inv/group_vars/web.yml", v),
    "group_vars of an outer group beside the playbook": lambda g, v: g.write("play/group_vars/parent.yml", v),
    "group_vars of an inner group beside the playbook": lambda g, v: g.write("play/group_vars/web.yml", v),
    "inventory, host": lambda g, v: g.host_vars.update(v=v),
    "host_vars beside the inventory": lambda g, v: g.write("inv/host_vars/h1.yml", v),
    "host_vars beside the playbook": lambda g, v: g.write("play/host_vars/h1.yml", v),
    "facts": lambda g, v: g.state["injected"].update(v=v),
    "vars of the play": lambda g, v: g.play["vars"].update(v=v),
    "vars_prompt": lambda g, v: g.play["prompted"].update(v=v),
    "vars_files": lambda g, v: g.play["files"].update(v=v),
    "vars of another role of the play": lambda g, v: g.other_role["vars"].update(v=v),
    "vars of the role that led here": lambda g, v: g.parent_role["vars"].update(v=v),
    "vars of the role": lambda g, v: g.own_role["vars"].update(v=v),
    "vars of the block": lambda g, v: g.task["block"].update(v=v),
    "vars of the task": lambda g, v: g.task["task"].update(v=v),
    "include_vars": lambda g, v: g.state["included"].update(v=v),
    "set_fact and register": lambda g, v: g.state["registered"].update(v=v),
    "parameters of the role that led here": lambda g, v: g.parent_role["params"].update(v=v),
    "parameters of the role": lambda g, v: g.own_role["params"].update(v=v),
    "parameters of an include": lambda g, v: g.task["include"].update(v=v),
    "extra variables": lambda g, v: g.extra.update(v=v),
    "magic": lambda g, v: g.magic.update(v=v),
}
"""From the weakest to the strongest, as the documentation of Ansible orders them."""


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_wins_over_those_below(tmp_path: Path, level: str) -> None:
    given = Given(tmp_path)
    names = list(LEVELS)
    for name in names[: names.index(level) + 1]:
        LEVELS[name](given, name)
    assert given.value() == level


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_counts_by_itself(tmp_path: Path, level: str) -> None:
    given = Given(tmp_path)
    assert given.value() == "unset"
    LEVELS[level](given, level)
    assert given.value() == level


@pytest.mark.parametrize(("below", "above"), list(zip(LEVELS, list(LEVELS)[1:], strict=False)))
def test_neighbours(tmp_path: Path, below: str, above: str) -> None:
    given = Given(tmp_path)
    for name in (above, below):
        LEVELS[name](given, name)
    assert given.value() == above


def make_world(*hosts: str) -> World:
    """A world of hosts without variables."""
    return World(make_inventory(hosts), make_engine(), Folders(load_yaml_file), {})


def test_what_one_host_learns_is_its_own() -> None:
    world = make_world("h1", "h2")
    world.state("h1").registered["v"] = 1
    assert world.scope("h1", {}).find("v") == 1
    assert world.scope("h2", {}).find("v") is None


def test_facts_are_a_mapping_of_their_own() -> None:
    world = make_world("h1")
    world.state("h1").facts["os_family"] = "Debian"
    assert world.scope("h1", {}).find("ansible_facts") == {"os_family": "Debian"}
    assert world.scope("h1", {}).find("os_family") is None


def test_variables_of_another_playbook_folder_are_read_anew(tmp_path: Path) -> None:
    world = make_world("h1")
    for name in ("one", "two"):
        path = tmp_path / name / "host_vars" / "h1.yml"
        path.parent.mkdir(parents=True)
        path.write_text(f"v: {name}\n")
    seen = []
    for name in ("one", "two", "one"):
        world.enter(PlayLayers(folder=str(tmp_path / name)))
        seen.append(world.scope("h1", {}).find("v"))
    assert seen == ["one", "two", "one"]


def test_roles_that_are_included_later_are_seen_by_the_rest_of_the_play() -> None:
    world = make_world("h1")
    world.add_roles((RoleContext("a", "/a", {"v": "default", "w": "default"}, {"v": "a"}),))
    world.add_roles((RoleContext("b", "/b", {}, {"v": "b"}),))
    scope = world.scope("h1", {})
    assert (scope.find("v"), scope.find("w")) == ("b", "default")


def test_added_hosts() -> None:
    world = make_world("h1")
    assert world.add_host("h2", ("web", "db"), {"v": 2})
    assert not world.add_host("h2", ("web",), {"v": 2})
    assert world.add_host("h2", (), {"v": 3})
    assert world.add_host("h3", (), {})
    assert {group.name for group in groups_of(world.inventory, "h2")} == {"all", "web", "db"}
    assert {group.name for group in groups_of(world.inventory, "h3")} == {"all", "ungrouped"}
    assert world.scope("h2", {}).find("v") == 3
    assert world.inventory.groups["web"].hosts == ("h2",)


def test_added_groups() -> None:
    world = make_world("h1", "h2")
    assert world.add_group("os_debian", ("by_os",), "h1")
    assert not world.add_group("os_debian", ("by_os",), "h1")
    assert world.add_group("os_debian", ("by_os",), "h2")
    assert world.inventory.groups["os_debian"].hosts == ("h1", "h2")
    assert {group.name for group in groups_of(world.inventory, "h1")} >= {"all", "by_os", "os_debian"}


def test_a_group_made_on_the_way_brings_its_variables(tmp_path: Path) -> None:
    path = tmp_path / "group_vars" / "os_debian.yml"
    path.parent.mkdir()
    path.write_text("v: 1\n")
    world = make_world("h1")
    world.enter(PlayLayers(folder=str(tmp_path)))
    assert world.scope("h1", {}).find("v") is None
    world.add_group("os_debian", ("all",), "h1")
    assert world.scope("h1", {}).find("v") == 1


def test_what_tasks_added_is_there_when_the_inventory_was_read_again() -> None:
    world = World(make_inventory(("h1", "h2")), make_engine(), Folders(load_yaml_file), {})
    world.add_host("new", ("web",), {"v": 1})
    world.add_group("odd", ("numbers",), "h1")
    world.add_group("even", (), "h2")
    world.refresh_inventory(make_inventory(("h1", "h3")))
    assert set(world.inventory.hosts) == {"h1", "h3", "new"}
    assert world.inventory.hosts["new"].vars == {"v": 1}
    assert world.inventory.groups["web"].hosts == ("new",)
    assert world.inventory.groups["odd"].hosts == ("h1",)
    assert "even" not in world.inventory.groups
    world.refresh_inventory(make_inventory(("h1",)))
    assert set(world.inventory.hosts) == {"h1", "new"}
