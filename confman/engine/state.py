"""Where every host of a play is. Only the engine changes these; everything else asks through events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from confman.engine.handlers import HandlerIndex
from confman.engine.magic import Stage
from confman.engine.means import Job, Means
from confman.model.event import HostStats, TaskInfo
from confman.model.play import Block, Play, RoleContext, Task
from confman.model.program import END, FAILED, Program, Rung, Step


@dataclass(frozen=True)
class Instance:
    """Tasks that an include brought in for some hosts; `number` orders instances as they were made."""

    program: Program
    number: int


@dataclass
class Frame:
    """A program that a host is in; further instances of the same include wait in `pending`."""

    program: Program
    position: int
    number: int = 0
    handlers: bool = False
    pending: tuple[Instance, ...] = ()

    @property
    def step(self) -> Step:
        """The step that the host is at."""
        return self.program.steps[self.position]


@dataclass
class HostPlay:
    """A host in a play. An empty list of frames means that it is through; `lost`: because it failed.

    stood: where it was with the task that it did last, if that went well: what else fails it, fails it from there.
    leaving: a failure sent it out of the block where it was, and it has not done a task since.
    left: the place of that failure; where it did not send it out of the block, the place that it led to.
    rungs: where further failures send it while it has not.
    broken: the outermost block where it is has failed; `rescuing_now`: it is directly in a rescue section.
    ended: a task ended the play for it.
    saved: what its tasks notified since the last flush, by name. notified: the handlers that it is to run.
    passed: the handler whose failure ended the last flush; the next one begins behind it.
    """

    frames: list[Frame]
    failed: bool = False
    unreachable: bool = False
    lost: bool = False
    leaving: bool = False
    left: list[tuple[Frame, int]] = field(default_factory=list)
    rungs: tuple[Rung, ...] = ()
    broken: bool = False
    rescuing_now: bool = False
    ended: bool = False
    passed: int = -1
    stood: list[tuple[Frame, int]] = field(default_factory=list)
    saved: dict[str, None] = field(default_factory=dict)
    notified: dict[int, None] = field(default_factory=dict)
    completed: set[str] = field(default_factory=set)
    ran: set[str] = field(default_factory=set)

    @property
    def rescued(self) -> bool:
        """Whether a failure where the host stands leads into a rescue section, in this program or further out."""
        return any(frame.step.rescued for frame in self.frames)

    @property
    def rescuing(self) -> bool:
        """Whether a failure where the host stands counts as rescued.

        Among handlers it also does in the rescue and always sections of an outermost block that has a rescue section.
        """
        return self.rescued or (self.flushing and self.frames[0].step.where.saved)

    @property
    def flushing(self) -> bool:
        """Whether it is among handlers."""
        return any(frame.handlers for frame in self.frames)

    @property
    def gone(self) -> bool:
        """Whether the plays to come go on without the host."""
        return self.failed or self.unreachable or self.lost

    @property
    def active(self) -> bool:
        """Whether there is something left to do."""
        return bool(self.frames) and not self.unreachable

    def places(self) -> list[tuple[Frame, int]]:
        """Where it is in each of its frames."""
        return [(frame, frame.position) for frame in self.frames]

    def stand(self) -> None:
        """Remember where the host is as the place of the task that it does."""
        self.stood = self.places()
        self.left = []
        self.leaving = False
        self.rungs = ()
        self.broken = self.frames[0].step.where.broken
        self.rescuing_now = not self.flushing and self.frames[-1].step.where.rescue

    def key(self, place: int) -> tuple[int, ...]:
        """The host's place in the order of tasks as written, comparable between hosts; `place` in its last program."""
        found: list[int] = []
        for depth, frame in enumerate(self.frames):
            if depth:
                found.append(frame.number)
            last = depth == len(self.frames) - 1
            found.append(frame.program.steps[place].order if last else frame.step.order)
        return tuple(found)


@dataclass
class Round:
    """A task on its way through some hosts.

    group: those that stand at it, of which one runs it if `once`. held: those that wait for a place (`throttle`).
    broken: those that failed or were not reached.
    """

    step: Step
    info: TaskInfo
    waiting: set[str]
    group: list[str] = field(default_factory=list)
    once: bool = False
    held: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
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


Include = Callable[[Step, dict[str, Any], Job], Inclusion]
"""include(step, result, job): what an include's result names. Raises ConfmanError."""


@dataclass
class PlayRun:
    """One play on one batch of hosts.

    `stats` and `custom` are those of the whole run. `all_hosts` are the play's, `hosts` the batch's in order.
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
    rounds: dict[str, Round] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 62)))
    stopped: bool = False
    broken: bool = False
    ended: bool = False
    cleared: bool = False
    jobs: dict[str, Job] = field(default_factory=dict)
    lead: Mapping[str, Any] = field(default_factory=dict)
    handler_roles: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)

    @property
    def done(self) -> bool:
        """Whether no host has anything left to do."""
        return not self.rounds and not any(host.active for host in self.hosts.values())

    def active(self) -> list[str]:
        """The hosts that have something left to do, in order."""
        return [name for name, host in self.hosts.items() if host.active]

    def stage(self) -> Stage:
        """The play as magic variables see it."""
        gone = {name for name, host in self.hosts.items() if host.failed or host.unreachable or host.ended}
        batch = tuple(name for name in self.hosts if name not in gone)
        left = tuple(name for name in self.all_hosts if name not in gone)
        return Stage(self.play.name, self.play.folder, self.all_hosts, left, batch)

    def count(self, host: str, **counts: int) -> None:
        """Add to a host's counts."""
        old = self.stats.get(host, HostStats())
        self.stats[host] = replace(old, **{name: getattr(old, name) + number for name, number in counts.items()})


def settle(host: HostPlay) -> None:
    """Leave every frame that has ended; an ended include or flush goes on where it stood."""
    while host.frames and host.frames[-1].position < 0:
        ended = host.frames.pop()
        if ended.position == END and ended.pending:
            first, *rest = ended.pending
            host.frames.append(Frame(first.program, first.program.start, first.number, pending=tuple(rest)))
            continue
        if host.frames:
            outer = host.frames[-1]
            leave(host, outer.step.ok if ended.position == END else outer.step.failed)


def leave(host: HostPlay, target: int) -> None:
    """Go from the current step to `target`; among handlers, to the next one that is notified."""
    frame = host.frames[-1]
    if frame.handlers and target != FAILED:
        target = next_handler(host, frame.position)
    frame.position = target


def next_handler(host: HostPlay, after: int) -> int:
    """The first notified handler behind `after`, END when there is none."""
    later = [index for index in host.notified if index > after]
    return min(later, default=END)
