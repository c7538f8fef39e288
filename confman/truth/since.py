"""Whether hosts are still as a run left them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confman.truth.objects import Thing, of_change
from confman.truth.plan import Seen
from confman.truth.undo import Undoing

State = Mapping[str, Any]


def things(wanted: Iterable[Undoing]) -> dict[str, list[Thing]]:
    """By host, the objects that must be as the run left them."""
    found: dict[str, list[Thing]] = {}
    for each in wanted:
        found.setdefault(each.host, []).extend(of_change(each.kind, each.id))
    return found


def changed_since(wanted: Iterable[Undoing], seen: Iterable[Seen]) -> list[tuple[Undoing, State | None]]:
    """The objects that are not as the run left them, each with its present state."""
    now = {(each.host, (each.kind, each.id)): each.state for each in seen}
    found = []
    for each in wanted:
        for thing in of_change(each.kind, each.id):
            state = now.get((each.host, thing))
            if (each.host, thing) in now and not _is_as_left(each, state):
                found.append((each, state))
    return found


def _is_as_left(one: Undoing, state: State | None) -> bool:
    """Whether a state is what a run left, as far as its record tells."""
    if one.after is None or state is None:
        return one.after is None and state is None
    return _WAYS.get(one.kind, _agrees)(one.after, state)


def _agrees(after: Any, state: State) -> bool:
    return not isinstance(after, Mapping) or all(state[name] == after[name] for name in after.keys() & state.keys())


def _holds(after: Any, state: State) -> bool:
    """Whether a table of cron, which may be a file, has this text; one that was too long to be kept may have."""
    if not isinstance(after, str):
        return True
    data = after.encode("utf-8", "surrogateescape")
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return state.get("sha1") == sha1 or state.get("sha256") == hashlib.sha256(data).hexdigest()


_AT_BOOT = frozenset({"enabled", "static", "generated", "indirect", "alias"})
"""What systemd calls units that start at boot, or need not be made to."""

_WAYS: Mapping[str, Callable[[Any, State], bool]] = {
    "crontab": _holds,
    "package": lambda after, state: bool(state.get("version") == after),
    "unit": lambda after, state: bool(state.get("active") == after),
    "link": lambda after, state: bool(state.get("target") == after),
    "unit file": lambda after, state: bool(after == (state.get("boot") in _AT_BOOT)),
    "unit mask": lambda after, state: bool(after == str(state.get("boot")).startswith("masked")),
}
"""How states of kinds are compared with what a record tells; those of others by what both have."""
