"""Random small playbooks: blocks, failures, handlers, includes and all that decides about the order of tasks."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

HOSTS = ("a", "b", "c")
TAGS = ("red", "blue")
Node = dict[str, Any]
"""A task, block or play as it is written."""


@dataclass
class Case:
    """A playbook with the task files that it includes; names to values that are to be written as YAML."""

    files: dict[str, Any]
    options: tuple[str, ...] = ()
    free: bool = False


@dataclass
class Maker:
    """Makes one case from a seed; the same seed makes the same case."""

    seed: int
    chance: random.Random = field(init=False)
    number: int = 0
    files: dict[str, Any] = field(default_factory=dict)
    handlers: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    free: bool = False
    inside: bool = False

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def case(self) -> Case:
        """The case of the seed."""
        self.free = self.may(0.12)
        if self.may(0.3):
            self.roles = [self.role() for _ in range(self.chance.choice((1, 2)))]
        self.files["site.yml"] = [self.play() for _ in range(self.chance.choice((1, 1, 2)))]
        options: tuple[str, ...] = ()
        if self.may(0.1):
            options = self.chance.choice((("--tags", "red"), ("--skip-tags", "blue")))
        return Case(self.files, options, self.free)

    def may(self, share: float) -> bool:
        """True so often."""
        return self.chance.random() < share

    def name(self, kind: str) -> str:
        """A name that no other task has."""
        self.number += 1
        return f"{kind}{self.number}"

    def some(self) -> list[str]:
        """Some of the hosts."""
        return self.chance.sample(HOSTS, self.chance.choice((1, 1, 1, 2, 3)))

    def play(self) -> Node:
        """One play."""
        self.handlers = [self.name("handler") for _ in range(self.chance.randint(0, 3))]
        play: Node = {"name": self.name("play"), "hosts": "all", "gather_facts": False}
        for share, key, values in (
            (0.12, "any_errors_fatal", (True,)),
            (0.2, "serial", (1, 2, [1, 2], "50%")),
            (0.08, "max_fail_percentage", (0, 30, 50)),
            (0.15, "force_handlers", (True,)),
            (0.1, "order", ("reverse_inventory", "sorted", "reverse_sorted")),
            (0.05, "throttle", (1, 2)),
        ):
            if self.may(share):
                play[key] = self.chance.choice(values)
        if self.free:
            play["strategy"] = self.chance.choice(("free", "host_pinned"))
            play.pop("any_errors_fatal", None)
            play.pop("max_fail_percentage", None)
        if self.may(0.15):
            play["pre_tasks"] = self.tasks(1, 2)
        if self.roles and self.may(0.4):
            play["roles"] = [self.chance.choice(self.roles) for _ in range(self.chance.choice((1, 1, 2)))]
        play["tasks"] = self.tasks(0, 4)
        if self.may(0.15):
            play["post_tasks"] = self.tasks(1, 2)
        if self.handlers:
            play["handlers"] = [self.handler(name) for name in self.handlers]
        return play

    def handler(self, name: str) -> Node:
        """A handler; it may fail, notify another one, or hear more than its name."""
        task: Node = {"name": name, "debug": {"msg": name}}
        if self.may(0.2):
            task = {"name": name, "assert": {"that": f"inventory_hostname not in {self.some()}"}}
        if self.may(0.06):
            task = {"name": name, "meta": self.chance.choice(("noop", "end_host", "clear_host_errors", "end_batch"))}
            if self.free:
                task["meta"] = "end_host"
        elif self.may(0.08):
            task = {"name": name, "include_tasks": self.handler_file()}
        if self.may(0.2):
            task["listen"] = "topic"
        others = [each for each in self.handlers if each != name]
        if others and "meta" not in task and "include_tasks" not in task and self.may(0.15):
            task.update(changed_when=True, notify=self.chance.choice(others))
        if self.may(0.1) and not self.free:
            task["run_once"] = True
        if self.may(0.1):
            task["when"] = f"inventory_hostname in {self.some()}"
        return task

    def handler_file(self) -> str:
        """A file of tasks that a handler includes; blocks cannot be handlers."""
        file = self.name("file") + ".yml"
        self.files[file] = [
            self.failing(3) if self.may(0.4) else self.plain(3) for _ in range(self.chance.choice((1, 2)))
        ]
        return file

    def role(self) -> str:
        """A role with tasks and perhaps a handler that they notify."""
        name = self.name("role")
        self.inside = True
        self.handlers = [self.name("handler")] if self.may(0.5) else []
        self.files[f"roles/{name}/tasks/main.yml"] = self.tasks(1, 3)
        if self.handlers:
            self.files[f"roles/{name}/handlers/main.yml"] = [self.handler(each) for each in self.handlers]
        if self.may(0.2):
            self.files[f"roles/{name}/meta/main.yml"] = {"allow_duplicates": True}
        self.inside = False
        return name

    def tasks(self, depth: int, most: int) -> list[Node]:
        """Some tasks and blocks."""
        return [self.node(depth) for _ in range(self.chance.randint(1, most))]

    def node(self, depth: int) -> Node:
        """A task, a block or an include."""
        if depth < 3 and self.may(0.35):
            return self.block(depth)
        kinds: tuple[tuple[float, Callable[[int], Node]], ...] = (
            (0.42, self.failing), (0.2, self.plain), (0.15, self.notifying), (0.1, self.meta), (0.1, self.include),
            (0.03, self.unreachable), (0.05 if self.roles else 0, self.included_role),
        )  # fmt: skip
        makers = [make for _, make in kinds]
        return self.chance.choices(makers, [weight for weight, _ in kinds])[0](depth)

    def block(self, depth: int) -> Node:
        """A block, mostly with something to do when it fails."""
        block: Node = {"name": self.name("block"), "block": self.tasks(depth + 1, 3)}
        if self.may(0.55):
            block["rescue"] = self.tasks(depth + 1, 2)
        if self.may(0.4):
            block["always"] = self.tasks(depth + 1, 2)
        return self.dressed(block, 0.06)

    def dressed(self, node: Node, share: float) -> Node:
        """A task or block with further keywords."""
        for key, values in (
            ("when", (f"inventory_hostname in {self.some()}",)),
            ("run_once", (True,)),
            ("any_errors_fatal", (True, False)),
            ("ignore_errors", (True,)),
            ("tags", (["red"], ["blue"], ["always"], ["never"])),
        ):
            if self.may(share) and not (self.free and key in {"run_once", "any_errors_fatal"}):
                node[key] = self.chance.choice(values)
        return node

    def failing(self, _depth: int) -> Node:
        """A task that fails on some hosts."""
        task: Node = {"name": self.name("fails"), "assert": {"that": f"inventory_hostname not in {self.some()}"}}
        if self.may(0.1):
            task = {"name": self.name("item"), "fail": {"msg": "x"}, "loop": [1, 2], "when": "item == 2"}
        elif self.may(0.04):
            task.update(until=f"inventory_hostname in {self.some()}", retries=1, delay=0)
        return self.dressed(task, 0.08)

    def unreachable(self, _depth: int) -> Node:
        """A task that does not reach some hosts."""
        nowhere = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
        task: Node = {
            "name": self.name("lost"),
            "raw": "true",
            "vars": nowhere,
            "when": f"inventory_hostname in {self.some()}",
        }
        if self.may(0.3):
            task["ignore_unreachable"] = True
        return task

    def included_role(self, _depth: int) -> Node:
        """A role among the tasks."""
        if self.inside:
            return self.plain(3)
        dynamic = self.may(0.6)
        task: Node = {
            "name": self.name("include"),
            ("include_role" if dynamic else "import_role"): {"name": self.chance.choice(self.roles)},
        }
        if dynamic and self.may(0.2):
            task["loop"] = [1, 2]
        if self.may(0.25):
            task["when"] = f"inventory_hostname in {self.some()}"
        return task

    def plain(self, _depth: int) -> Node:
        """A task that goes well."""
        task: Node = {"name": self.name("plain"), "debug": {"msg": "x"}}
        if self.may(0.3) and not self.free:
            task["debug"]["msg"] = "{{ ansible_play_hosts | join }} {{ ansible_play_batch | join }}"
        if self.may(0.2):
            task["loop"] = [1, 2]
        if self.may(0.08):
            task["delegate_to"] = self.chance.choice(HOSTS)
        return self.dressed(task, 0.1)

    def notifying(self, _depth: int) -> Node:
        """A task that changes something on some hosts."""
        task: Node = {"name": self.name("notes"), "debug": {"msg": "x"}, "changed_when": True}
        if self.handlers:
            task["notify"] = self.chance.choice(self.handlers)
            if self.may(0.2):
                task["notify"] = list(dict.fromkeys([task["notify"], self.chance.choice(self.handlers)]))
        if self.may(0.4):
            task["changed_when"] = f"inventory_hostname in {self.some()}"
        return self.dressed(task, 0.06)

    def meta(self, _depth: int) -> Node:
        """Something for the engine itself."""
        what = self.chance.choice(("flush_handlers", "flush_handlers", "end_host", "end_play", "clear_host_errors",
                                   "end_batch", "noop"))  # fmt: skip
        if self.inside and self.may(0.3):
            what = "end_role"
        if self.free and what not in {"flush_handlers", "end_host", "end_role"}:
            what = "noop"  # what ends others comes when it comes
        task: Node = {"meta": what}
        if what not in {"flush_handlers", "noop"} and self.may(0.7):
            task["when"] = f"inventory_hostname in {self.some()}"
        return task

    def include(self, depth: int) -> Node:
        """Tasks of another file."""
        if depth > 2:
            return self.plain(depth)
        file = self.name("file") + ".yml"
        self.files[file] = self.tasks(depth + 1, 3)
        dynamic = self.may(0.7)
        task: Node = {"name": self.name("include"), ("include_tasks" if dynamic else "import_tasks"): file}
        if dynamic and self.may(0.25):
            task["loop"] = [1, 2]
        if self.may(0.25):
            task["when"] = f"inventory_hostname in {self.some()}"
        if dynamic and self.may(0.1) and not self.free:
            task["run_once"] = True
        return task
