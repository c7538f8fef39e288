"""Who is next: the hosts that begin a task together."""

from __future__ import annotations

from confman.engine.host import settle
from confman.engine.keywords import Keywords
from confman.engine.notifying import ahead
from confman.engine.scopes import make_job
from confman.engine.state import PlayRun
from confman.errors import ConfmanError, LanguageError
from confman.model.values import source_of


def next_group(run: PlayRun) -> list[str]:
    """The hosts that begin a task together now; empty when there are none for the time being."""
    idle = [name for name in run.active() if name not in run.rounds]
    if run.free:
        return _first_free(run, idle)
    return _first_in_step(run, idle) if idle and not run.rounds else []


def _first_in_step(run: PlayRun, idle: list[str]) -> list[str]:
    """The hosts at the task that comes first behind the one that was begun last, or first of all."""
    places = {name: ahead(run, run.hosts[name]) for name in idle}
    keys = {name: run.hosts[name].key(place) for name, place in places.items() if place >= 0}
    if not keys:
        _pass_flushes(run, places)
        return []
    run.at = min([key for key in keys.values() if key > run.at] or keys.values())
    group = {name: places[name] for name, key in keys.items() if key == run.at}
    _pass_flushes(run, group)
    return list(group)


def _pass_flushes(run: PlayRun, places: dict[str, int]) -> None:
    """Take hosts past flushes that nobody needs."""
    for name, place in places.items():
        run.hosts[name].frames[-1].position = place
        settle(run.hosts[name])


def _first_free(run: PlayRun, idle: list[str]) -> list[str]:
    _pass_flushes(run, {name: ahead(run, run.hosts[name]) for name in idle})
    idle = [name for name in idle if run.hosts[name].active]
    return next(([name] for name in _admitted(run, idle) if not _is_crowded(run, name)), [])


def _admitted(run: PlayRun, idle: list[str]) -> list[str]:
    """The idle hosts that may go on: where hosts are pinned, a new one only when one before is through."""
    if not run.pinned:
        return idle
    inside = [name for name in run.active() if run.hosts[name].stood or name in run.rounds]
    room = run.pinned - len(inside)
    fresh = [name for name in idle if name not in inside]
    return [name for name in idle if name in inside] + fresh[: max(room, 0)]


def _is_crowded(run: PlayRun, name: str) -> bool:
    """Whether as many hosts are at a host's next task as its `throttle` allows."""
    step = run.hosts[name].frames[-1].step
    if step.kind == "meta" or "throttle" not in step.own.keywords:
        return False
    most = throttle_of(Keywords(step, make_job(run, step, name).scope, run.means))
    return 0 < most <= sum(current.step.task is step.task for current in run.rounds.values())


def throttle_of(keywords: Keywords) -> int:
    """How many hosts may run the task at the same time; 0 for any number. Raises LanguageError."""
    try:
        return int(keywords.get("throttle", 0))
    except (TypeError, ValueError, ConfmanError) as error:
        reason = error.message.partition(": ")[2] if isinstance(error, ConfmanError) else str(error)
        place = source_of(keywords.step.own.keywords["throttle"]) or keywords.step.task.source
        message = f"Failed to convert the throttle value to an integer: {reason}"
        raise LanguageError(message, source=place, hint="e.g. throttle: 2") from error
