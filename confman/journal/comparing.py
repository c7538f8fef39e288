"""How two runs differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from confman.journal.entries import Change, Task
from confman.model.records import dataclass

Key = tuple[str, str, str]
"""Play, task and how many of that name came before it in the play: what makes two tasks the same in two runs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A task that ended otherwise on a host in the second run; "" where it did not run at all there.

    gone, fresh: changes that only the first, and only the second run made.
    """

    play: str
    task: str
    host: str
    first: str
    second: str
    gone: tuple[Change, ...] = ()
    fresh: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _End:
    status: str
    changes: tuple[Change, ...]


def differences(first: Iterable[Task], second: Iterable[Task]) -> list[Difference]:
    """What differs between two runs, in the order of the second, then what only the first had."""
    one, two = _ends(first), _ends(second)
    found = []
    for key, host in dict.fromkeys((*two, *one)):
        before, after = one.get((key, host)), two.get((key, host))
        if before != after:
            found.append(_difference(key, host, before, after))
    return found


def _difference(key: Key, host: str, first: _End | None, second: _End | None) -> Difference:
    old, new = first.changes if first else (), second.changes if second else ()
    return Difference(
        play=key[0],
        task=key[1],
        host=host,
        first=first.status if first else "",
        second=second.status if second else "",
        gone=tuple(change for change in old if change not in new),
        fresh=tuple(change for change in new if change not in old),
    )


def _ends(tasks: Iterable[Task]) -> Mapping[tuple[Key, str], _End]:
    ends: dict[tuple[Key, str], _End] = {}
    seen: dict[tuple[str, str], int] = {}
    for task in tasks:
        name = (task.intent.play, task.intent.name)
        seen[name] = seen.get(name, 0) + 1
        for outcome in task.outcomes:
            ends[((*name, str(seen[name])), outcome.host)] = _End(outcome.status, outcome.changes)
    return ends
