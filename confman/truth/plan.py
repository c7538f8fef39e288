"""What a plan is: the tasks of a dry run as they are to be sent, what each would change, and what hosts were like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from confman.model.call import Identity, JobWish, Target
from confman.model.records import dataclass
from confman.model.source import Source

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Way:
    """Where requests go and as whom."""

    target: Target
    identity: Identity


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a file that travels with the plan: its SHA-256, or where it is among what is sealed.

    secret: it is not to be shown.
    """

    sha256: str = ""
    sealed: int | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """The file of a module that is none of confman's own, what was in it, and how it is run (see `model.call`)."""

    path: str
    sha256: str
    name: str = ""
    entry: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    interpreter: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """One call of a module, ready to be sent. way: its place in `Plan.ways`."""

    way: int
    module: str
    arguments: Mapping[str, Any]
    contents: Mapping[str, Content] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)
    verify: bool = True
    only_looks: bool = False
    timeout: float | None = None
    job: JobWish | None = None
    own: Program | None = None
    foreign: Program | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """An action of the controller with its arguments, for what is no call of a module: reboot, raw, pause ..."""

    way: int
    action: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deferred:
    """A task that is evaluated when the plan is applied: templates stand in its arguments and variables.

    objects: kind and name of all that it may touch.
    """

    way: int
    action: str
    args: Mapping[str, Any]
    when: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    objects: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A change of an object, as the dry run foresaw it."""

    kind: str
    id: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Judging:
    """What decides on a task's result: conditions as they are written, and the variables that they use."""

    changed: tuple[str, ...] | None = None
    failed: tuple[str, ...] | None = None
    until: tuple[str, ...] | None = None
    tries: int = 1
    delay: float = 0.0
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A task on a host, or an item of its loop. Without `sends`, `act` and `deferred`, nothing is done for it.

    variables: those of the loop.
    """

    sends: tuple[Send, ...] = ()
    act: Act | None = None
    deferred: Deferred | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    changes: tuple[Foreseen, ...] = ()
    diff: Any = None

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done for it."""
        return not self.sends and self.act is None and self.deferred is None


@dataclass(frozen=True, slots=True)
class Work:
    """A task on one host.

    status, grade, why: as the dry run judged. after: for a handler, the rounds of which one must change the host.
    objects: kind and name of all that the task is about. signature: equal where the same is asked.
    left_out: why apply does not do it, though it may have to.
    """

    status: str
    items: tuple[Item, ...] = ()
    judging: Judging = field(default_factory=Judging)
    grade: str = ""
    why: str = ""
    delegated: str = ""
    after: tuple[int, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    left_out: str = ""
    signature: str = ""

    @property
    def changes(self) -> tuple[Foreseen, ...]:
        """The foreseen changes of all items."""
        return tuple(change for item in self.items for change in item.changes)

    @property
    def matters(self) -> bool:
        """Whether it does something to its host, or may."""
        return self.status in {"changed", "failed"} or self.grade == "unknown" or bool(self.left_out)

    @property
    def sends(self) -> bool:
        """Whether anything is done for it."""
        return not all(item.empty for item in self.items) and not self.left_out


@dataclass(frozen=True, slots=True)
class Step:
    """A task as some hosts have it in common. round: the same for all hosts that ran it together.

    words: keywords with their values: name, register, ignore_errors, no_log, throttle ... loop: the items' values.
    """

    round: int
    name: str
    action: str
    place: Source
    role: str = ""
    handler: bool = False
    words: Mapping[str, Any] = field(default_factory=dict)
    loop: tuple[Any, ...] | None = None
    hosts: Mapping[str, Work] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedPlay:
    """A play: its hosts in their batches, and its steps in order."""

    name: str
    place: Source
    batches: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an object of a host was like when the plan was made."""

    host: str
    way: int
    kind: str
    id: str
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """Who made a plan, when (seconds since 1970), from what, and until when it may be applied.

    inventory: for each host a digest of what the inventory said of it. folders: of modules and plugins.
    tags, skip_tags, extra: the options with which hosts are planned again; extra variables as they were written.
    """

    at: float
    until: float
    by: str
    machine: str
    version: str
    folder: str
    command: tuple[str, ...]
    playbooks: tuple[str, ...]
    sources: tuple[str, ...]
    inventory: Mapping[str, str]
    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ("all",)
    skip_tags: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it."""

    made: Made
    plays: tuple[PlannedPlay, ...]
    ways: tuple[Way, ...] = ()
    seen: tuple[Seen, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host of the plan, in order."""
        return tuple(dict.fromkeys(host for play in self.plays for batch in play.batches for host in batch))

    @property
    def changes_anything(self) -> bool:
        """Whether applying it would, or might, change anything."""
        return any(work.matters for play in self.plays for step in play.steps for work in step.hosts.values())
