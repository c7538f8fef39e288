"""What the pure parts of a run ask of the world, and get answered by the run room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from confman.model.call import Call, Identity, Target
from confman.model.records import dataclass

INTERRUPTED = "\x03"
"""The answer of somebody who typed Ctrl+C."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """An action's wish: run this module with these arguments (not validated yet) on the task's host.

    check: overrides the task's dry-run flag. environment: added to the task's. lenient: leave out arguments that
    the module does not have. foreground: the answer is waited for although the task is to go on by itself (`async`).
    named: the name is what the user wrote, and may mean any module there is; otherwise it is one of ours.
    on_controller: run it on this machine instead. as_login: run it as the user who logged in, whomever the task is to
    become. final: the action asks for nothing after it.
    """

    module: str
    arguments: Mapping[str, Any]
    check: bool | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False
    foreground: bool = False
    named: bool = False
    on_controller: bool = False
    as_login: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Execute:
    """An action's wish: run a command line without an agent. Answered by {"rc", "stdout", "stderr"} as bytes."""

    command: str
    executable: str | None = None
    stdin: bytes = b""


@dataclass(frozen=True, slots=True)
class Download:
    """An action's wish: the content of a file on the target, handed in parts to `write`.

    Answered by {"size", "sha1", "mode"}, or by {"error": errno name, "msg": text}.
    """

    path: str
    write: Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the user; answered by the text, or by `None` when there is nobody to ask.

    seconds: bounds the wait; "" when it is over. enter: whether Enter ends the answer. choices: keys of which each is
    an answer at once, whatever its case. interruptible: Ctrl+C is an answer (`INTERRUPTED`), not the end of the run.
    """

    prompt: str
    echo: bool = True
    seconds: float | None = None
    enter: bool = True
    choices: str = ""
    interruptible: bool = False


@dataclass(frozen=True, slots=True)
class Background:
    """Run a function of the controller that may take its time, beside everything else; answered by its result."""

    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Reconnect:
    """Close the connection of the task's host; the next call opens it again."""


@dataclass(frozen=True, slots=True)
class Within:
    """Answer all that comes after this within so many seconds (0: as long as it takes), else raise TimedOut."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell the sinks; answered by nothing."""

    event: Any


ActionRequest = Invocation | Execute | Download | Sleep | Ask | Background | Reconnect | Notice


@dataclass(frozen=True, slots=True)
class Reach:
    """A request settled for the run room: where it goes and as whom. An action may settle a wish itself.

    request: a `Call` (from an `Invocation`), or one of the action requests.
    """

    target: Target
    identity: Identity
    request: Call | ActionRequest
