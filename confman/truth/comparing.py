"""What hosts were like when a plan was made, against what they are like now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from confman.inventory.queries import Lineage
from confman.model.inventory import Inventory
from confman.model.records import dataclass
from confman.model.values import Sealed
from confman.truth.plan import Plan, PlannedPlay, Seen, Step, Work

State = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Moved:
    """An object that is not as it was."""

    host: str
    kind: str
    id: str
    planned: State
    present: State

    @property
    def differing(self) -> tuple[State, State]:
        """Both states, only with what differs, where the object was there and still is."""
        if self.planned is None or self.present is None:
            return self.planned, self.present
        names = [name for name in {**self.planned, **self.present} if self.planned.get(name) != self.present.get(name)]
        return ({name: self.planned.get(name) for name in names}, {name: self.present.get(name) for name in names})


def moved(planned: Iterable[Seen], present: Iterable[Seen]) -> list[Moved]:
    """The objects whose states differ, or which were not looked at again."""
    now = {(each.way, each.host, each.kind, each.id): each for each in present}
    found = []
    for each in planned:
        other = now.get((each.way, each.host, each.kind, each.id))
        if other is None:
            found.append(Moved(each.host, each.kind, each.id, each.state, {"looked at": "no"}))
        elif _plain(other.state) != _plain(each.state):
            found.append(Moved(each.host, each.kind, each.id, each.state, other.state))
    return found


def _plain(state: State) -> str:
    return json.dumps(state, sort_keys=True, default=str)


def without_hosts(plan: Plan, hosts: set[str]) -> Plan:
    """A plan in which nothing is left for some hosts."""
    return replace(
        plan,
        plays=tuple(_play_without(play, hosts) for play in plan.plays),
        seen=tuple(each for each in plan.seen if each.host not in hosts),
    )


def _play_without(play: PlannedPlay, hosts: set[str]) -> PlannedPlay:
    batches = (tuple(host for host in batch if host not in hosts) for batch in play.batches)
    steps = (
        replace(step, hosts={host: work for host, work in step.hosts.items() if host not in hosts})
        for step in play.steps
    )
    return replace(play, batches=tuple(filter(None, batches)), steps=tuple(step for step in steps if step.hosts))


_OF_FILES = frozenset({"inventory_file", "inventory_dir"})
"""Variables that say where an inventory lies, and nothing of the host."""


def inventory_digests(
    inventory: Inventory, hosts: Iterable[str], layers: Callable[[str], Iterable[Mapping[str, Any]]]
) -> dict[str, str]:
    """For each host that an inventory has, a digest of what it says of it: variables and groups.

    layers(host): its variables, those in folders beside the inventory too, highest first.
    """
    lineage = Lineage(inventory)
    found: dict[str, str] = {}
    for name in hosts:
        if name not in inventory.hosts:
            continue
        groups = [group.name for group in lineage.groups_of(name)]
        variables = [{key: value for key, value in layer.items() if key not in _OF_FILES} for layer in layers(name)]
        told = [groups, [layer for layer in variables if layer]]
        text = json.dumps(told, sort_keys=True, default=_as_text)
        found[name] = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return found


def _as_text(value: object) -> str:
    return value.ciphertext if isinstance(value, Sealed) else str(value)


def with_hosts(plan: Plan, more: Plan) -> Plan:
    """A plan with what another one has for further hosts, behind what it has itself."""
    offset = len(plan.ways)
    last = max((step.round for play in plan.plays for step in play.steps), default=0)

    def moved_work(work: Work) -> Work:
        items = tuple(
            replace(
                item,
                sends=tuple(replace(send, way=send.way + offset) for send in item.sends),
                act=None if item.act is None else replace(item.act, way=item.act.way + offset),
                deferred=None if item.deferred is None else replace(item.deferred, way=item.deferred.way + offset),
            )
            for item in work.items
        )
        return replace(work, items=items, after=tuple(number + last for number in work.after))

    def moved_step(step: Step) -> Step:
        return replace(
            step, round=step.round + last, hosts={host: moved_work(work) for host, work in step.hosts.items()}
        )

    plays = tuple(replace(play, steps=tuple(map(moved_step, play.steps))) for play in more.plays)
    seen = tuple(replace(each, way=each.way + offset) for each in more.seen)
    made = replace(plan.made, inventory={**plan.made.inventory, **more.made.inventory})
    return replace(
        plan, made=made, plays=(*plan.plays, *plays), ways=(*plan.ways, *more.ways), seen=(*plan.seen, *seen)
    )
