"""A play, compiled: a flat list of steps, each with two ways to go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any, Literal, NamedTuple

from confman.model.play import RoleContext, Task
from confman.model.records import dataclass

END = -1
"""The program is done."""
FAILED = -2
"""The program ended in a failure that nothing rescued."""

Kind = Literal["task", "include_tasks", "include_role", "meta"]


@dataclass(frozen=True, slots=True)
class Inherited:
    """What a task has from the blocks, roles and the play around it (and, on a step, its own on top).

    `keywords`: the nearest value of each. `when`, `notify`, `environment`, `module_defaults`: outermost first.
    `vars`: innermost first.
    """

    keywords: Mapping[str, Any] = field(default_factory=dict)
    when: tuple[Any, ...] = ()
    tags: tuple[str, ...] = ()
    vars: tuple[Mapping[str, Any], ...] = ()
    notify: tuple[Any, ...] = ()
    environment: tuple[Any, ...] = ()
    module_defaults: tuple[Any, ...] = ()
    collections: tuple[str, ...] = ()


class Rung(NamedTuple):
    """Where a failure leads; whether a rescue section is on that way, and whether it is that of the same block."""

    target: int
    rescued: bool
    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """Where a step stands in its blocks.

    saved: whether the outermost block has a rescue section. broken: whether it is in that block's rescue section, or in
    its always section after a failure. rescue: whether it stands directly in a rescue section.
    after: the step behind the innermost block; None where that is an outermost one of a play.
    """

    saved: bool = False
    broken: bool = False
    rescue: bool = False
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One task at its place in a program.

    order: its place as written; copies of an `always` section share it, so that hosts stay in step.
    ok: the next step for a host, or END, or FAILED.
    rungs: where a failure leads, and then where each further one does that comes before the host has done another task,
    up to the one that leads out of the block.
    outer: what tasks included here inherit.
    """

    task: Task
    kind: Kind
    own: Inherited
    outer: Inherited
    order: int
    ok: int
    rungs: tuple[Rung, ...]
    where: Where = Where()
    implicit: bool = False
    completes: RoleContext | None = None

    @property
    def role(self) -> RoleContext | None:
        """The role that the task belongs to."""
        return self.task.role

    @property
    def failed(self) -> int:
        """Where a failure leads: a step, END or FAILED."""
        return self.rungs[0].target

    @property
    def rescued(self) -> bool:
        """Whether a failure leads into a rescue section, of the same block or further out."""
        return self.rungs[0].rescued

    def moved(self, move: Callable[[int], int]) -> Step:
        """The step in a program where what was at `i` is at `move(i)`."""
        rungs = tuple(rung._replace(target=move(rung.target)) for rung in self.rungs)
        after = None if self.where.after is None else move(self.where.after)
        return replace(self, ok=move(self.ok), rungs=rungs, where=replace(self.where, after=after))


@dataclass(frozen=True, slots=True)
class Program:
    """Steps and where to start (END when there is nothing to do)."""

    steps: tuple[Step, ...]
    start: int = END
