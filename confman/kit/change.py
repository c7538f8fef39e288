"""The contract between a module and the runner.

A module is a generator function. It looks at the system, yields a `Change` for every object that is not
as asked (and a `Warn` for what the user should know), and returns a dict of further result data. It never
changes anything itself: the action is in `Change.do`. It never learns whether it is a dry run.
It raises `Failure` for what cannot be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _Unknown:
    """A value that only the real run can know."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unknown until applied"


UNKNOWN = _Unknown()


class Change:
    """One foreseen change of one object.

    kind, id: what is changed: file, directory, link, package, unit, user, line, command ... and which one.
    before, after: enough to show, compare and undo; None means absent; UNKNOWN is allowed for `after`.
    do: the action; it may return a dict, which is merged into the module's result.
    diff: a dict as Ansible's callbacks read it (before, after, before_header, after_header, or prepared), or a
        function that gives it; called only when a diff is wanted. Without it, `before` and `after` are shown.
    once: an act rather than a state (touch, run, restart): the plan after doing may want it again, which is well.
    """

    __slots__ = ("after", "before", "diff", "do", "id", "kind", "once")

    def __init__(
        self,
        kind: str,
        id: str,
        *,
        before: Any = None,
        after: Any = None,
        do: Callable[[], Mapping[str, Any] | None],
        diff: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None = None,
        once: bool = False,
    ) -> None:
        self.kind = kind
        self.id = id
        self.before = before
        self.after = after
        self.do = do
        self.diff = diff
        self.once = once

    def key(self) -> tuple[str, str]:
        """What the change is about, for comparing two plans."""
        return (self.kind, self.id)


class Warn:
    """Yielded for what the user should know though nothing is wrong."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Failure(Exception):
    """The module cannot do what was asked; `data` goes into the result (rc, stdout, ...).

    `_lacks` in it names what is not there but may come with changes that a dry run only foresees: the engine judges.
    """

    def __init__(self, msg: str, **data: Any) -> None:
        super().__init__(msg)
        self.msg = msg
        self.data = data


class Unsupported(Failure):
    """The platform lacks what the module needs; the message names it."""
