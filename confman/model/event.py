"""What happens in a run, as the sinks see it. Secrets are already taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from confman.model.records import dataclass
from confman.model.source import Source

Status = Literal["ok", "changed", "failed", "skipped", "unreachable"]


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """A task as shown; `id` is the same for all hosts of one round, `diff` None where the run decides.

    `written` is the action as the playbook has it where that is a template, else ""; `collections` are those in which
    its short name is looked for.
    """

    id: int
    name: str
    action: str
    source: Source | None
    handler: bool = False
    role: str = ""
    args: str = ""
    check: bool = False
    no_log: bool = False
    diff: bool | None = None
    written: str = ""
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaybookStarted:
    """A playbook file begins, with so many plays."""

    path: str
    plays: int = 0


@dataclass(frozen=True, slots=True)
class PlayStarted:
    """A play begins on a batch of hosts; `free`: each goes on without waiting for the others."""

    name: str
    hosts: tuple[str, ...]
    check: bool = False
    free: bool = False


@dataclass(frozen=True, slots=True)
class NoHosts:
    """A play has nothing to run on: no host matched, or none is left."""

    matched: bool


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """The first host of a round begins a task; `hosts` are all that are to run it in this round."""

    task: TaskInfo
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostStarted:
    """A host begins a task; for progress displays."""

    host: str
    task: TaskInfo


@dataclass(frozen=True, slots=True)
class SentAhead:
    """A host is sent tasks before their turn, since nothing can come in between; each is begun and ended later."""

    host: str
    tasks: tuple[TaskInfo, ...]


@dataclass(frozen=True, slots=True)
class ItemDone:
    """One item of a loop is done on a host."""

    host: str
    task: TaskInfo
    status: Status
    result: Mapping[str, Any]
    label: Any
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class Retrying:
    """A task is tried again."""

    host: str
    task: TaskInfo
    left: int
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobPolled:
    """A job that goes on by itself on a host was asked how far it is; `job` is its id."""

    host: str
    task: TaskInfo
    state: Literal["running", "ok", "failed"]
    job: str
    started: bool = True
    finished: bool = False


@dataclass(frozen=True, slots=True)
class HostDone:
    """A host is done with a task. `delegated` names the host that did the work, if another one did.

    grade: in a dry run of the whole run, how sure this is: exact, predicted or unknown; why stands in `unknown`.
    signature: equal for what was asked of the host alike; "" where nothing was, or where nobody is to know.
    changes: what was changed, or would be: kind, id, before and after of each object, as far as the module tells.
    """

    host: str
    task: TaskInfo
    status: Status
    result: Mapping[str, Any]
    ignored: bool = False
    delegated: str = ""
    loop: bool = False
    seconds: float = 0.0
    grade: str = ""
    unknown: str = ""
    signature: str = ""
    changes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Included:
    """An include was resolved for some hosts."""

    path: str
    hosts: tuple[str, ...]
    label: Any = None


@dataclass(frozen=True, slots=True)
class Notified:
    """A handler was notified by a host."""

    host: str
    handler: str


@dataclass(frozen=True, slots=True)
class HandlersOwed:
    """Hosts failed or were lost before they ran handlers that their tasks had notified: handlers by host."""

    handlers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell the user: a warning, a deprecation, an error, or a remark from verbosity `level` on."""

    kind: Literal["warning", "deprecation", "error", "info"]
    text: str
    level: int = 0
    source: Source | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class HostStats:
    """Counts of a host, as the recap shows them."""

    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class RunDone:
    """The run is over. `custom` is what set_stats gathered, by host and "_run".

    whole: it came to its end by itself; False when it was interrupted or an error ended it.
    """

    stats: Mapping[str, HostStats]
    custom: Mapping[str, Any] = field(default_factory=dict)
    whole: bool = True


Event = (
    PlaybookStarted
    | PlayStarted
    | NoHosts
    | TaskStarted
    | HostStarted
    | SentAhead
    | ItemDone
    | Retrying
    | JobPolled
    | HostDone
    | Included
    | Notified
    | HandlersOwed
    | Message
    | RunDone
)
