"""A play, compiled: a flat list of steps, each with two ways to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from confman.model.play import RoleContext, Task

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


@dataclass(frozen=True, slots=True)
class Step:
    """One task at its place in a program.

    order: its place as written; copies of an `always` section share it, so that hosts stay in step.
    ok, failed: the next step for a host, or END, or FAILED.
    rescued: whether a failure here leads into a rescue section.
    inner: whether a failure here goes on in the same block, in its rescue or always section.
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
    inner: bool = False
    implicit: bool = False
    completes: RoleContext | None = None

    @property
    def role(self) -> RoleContext | None:
        """The role that the task belongs to."""
        return self.task.role


@dataclass(frozen=True, slots=True)
class Program:
    """Steps and where to start (END when there is nothing to do)."""

    steps: tuple[Step, ...]
    start: int = END
