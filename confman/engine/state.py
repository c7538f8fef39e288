"""Where every host of a play is. Only the engine changes these; everything else asks through events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any, Protocol

from confman.engine.handlers import HandlerIndex
from confman.engine.host import HostPlay
from confman.engine.magic import Kept, PlayHosts
from confman.engine.means import Job, Means
from confman.model.event import HostStats, TaskInfo
from confman.model.play import Block, Play, RoleContext, Task
from confman.model.program import Program, Step
from confman.model.records import dataclass


@dataclass
class Round:
    """A task on its way through some hosts.

    group: those that stand at it, of which one runs it if `once`; if it is `shared`, what becomes of it is that of all.
    held: those that wait for a place (`throttle`).
    broken: those that failed. excused: those whose failure is ignored.
    unreached: those that were not reached, even where that is ignored.
    """

    step: Step
    info: TaskInfo
    waiting: set[str]
    group: list[str] = field(default_factory=list)
    once: bool = False
    shared: bool = False
    held: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    includes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


# -- commands


@dataclass(frozen=True)
class Start:
    """Run this job; answer with its outcome."""

    host: str
    job: Job
    info: TaskInfo


@dataclass(frozen=True)
class Emit:
    """Tell the sinks."""

    event: Any


@dataclass(frozen=True)
class Reset:
    """Close the connection to a host."""

    host: str


@dataclass(frozen=True)
class Refresh:
    """Read the inventory again."""


Command = Start | Emit | Reset | Refresh


@dataclass(frozen=True)
class Inclusion:
    """What an include names: tasks, the path to show, handlers that come along, and the roles that the play now has."""

    tasks: tuple[Block | Task, ...]
    path: str
    handlers: tuple[Block | Task, ...] = ()
    roles: tuple[RoleContext, ...] = ()


class Include(Protocol):
    """Reads what includes name."""

    def __call__(self, step: Step, result: dict[str, Any], job: Job, *, handler: bool) -> Inclusion:
        """What an include's result names; `handler`: of one that is a handler. Raises ConfmanError."""
        ...


@dataclass
class PlayRun:
    """One play on one batch of hosts.

    `stats` and `custom` are those of the whole run. `all_hosts` are the play's, `hosts` the batch's in order.
    `removed`: the hosts that are none of the play any more, once for each failure that nothing rescued.
    `free`: hosts are not kept in step, `pinned`: but only so many are in the play at a time (0: any number). `debug`:
    failures are looked at in the debugger.
    `at`: the place of the task that was begun last; the tasks behind it come before those that were passed.
    `broken`: too many hosts failed, the plays to come are not run.
    `stopped`: nothing is begun any more; `ended`: because a task said that the play is over.
    """

    play: Play
    program: Program
    handlers: HandlerIndex
    means: Means
    include: Include
    hosts: dict[str, HostPlay]
    all_hosts: tuple[str, ...]
    stats: dict[str, HostStats]
    custom: dict[str, dict[str, Any]]
    free: bool = False
    debug: bool = False
    at: tuple[int, ...] = ()
    pinned: int = 0
    any_errors_fatal: bool = False
    max_fail_percentage: float | None = None
    selected: Callable[[tuple[str, ...]], bool] = lambda _tags: True
    removed: list[str] = field(default_factory=list)
    rounds: dict[str, Round] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 62)))
    stopped: bool = False
    broken: bool = False
    ended: bool = False
    cleared: bool = False
    jobs: dict[str, Job] = field(default_factory=dict)
    lead: Mapping[str, Any] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    warned: set[str] = field(default_factory=set)

    @property
    def done(self) -> bool:
        """Whether no host has anything left to do."""
        return not self.rounds and not any(host.active for host in self.hosts.values())

    def active(self) -> list[str]:
        """The hosts that have something left to do, in order."""
        return [name for name, host in self.hosts.items() if host.active]

    def play_hosts(self) -> PlayHosts:
        """The play as magic variables see it."""
        gone = set(self.removed)
        batch = tuple(name for name in self.hosts if name not in gone)
        left = tuple(name for name in self.all_hosts if name not in gone)
        return PlayHosts(self.play.name, self.play.folder, self.all_hosts, left, batch)

    def count(self, host: str, **counts: int) -> None:
        """Add to a host's counts."""
        old = self.stats.get(host, HostStats())
        self.stats[host] = replace(old, **{name: getattr(old, name) + number for name, number in counts.items()})
