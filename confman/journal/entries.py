"""What the journal holds, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Start:
    """How a run begins: when (seconds since 1970), by whom, where, and what was called. `pid` is the controller's."""

    at: float
    user: str
    machine: str
    pid: int
    folder: str
    command: tuple[str, ...]
    check: bool
    version: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A task that is about to run; `number` is its round in the run, `hosts` are those that begin it."""

    number: int
    play: str
    name: str
    action: str
    place: str
    hosts: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one object: what it was and what it became, as far as the module tells."""

    kind: str
    id: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a file was before it was changed: its content, compressed by zlib, and whose it was."""

    id: str
    mode: str
    owner: str
    group: str
    packed: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended on a host.

    status: ok, changed, failed, skipped or unreachable; "doubt" where it began and nothing is known of its end.
    worker: the host that did the work, if another one did. signature: equal where the same was asked.
    note: of a failure, what it said. diff: as it was shown.
    contents: what changed files were before; written, but not read again with the rest.
    """

    number: int
    host: str
    status: str
    at: float
    seconds: float = 0.0
    ignored: bool = False
    grade: str = ""
    worker: str = ""
    note: str = ""
    signature: str = ""
    changes: tuple[Change, ...] = ()
    diff: Any = None
    contents: tuple[Content, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the journal knows it.

    state: "running", "done", "failed" (on some host), "interrupted" (it ended itself early) or "lost" (the controller
    was gone before the end). stats: the recap's counts by host.
    """

    id: int
    start: Start
    playbooks: tuple[str, ...]
    ended: float | None
    state: str
    stats: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a run, with what became of it on each host."""

    intent: Intent
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Touch:
    """One change of an object in some run."""

    run: int
    at: float
    check: bool
    user: str
    host: str
    task: str
    place: str
    change: Change
