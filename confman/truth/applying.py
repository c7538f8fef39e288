"""From a plan to plays that the engine runs: literal values, nothing left to render but what judges results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from confman.actions.base import Action, ActionFailed, ActionTask, Steps, condition
from confman.actions.plain import plain
from confman.engine.verdict import tidy
from confman.errors import ConfmanError
from confman.model.inventory import Group, Host, Inventory
from confman.model.play import Loop, Play, Task
from confman.model.program import Program
from confman.model.records import dataclass
from confman.model.request import Background, Invocation, Notice, Reach, Sleep, Within
from confman.model.values import OMIT, SourcedDict, SourcedList, Template, Text
from confman.truth.deferring import opened, unbounded
from confman.truth.files import Packed
from confman.truth.plan import Deferred, Item, Judging, PlannedPlay, Step, Way, Work
from confman.truth.sends import request_of
from confman.variables.scope import Scope

UNMET = "Conditional result was False"
_ROUND = "planned_round"
_INDEX = "planned_item"


def inventory_of(packed: Packed) -> Inventory:
    """The hosts of a plan: how they are reached stands in the plan."""
    hosts = packed.plan.hosts
    return Inventory({name: Host(name, groups=("planned",)) for name in hosts}, _groups(hosts))


def _groups(hosts: tuple[str, ...]) -> dict[str, Group]:
    return {"all": Group("all", children=("planned",)), "planned": Group("planned", hosts=hosts, depth=1)}


def plays_of(packed: Packed) -> tuple[Play, ...]:
    """The plays of a plan as the engine knows plays; batches stand in `serial`."""
    return tuple(_play(play) for play in packed.plan.plays)


def _play(play: PlannedPlay) -> Play:
    hosts = [host for batch in play.batches for host in batch]
    keywords = {**play.words, "gather_facts": False, "serial": [len(batch) for batch in play.batches]}
    tasks = tuple(_task(step) for step in play.steps if any(work.sends for work in step.hosts.values()))
    return Play(play.name, hosts, keywords, play.place, tasks=tasks)


def _task(step: Step) -> Task:
    keywords: dict[str, Any] = {**step.words, "name": Text(step.name, step.place)}
    loop = None
    if step.loop is not None:
        name = next((str(v) for v in _loop_names(step)), "item")
        loop = Loop("", SourcedList(step.loop), {"loop_var": name, "index_var": _INDEX})
    return Task(step.action, SourcedDict({_ROUND: step.round}, source=step.place), keywords, step.place, loop)


def _loop_names(step: Step) -> Iterator[str]:
    """How the items of a step's loop are called."""
    for work in step.hosts.values():
        for item in work.items:
            yield from (name for name in item.variables if name != "ansible_loop")


def narrowed(packed: Packed) -> Callable[[str, Program], Program]:
    """What makes a play's program that of one host: the steps that the plan has for it."""
    wanted = {
        (host, step.round)
        for play in packed.plan.plays
        for step in play.steps
        for host, work in step.hosts.items()
        if work.sends
    }

    def narrow(host: str, program: Program) -> Program:
        def is_for(position: int) -> bool:
            args = program.steps[position].task.args
            return _ROUND not in args or (host, args[_ROUND]) in wanted

        def settle(position: int) -> int:
            while position >= 0 and not is_for(position):
                position = program.steps[position].ok
            return position

        return Program(tuple(step.moved(settle) for step in program.steps), settle(program.start))

    return narrow


@dataclass
class Applied(dict[str, Action]):
    """The actions of a run that applies a plan: each does what the plan has for its round and host.

    actions: those of usual runs. diff: whether differences are shown. unlike: what did not go as planned, as text.
    """

    packed: Packed
    actions: Mapping[str, Action]
    diff: bool = False
    unlike: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        steps = (step for play in self.packed.plan.plays for step in play.steps)
        self._works = {(step.round, host): (step, work) for step in steps for host, work in step.hosts.items()}
        self._changed: set[tuple[int, str]] = set()

    def get(self, name: str, default: Any = None) -> Any:
        """The action that does what was planned, whatever the task's own is."""
        del name, default
        return self.act

    def act(self, task: ActionTask) -> Steps:
        """Do what the plan has for a task."""
        number = int(task.args[_ROUND])
        step, work = self._works[number, task.host]
        position = int(task.scope.find(_INDEX, 0))
        item = work.items[position] if position < len(work.items) else Item()
        if item.empty:
            return {"changed": False, "skipped": True, "skip_reason": "Nothing was planned for it"}
        if work.after and not any((each, task.host) in self._changed for each in work.after):
            return {"changed": False, "skipped": True, "skip_reason": "Nothing that notifies it changed"}
        result = yield from self._tried(task, step, work, item)
        if result.get("changed"):
            self._changed.add((number, task.host))
        self._compare(task, step, work, item, result)
        return result

    def _tried(self, task: ActionTask, step: Step, work: Work, item: Item) -> Steps:
        """The result after as many tries as there may be."""
        judging = work.judging
        for left in range(judging.tries - 1, -1, -1):
            result = tidy((yield from self._done(task, item)))
            scope = _scope(task, step, judging, item, result)
            judge(result, judging, scope, task)
            if _satisfied(result, judging, scope, task):
                return result
            if not left:
                return result if judging.until is None else {**result, "failed": True, "attempts": judging.tries - 1}
            yield Sleep(judging.delay)
        raise ActionFailed("The plan has no try for it")

    def _done(self, task: ActionTask, item: Item) -> Steps:
        if item.deferred is not None:
            return (yield from self._evaluated(task, item.deferred, item.variables))
        if item.act is not None:
            return (yield from self._acted(task, item.act.way, item.act.action, item.act.args))
        results = []
        keep = task.settings.keep_contents
        for send in item.sends:
            way = self.packed.plan.ways[send.way]
            request = request_of(send, way, self.packed.content, diff=self.diff, keep=keep)
            results.append((yield request))
            if results[-1].get("failed"):
                break
        return together(results)

    def _evaluated(self, task: ActionTask, kept: Deferred, loop: Mapping[str, Any]) -> Steps:
        """Do a task whose condition and arguments only now can be known, if it touches what was planned."""
        scope = task.scope.under(loop, opened(dict(kept.variables)))
        task = replace(task, scope=scope)
        for text in kept.when:
            if not _holds((text,), scope, task):
                return {"changed": False, "skipped": True, "skip_reason": UNMET, "false_condition": text}
        rendered = {name: task.engine.render(opened(value), scope) for name, value in kept.args.items()}
        args = {name: value for name, value in rendered.items() if value is not OMIT}
        for kind, name in unbounded(kept, args):
            raise ActionFailed(f"It would touch {kind} {name}, which is not in the plan: nothing was done")
        return (yield from self._acted(task, kept.way, kept.action, args))

    def _acted(self, task: ActionTask, place: int, name: str, args: Mapping[str, Any]) -> Steps:
        """Run an action, or the module of that name, with literal arguments on a way of the plan."""
        way = self.packed.plan.ways[place]
        action = self.actions.get(name.rsplit(".", 1)[-1]) or self.actions.get(name, plain)
        return (yield from on_way(action(replace(task, action=name, args=dict(args), raw=dict(args))), way))

    def _compare(self, task: ActionTask, step: Step, work: Work, item: Item, result: Mapping[str, Any]) -> None:
        """Note where a task changed other objects than were foreseen for sure."""
        if work.grade in {"unknown", "predicted"} or result.get("failed"):
            return
        made = {(str(each.get("kind")), str(each.get("id"))) for each in result.get("_changes") or ()}
        planned = {(each.kind, each.id) for each in item.changes}
        for kind, name in sorted(made - planned):
            self.unlike.append(f"{task.host}: {step.name}: {kind} {name} was changed, which was not planned")
        for kind, name in sorted(planned - made):
            self.unlike.append(f"{task.host}: {step.name}: {kind} {name} was not changed, though it was planned")


def on_way(steps: Steps, way: Way) -> Steps:
    """The steps of an action with what they wish of a host led there by a way of the plan; errors go back into them."""
    answer: Any = None
    error: ConfmanError | None = None
    while True:
        try:
            wish = steps.throw(error) if error is not None else steps.send(answer)
        except StopIteration as end:
            result: dict[str, Any] = end.value
            return result
        answer, error = None, None
        try:
            answer = yield _led(wish, way)
        except ConfmanError as problem:
            error = problem


def _led(wish: Any, way: Way) -> Any:
    """A wish as a request; one that is none of the task's host, or knows how it is reached, stays as it is."""
    elsewhere = isinstance(wish, Invocation) and (wish.on_controller or wish.as_login)
    if elsewhere or isinstance(wish, Reach | Sleep | Notice | Background | Within):
        return wish
    return Reach(way.target, way.identity, wish)


def together(results: list[dict[str, Any]]) -> dict[str, Any]:
    """One result of several calls: the last one's data, the differences and changes of all."""
    if len(results) == 1:
        return results[0]
    diffs: list[Any] = []
    changes: list[Any] = []
    for each in results:
        diff = each.get("diff") or []
        diffs += diff if isinstance(diff, list) else [diff]
        changes += each.get("_changes") or []
    changed = any(each.get("changed") for each in results)
    return {**results[-1], "changed": changed, "diff": diffs, "_changes": changes}


def _scope(task: ActionTask, step: Step, judging: Judging, item: Item, result: dict[str, Any]) -> Scope:
    register = step.words.get("register")
    own = {str(register): {key: value for key, value in result.items() if not key.startswith("_")}} if register else {}
    return task.scope.under(own, item.variables, judging.variables)


def judge(result: dict[str, Any], judging: Judging, scope: Scope, task: ActionTask) -> None:
    """Put into a result what the task's own conditions say of it; one that cannot be evaluated fails it."""
    try:
        if judging.changed is not None:
            result["changed"] = _holds(judging.changed, scope, task)
        if judging.failed is not None:
            result["failed"] = result["failed_when_result"] = _holds(judging.failed, scope, task)
    except ConfmanError as error:
        result.update(failed=True, msg=error.message)


def _satisfied(result: Mapping[str, Any], judging: Judging, scope: Scope, task: ActionTask) -> bool:
    return not result.get("failed") if judging.until is None else _holds(judging.until, scope, task)


_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def _holds(expressions: tuple[str, ...], scope: Scope, task: ActionTask) -> bool:
    """Whether all conditions hold, which are those of the playbook as they were written."""
    return all(
        condition(_WORDS.get(text.lower(), Template(text)), scope, task.engine, task.settings) for text in expressions
    )
