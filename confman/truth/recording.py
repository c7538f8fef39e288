"""From a dry run to a plan: hears how each task ended on each host, and keeps what is to be sent for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from confman.engine.attempt import Asked
from confman.engine.calls import ways
from confman.engine.foreign import jsonable
from confman.engine.keywords import Keywords
from confman.engine.rehearsal import grade_of
from confman.engine.signing import of_items
from confman.engine.state import PlayRun, Start
from confman.engine.task import Outcome, topics_of
from confman.errors import ConfmanError
from confman.language.keywords import short_name
from confman.model.call import Call
from confman.model.records import dataclass
from confman.model.request import Reach
from confman.templating.unforeseen import Unforeseen
from confman.truth.deferring import defer
from confman.truth.objects import Thing, of_call, of_change
from confman.truth.pinning import pinned
from confman.truth.plan import Act, Item, PlannedPlay, Send, Step, Work
from confman.truth.sends import Keeper
from confman.truth.settled import foreseen, is_real, judging_of, loop_of, loop_variables, words_of

DECIDED = frozenset(
    """debug assert fail set_fact set_stats include_vars include_tasks include_role add_host group_by meta setup
    gather_facts validate_argument_spec""".split()
)
"""Actions that the dry run has done for good: nothing of them is left to be applied."""
ACTS = frozenset({"reboot", "wait_for_connection", "fetch", "raw", "pause", "synchronize", "async_status"})
"""Actions whose requests depend on the answers to earlier ones: the action itself is what is applied."""
RESCUED = "it failed in the dry run, and was rescued there"


@dataclass
class _Recorded:
    """A round on its way; `run` and `step` tell which handlers its notifications mean."""

    number: int
    start: Start
    works: dict[str, Work] = field(default_factory=dict)
    words: dict[str, dict[str, Any]] = field(default_factory=dict)
    loops: dict[str, tuple[Any, ...] | None] = field(default_factory=dict)
    notified: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class _Batch:
    run: PlayRun
    rounds: dict[int, _Recorded] = field(default_factory=dict)


class Recorder:
    """Hears of tasks (`take`) and gives what is to be planned (`plays`); `keeper` has what requests need."""

    def __init__(self) -> None:
        self.keeper = Keeper()
        self.things: dict[tuple[int, str], dict[Thing, None]] = {}
        self._batches: dict[int, _Batch] = {}
        self._rounds = 0
        self._fresh: frozenset[str] = frozenset()

    def take(self, run: PlayRun, start: Start, outcome: Outcome) -> None:
        """A task of a play ended on a host."""
        batch = self._batches.setdefault(id(run), _Batch(run))
        if start.info.id not in batch.rounds:
            self._rounds += 1
            batch.rounds[start.info.id] = _Recorded(self._rounds, start)
        entry = batch.rounds[start.info.id]
        host = start.host
        entry.works[host] = self._work(batch, start, outcome)
        work = entry.works[host]
        entry.words[host] = words_of(start) | ({"delegate_to": work.delegated} if work.delegated else {})
        entry.loops[host] = loop_of(outcome)
        entry.notified[host] = outcome.notify or _may_notify(start, work)
        if work.sends and "register" in entry.words[host]:
            self._fresh |= {entry.words[host]["register"]}

    def note(self, things: Mapping[str, Iterable[Thing]]) -> None:
        """Have further objects of hosts looked at, on the first way that leads to each."""
        for host, more in things.items():
            way = next((way for way, name in self.things if name == host), None)
            if way is not None:
                self.things[way, host].update(dict.fromkeys(more))

    def plays(self) -> tuple[PlannedPlay, ...]:
        """All plays as they went, each with its batches."""
        grouped: dict[int, list[_Batch]] = {}
        for batch in self._batches.values():
            grouped.setdefault(id(batch.run.play), []).append(batch)
        return tuple(_play(batches) for batches in grouped.values())

    # -- one task on one host

    def _work(self, batch: _Batch, start: Start, outcome: Outcome) -> Work:
        items = tuple(self._item(start, result, outcome) for result in outcome.items)
        why = next((str(item["_unknown"]) for item in outcome.items if item.get("_unknown")), "")
        work = Work(
            status=outcome.status,
            items=items,
            judging=judging_of(start),
            grade=grade_of(outcome.items),
            why=why,
            delegated=next((name for name in outcome.delegated if name), ""),
            after=_notifiers(batch, start),
            signature=of_items(outcome.items),
        )
        work = replace(work, left_out=_left_out(outcome, work))
        return replace(work, objects=tuple(dict.fromkeys(self._note_things(start.host, outcome, work))))

    def _item(self, start: Start, result: Mapping[str, Any], outcome: Outcome) -> Item:
        item = Item(variables=loop_variables(result))
        if not outcome.no_log:
            changes = tuple(map(foreseen, result.get("_changes") or ()))
            item = replace(item, changes=changes, diff=jsonable(result.get("diff")))
        asked = result.get("_asked")
        if _is_deferred(start, result):
            way = self.keeper.way(*ways(None, start.job, _keywords(start), ""))
            return replace(item, deferred=defer(start, start.job.scope.under(item.variables), way, self._fresh))
        if not isinstance(asked, Asked) or short_name(asked.action) in DECIDED:
            return item
        calls = [reach for reach in asked.sent if isinstance(reach.request, Call)]
        if calls and short_name(asked.action) not in ACTS:
            return replace(item, sends=tuple(self._sends(calls, start, outcome, item)))
        return replace(item, act=self._act(asked))

    def _sends(self, calls: list[Reach], start: Start, outcome: Outcome, item: Item) -> Iterator[Send]:
        looks = not is_real(start)
        for each in calls:
            send = replace(self.keeper.send(each, silent=outcome.no_log), only_looks=looks)
            yield pinned(send, item.changes)

    def _act(self, asked: Asked) -> Act:
        args = {key: jsonable(value) for key, value in asked.args.items()}
        return Act(self.keeper.way(*asked.way), asked.action, args)

    def _note_things(self, host: str, outcome: Outcome, work: Work) -> Iterator[Thing]:
        for item, result in zip(work.items, outcome.items, strict=True):
            for send in item.sends:
                found = [*of_call(send.module, send.arguments, result)]
                for change in item.changes:
                    found += of_change(change.kind, change.id)
                self.things.setdefault((send.way, work.delegated or host), {}).update(dict.fromkeys(found))
                yield from found


def _keywords(start: Start) -> Keywords:
    return Keywords(start.job.step, start.job.scope, start.job.means)


def _is_deferred(start: Start, result: Mapping[str, Any]) -> bool:
    """Whether the dry run could not tell what a task asks: its condition, or what it sets as facts too."""
    asked = result.get("_asked")
    if isinstance(asked, Asked):
        unforeseen = any(isinstance(value, Unforeseen) for value in asked.args.values())
        return unforeseen and short_name(asked.action) == "set_fact"
    delegates = "delegate_to" in start.job.step.own.keywords
    return bool(result.get("_unknown")) and start.job.step.kind == "task" and not delegates


def _may_notify(start: Start, work: Work) -> tuple[str, ...]:
    """What a task notifies if it changes something when it is evaluated."""
    if not any(item.deferred for item in work.items):
        return ()
    try:
        return tuple(topics_of(start.job, start.job.scope))
    except ConfmanError:
        return ()


def _notifiers(batch: _Batch, start: Start) -> tuple[int, ...]:
    """For a handler: the rounds that notified it on the host."""
    if not start.info.handler:
        return ()
    handlers, step = batch.run.handlers, start.job.step

    def means_it(topic: str) -> bool:
        return any(handlers.program.steps[place].task is step.task for place in handlers.find(topic))

    earlier = ((each.number, each.notified.get(start.host, ())) for each in batch.rounds.values())
    return tuple(number for number, topics in earlier if any(map(means_it, topics)))


def _left_out(outcome: Outcome, work: Work) -> str:
    """Why a task cannot be applied though it may have to be; "" where it can, or where nothing is to be done."""
    if outcome.status == "failed" and not outcome.ignored:
        return RESCUED
    pairs = zip(outcome.items, work.items, strict=True)
    unknown = [item for result, item in pairs if result.get("_unknown") and "_asked" not in result]
    if any(item.deferred is None for item in unknown):
        return f"what it does depends on what only the real run can tell: {work.why}"
    return ""


# -- plays


def _play(batches: list[_Batch]) -> PlannedPlay:
    run = batches[0].run
    steps = tuple(step for batch in batches for entry in batch.rounds.values() for step in _steps(entry))
    words: dict[str, Any] = {}
    if run.any_errors_fatal:
        words["any_errors_fatal"] = True
    if run.max_fail_percentage is not None:
        words["max_fail_percentage"] = run.max_fail_percentage
    if run.free:
        words["strategy"] = "free"
    place = run.play.source
    return PlannedPlay(str(run.play.name), place, tuple(tuple(batch.run.hosts) for batch in batches), steps, words)


def _steps(entry: _Recorded) -> Iterator[Step]:
    """A round, taken apart where hosts differ in keywords or in the items of a loop."""
    groups: dict[str, list[str]] = {}
    for host in entry.works:
        key = json.dumps([entry.words[host], entry.loops[host]], sort_keys=True, default=str)
        groups.setdefault(key, []).append(host)
    info = entry.start.info
    for hosts in groups.values():
        yield Step(
            round=entry.number,
            name=info.name,
            action=info.action,
            place=info.source or entry.start.job.step.task.source,
            role=info.role,
            handler=info.handler,
            words=entry.words[hosts[0]],
            loop=entry.loops[hosts[0]],
            hosts={host: entry.works[host] for host in hosts},
        )
