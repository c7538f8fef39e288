"""Playbooks as they were written, imports already linked in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from confman.model.records import dataclass
from confman.model.source import Source

Keywords = Mapping[str, Any]
"""Keywords as written (values not rendered)."""


@dataclass(frozen=True, slots=True)
class RoleContext:
    """A role in use: what its tasks see of it."""

    name: str
    path: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """What `vars` says where a play or another role names it: to its dependencies that is less than their own."""
    parents: tuple[RoleContext, ...] = ()
    """The roles that led here (dependents and includers), the nearest first."""
    collection: str = ""
    collections: tuple[str, ...] = ()
    """Where its short names are looked for: its own collection, then those that its `meta` names."""
    key: str = ""
    """Equal for two uses that are the same role with the same parameters: it runs once per host."""
    allow_duplicates: bool = False
    dependency: bool = False
    public: bool | None = None
    """Whether the rest of the play sees its variables; None: as the use of it has it (imports yes, includes no)."""


@dataclass(frozen=True, slots=True)
class Loop:
    """`loop` (lookup "") or `with_<lookup>`, with its terms and `loop_control`."""

    lookup: str
    terms: Any
    control: Keywords = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One task; `args` is a mapping, or a template that gives one."""

    action: str
    args: Any
    keywords: Keywords
    source: Source
    loop: Loop | None = None
    role: RoleContext | None = None

    @property
    def name(self) -> str:
        """The name as written, "" without one."""
        return str(self.keywords.get("name") or "")


@dataclass(frozen=True, slots=True)
class Block:
    """Tasks that share keywords, with what to do when one fails and what to do in any case."""

    tasks: tuple[Block | Task, ...]
    keywords: Keywords
    source: Source
    rescue: tuple[Block | Task, ...] = ()
    always: tuple[Block | Task, ...] = ()
    role: RoleContext | None = None
    completes: RoleContext | None = None
    """Set on the block that is a whole role: reaching its end completes the role for the host."""


@dataclass(frozen=True, slots=True)
class Play:
    """A play with its roles linked; `sections` are pre_tasks, roles, tasks, post_tasks."""

    name: str
    hosts: Any
    keywords: Keywords
    source: Source
    pre_tasks: tuple[Block | Task, ...] = ()
    roles: tuple[Block, ...] = ()
    tasks: tuple[Block | Task, ...] = ()
    post_tasks: tuple[Block | Task, ...] = ()
    handlers: tuple[Block | Task, ...] = ()
    role_contexts: tuple[RoleContext, ...] = ()
    folder: str = "."
    """Of the playbook that holds the play."""
    playbook: str = ""
