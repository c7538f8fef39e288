"""Values that a dry run cannot know: there in the real run, but what they are only that can tell."""

from __future__ import annotations

from typing import Any

from confman.errors import UnknownUntilApplied
from confman.templating.undefined import Undefined


class Unforeseen(Undefined):
    """A value that will be there: its attributes and items are unforeseen too, any other use raises.

    What is raised becomes UnknownUntilApplied, whose message is `reason`.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        super().__init__(hint=reason, cause=UnknownUntilApplied(reason))
        self.reason = reason


class UnforeseenResult(dict[str, Any]):
    """A task's result of which only some parts are known; all others are `Unforeseen`."""

    def __init__(self, known: dict[str, Any], reason: str) -> None:
        super().__init__(known)
        self.reason = reason

    def __missing__(self, name: str) -> Unforeseen:
        return Unforeseen(self.reason)

    def get(self, name: str, default: Any = None) -> Any:
        """What is known, else an unforeseen value: `default` would be one of many."""
        del default
        return self[name]
