"""What to know of a plan before a change: what will restart, what will reboot, and which tasks fight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from confman.model.records import dataclass
from confman.model.source import Source
from confman.truth.plan import Foreseen, Plan, Step, Work

_UNITS = frozenset({"unit", "service"})
_WHOLE = frozenset({"copy", "get_url", "assemble"})
"""Modules that give a file all of its content."""


@dataclass(frozen=True, slots=True)
class Fight:
    """Two tasks that want different things of one object: each run will change it. hosts: where."""

    kind: str
    id: str
    first: Source
    second: Source
    hosts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """It in one line."""
        there = self.second.path if self.second.path != self.first.path else ""
        places = f"{self.first.path}:{self.first.line} and {there}:{self.second.line}"
        return f"{places} both write {self.id}: it will change on every run ({', '.join(self.hosts)})"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is ahead.

    services: by unit, what becomes of it and where. reboots: the hosts. seconds: how long it took before, if known.
    """

    services: Mapping[tuple[str, str], tuple[str, ...]]
    reboots: tuple[str, ...]
    fights: tuple[Fight, ...]
    seconds: float | None = None


def outlook(plan: Plan, durations: Mapping[tuple[str, str], float] | None = None) -> Outlook:
    """What is to be known of a plan. durations: seconds of tasks in earlier runs, by place and name."""
    services: dict[tuple[str, str], dict[str, None]] = {}
    reboots: dict[str, None] = {}
    for step, host, work in works(plan):
        where = work.delegated or host
        for change in work.changes:
            if change.kind in _UNITS:
                services.setdefault((change.id, _act(change)), {})[where] = None
        if step.action.rsplit(".", 1)[-1] == "reboot" and work.sends:
            reboots[where] = None
    named = {key: tuple(sorted(hosts)) for key, hosts in sorted(services.items())}
    return Outlook(named, tuple(sorted(reboots)), tuple(fights(plan)), _seconds(plan, durations or {}))


def works(plan: Plan) -> Iterator[tuple[Step, str, Work]]:
    """Every step with every host that has it."""
    for play in plan.plays:
        for step in play.steps:
            for host, work in step.hosts.items():
                yield step, host, work


def _act(change: Foreseen) -> str:
    running = {"active", "running", "started", True}
    before, after = change.before in running, change.after in running
    return {(True, True): "restart", (False, True): "start", (True, False): "stop"}.get((before, after), "change")


def _seconds(plan: Plan, durations: Mapping[tuple[str, str], float]) -> float | None:
    """How long the steps took before; None where nothing is known of most of them."""
    steps = {(place_of(step), step.name) for step, _host, work in works(plan) if work.sends}
    known = [durations[key] for key in steps if key in durations]
    return sum(known) if known and len(known) * 2 >= len(steps) else None


def place_of(step: Step) -> str:
    """Where a step's task stands, as the journal has it."""
    return f"{step.place.path}:{step.place.line}"


def fights(plan: Plan) -> Iterator[Fight]:
    """The pairs of tasks that undo each other's changes."""
    found: dict[tuple[str, str, Source, Source], dict[str, None]] = {}
    made: dict[tuple[str, str, str], list[tuple[Step, bool, Foreseen]]] = {}
    for host, step, whole, change in _changes(plan):
        earlier = made.setdefault((host, change.kind, change.id), [])
        for other, other_whole, before in earlier:
            if step.place != other.place and _differ(before, change, whole=whole or other_whole):
                found.setdefault((change.kind, change.id, other.place, step.place), {})[host] = None
        earlier.append((step, whole, change))
    for (kind, name, first, second), hosts in found.items():
        yield Fight(kind, name, first, second, tuple(sorted(hosts)))


def _changes(plan: Plan) -> Iterator[tuple[str, Step, bool, Foreseen]]:
    """Every change with its host and step, and whether it gives a file all of its content."""
    for step, host, work in works(plan):
        for item in work.items:
            whole = any(send.module.rsplit(".", 1)[-1] in _WHOLE for send in item.sends)
            yield from ((work.delegated or host, step, whole, change) for change in item.changes)


def _differ(one: Foreseen, other: Foreseen, *, whole: bool) -> bool:
    """Whether two changes leave an object otherwise; two edits of a file get along, unless one writes all of it."""
    if one.kind == "file":
        return whole and one.after != other.after
    if isinstance(one.after, Mapping) and isinstance(other.after, Mapping):
        return any(one.after[name] != other.after[name] for name in one.after.keys() & other.after.keys())
    return bool(_known(one.after) and _known(other.after) and one.after != other.after)


def _known(value: Any) -> bool:
    return bool(value != {"unknown": True})
