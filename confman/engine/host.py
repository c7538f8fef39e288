"""Where one host of a play is, and how it goes from step to step."""

from __future__ import annotations

from dataclasses import field

from confman.model.program import END, FAILED, Program, Rung, Step
from confman.model.records import dataclass


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
    fell: the place of the first failure since then.
    left: that place; where the last failure did not send it out of the block, the place that it led to.
    rungs: where further failures send it while it has not.
    broken: the outermost block where it is has failed; `rescuing_now`: it is directly in a rescue section.
    forgiven: that failure was forgotten since.
    ended: a task ended the play for it.
    saved: what its tasks notified since the last flush, by name. notified: the handlers that it is to run.
    passed: the handler whose failure ended the last flush; the next one begins behind it.
    """

    frames: list[Frame]
    failed: bool = False
    unreachable: bool = False
    lost: bool = False
    leaving: bool = False
    fell: list[tuple[Frame, int]] = field(default_factory=list)
    left: list[tuple[Frame, int]] = field(default_factory=list)
    rungs: tuple[Rung, ...] = ()
    broken: bool = False
    forgiven: bool = False
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
        broken = self.frames[0].step.where.broken
        self.forgiven = self.forgiven and broken
        self.broken = broken and not self.forgiven
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
