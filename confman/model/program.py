"""A play, compiled: a flat list of steps, each with two ways to go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from confman.model.play import RoleContext, Task

END = -1
"""The program is done."""
FAILED = -2
"""The program ended in a failure that nothing rescued."""

Rung = tuple[int, bool]
"""Where a host goes that fails once more before it did a task, and whether a rescue section lies on that way."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """One task at its place in a program.

    order: its place as written; copies of an `always` section share it, so that hosts stay in step.
    ok, failed: the next step for a host, or END, or FAILED.
    rescued: whether a failure here leads into a rescue section.
    rungs: where further failures lead while the host has done nothing since; empty when it is out of the block.
    saved: whether the outermost block around has a rescue section.
    outer: what tasks included here inherit.
    """

    task: Task
    kind: Kind
    own: Inherited
    outer: Inherited
    order: int
    ok: int
    failed: int
    rescued: bool = False
    rungs: tuple[Rung, ...] = ()
    saved: bool = False
    implicit: bool = False
    completes: RoleContext | None = None

    @property
    def role(self) -> RoleContext | None:
        """The role that the task belongs to."""
        return self.task.role

    def moved(self, move: Callable[[int], int]) -> Step:
        """The step in a program where what was at `i` is at `move(i)`."""
        rungs = tuple((move(target), rescued) for target, rescued in self.rungs)
        return replace(self, ok=move(self.ok), failed=move(self.failed), rungs=rungs)


@dataclass(frozen=True, slots=True)
class Program:
    """Steps and where to start (END when there is nothing to do)."""

    steps: tuple[Step, ...]
    start: int = END
