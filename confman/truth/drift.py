"""Drift: what hosts are like against what the playbook asks, and against what was last applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from confman.model.records import dataclass
from confman.truth.objects import Thing, of_change
from confman.truth.outlook import works
from confman.truth.plan import Foreseen, Plan, PlannedPlay, Step, Work

State = Literal["drifted", "outdated", "in order", "unknown"]
Asked = Mapping[tuple[str, str], frozenset[str]]
States = Mapping[tuple[str, str, str], Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """An object of a host: drifted (changed outside), outdated (the playbook changed), in order, or unknown.

    Of a task that is unknown as a whole (kind "task", its name), `why` says the reason.
    """

    host: str
    step: Step
    kind: str
    id: str
    state: State
    before: Any = None
    after: Any = None
    why: str = ""


@dataclass(frozen=True)
class Applied:
    """What is known of earlier runs: what tasks asked when they last went well, and what objects became."""

    asked: Asked
    states: States


def findings(plan: Plan, applied: Applied) -> list[Finding]:
    """Every object that the tasks of a dry run are about, once for each task that would change it, and tasks untold."""
    found: list[Finding] = []
    told: set[tuple[str, Thing]] = set()
    for step, host, work in works(plan):
        where = work.delegated or host
        for change in () if step.handler or work.status == "ok" else work.changes:
            state = _state(where, step, work, change, applied)
            if state is not None:
                found.append(Finding(where, step, change.kind, change.id, state, change.before, change.after))
                told.update((where, thing) for thing in of_change(change.kind, change.id))
    return found + list(_in_order(plan, told)) + list(_untold(plan, found))


def _untold(plan: Plan, found: list[Finding]) -> Iterator[Finding]:
    """The tasks of which a dry run cannot even tell what they are about."""
    told = {(each.step.round, each.host) for each in found}
    for step, host, work in works(plan):
        where = work.delegated or host
        if work.grade == "unknown" and not step.handler and (step.round, where) not in told:
            yield Finding(where, step, "task", step.name, "unknown", why=work.why)


def _in_order(plan: Plan, told: set[tuple[str, Thing]]) -> Iterator[Finding]:
    """The objects of tasks that would not change them."""
    for step, host, work in works(plan):
        where = work.delegated or host
        for thing in work.objects:
            if (where, thing) not in told and work.grade != "unknown":
                told.add((where, thing))
                yield Finding(where, step, *thing, "in order")


_ACTS = frozenset({"command", "script", "run", "request", "wait", "times", "package lists", "systemd"})
"""Kinds of changes that are no state of anything."""


def _state(host: str, step: Step, work: Work, change: Foreseen, applied: Applied) -> State | None:
    """What a foreseen change means; None where it is about no object."""
    if change.kind in _ACTS:
        return None
    if work.grade == "unknown":
        return "unknown"
    asked = applied.asked.get((host, step.name), frozenset())
    if work.signature in asked:
        return "drifted"
    last = applied.states.get((host, change.kind, change.id))
    if last is None:
        return "outdated"
    return "outdated" if _agree(change.before, last) and not _agree(change.after, last) else "drifted"


def _agree(one: Any, other: Any) -> bool:
    """Whether two states of an object say the same, in what both of them tell."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(one[name] == other[name] for name in one.keys() & other.keys())
    return bool(one == other)


def repair(plan: Plan, found: Iterable[Finding]) -> Plan:
    """The plan with no more than what repairs drift: tasks that would also bring what is outdated are left out."""
    states: dict[tuple[int, str], set[str]] = {}
    for each in found:
        states.setdefault((each.step.round, each.host), set()).add(each.state)
    wanted = {key for key, of in states.items() if "drifted" in of and "outdated" not in of}
    return replace(plan, plays=tuple(_play(play, wanted) for play in plan.plays))


def _play(play: PlannedPlay, wanted: set[tuple[int, str]]) -> PlannedPlay:
    def keeps(step: Step, host: str, work: Work) -> bool:
        where = work.delegated or host
        return (step.round, where) in wanted or any((each, where) in wanted for each in work.after)

    steps = []
    for step in play.steps:
        hosts = {host: work for host, work in step.hosts.items() if keeps(step, host, work)}
        if hosts:
            steps.append(replace(step, hosts=hosts))
    return replace(play, steps=tuple(steps))
