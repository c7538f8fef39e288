"""Blocks become a flat program.

Compiled backwards, so that where a step goes next is known when it is laid down. An `always` section is laid
down once for each way into it (all went well; a failure is on its way out); the copies share their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from confman.engine.handlers import HandlerIndex, index_handlers
from confman.language.keywords import INHERITED, short_name
from confman.model.play import Block, Play, RoleContext, Task
from confman.model.program import END, FAILED, Inherited, Kind, Program, Rung, Step, Where
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import SourcedDict

Selected = Callable[[tuple[str, ...]], bool]
"""Whether a task with these tags is to be run."""

GATHERING = "ansible.builtin.gather_facts"
"""The action of the step that gathers facts at the beginning of a play."""
_KINDS: dict[str, Kind] = {"include_tasks": "include_tasks", "include_role": "include_role", "meta": "meta"}


@dataclass(frozen=True)
class _Way:
    """Where failures in a section of a block go, and where that section is.

    outermost: outside of blocks. file: the section is the list of a file, not that of a block.
    """

    rungs: tuple[Rung, ...]
    where: Where = field(default_factory=Where)
    outermost: bool = False
    file: bool = False

    @property
    def out(self) -> Rung:
        """Where the failure of a block that stands here leads."""
        return self.rungs[0]._replace(rescue=False)


@dataclass
class _Layout:
    """Steps under construction, the last one first."""

    selected: Selected
    steps: list[Step] = field(default_factory=list)
    orders: dict[int, int] = field(default_factory=dict)
    completions: dict[int, Task] = field(default_factory=dict)

    def add(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def number(self, items: tuple[Block | Task, ...]) -> None:
        for item in items:
            if isinstance(item, Block):
                for part in (item.tasks, item.rescue, item.always):
                    self.number(part)
            self.orders[id(item)] = len(self.orders)

    def program(self, start: int) -> Program:
        last = len(self.steps) - 1

        def turn(index: int) -> int:
            return last - index if index >= 0 else index

        steps = tuple(step.moved(turn) for step in reversed(self.steps))
        return Program(steps, turn(start))


def compile_tasks(items: tuple[Block | Task, ...], outer: Inherited, selected: Selected) -> Program:
    """The program of a list of tasks that stands inside `outer`."""
    return _compile(items, outer, selected, _Way((_UNSAVED,), Where(after=END), file=True))


_UNSAVED = Rung(FAILED, rescued=False)


def _compile(items: tuple[Block | Task, ...], outer: Inherited, selected: Selected, way: _Way) -> Program:
    layout = _Layout(selected)
    layout.number(items)
    return layout.program(_lay_all(items, outer, END, way, layout))


def compile_play(play: Play, selected: Selected, *, gather: bool, force_handlers: bool) -> Program:
    """The program of a play: facts, pre_tasks, roles, tasks, post_tasks, with the handlers flushed in between."""
    flushes = [_meta("flush_handlers", play.source) for _ in range(3)]
    sections: list[tuple[Block | Task, ...]] = [play.pre_tasks, (*play.roles, *play.tasks), play.post_tasks]
    items: list[Block | Task] = [_gather(play)] if gather else []
    for section, flush in zip(sections, flushes, strict=True):
        if force_handlers and section:
            items.append(Block((Block(section, {}, play.source),), {}, play.source, always=(flush,)))
        else:
            items.extend((*section, flush))
    return _compile(tuple(items), inherit(Inherited(), play.keywords), selected, _Way((_UNSAVED,), outermost=True))


def compile_handlers(
    handlers: tuple[Block | Task, ...], outer: Inherited, render: Callable[[Any], Any]
) -> HandlerIndex:
    """The handlers of roles and of a play that stand inside `outer`; tags do not choose among them."""
    program = compile_tasks(handlers, outer, lambda _tags: True)
    lists: dict[int, int] = {}
    own = next((number for number, item in enumerate(handlers) if not item.role), 0)
    for number, item in enumerate(handlers):
        # What a role brings is a list of its own; what is not a role's, with its imports, is the play's list.
        _number_list(item, number if item.role else own, lists)
    return index_handlers(program, tuple(lists[id(step.task)] for step in program.steps), render)


def _number_list(item: Block | Task, number: int, lists: dict[int, int]) -> None:
    if isinstance(item, Task):
        lists[id(item)] = number
        return
    for inner in item.tasks:
        _number_list(inner, number, lists)


def _gather(play: Play) -> Task:
    args = {key: play.keywords[key] for key in ("gather_subset", "gather_timeout", "fact_path") if key in play.keywords}
    keywords = {"name": "Gathering Facts", "tags": ["always"]}
    arguments = SourcedDict(args, source=play.source, dynamic=True)
    return Task(GATHERING, arguments, keywords, play.source)


def _meta(what: str, source: Source, role: RoleContext | None = None) -> Task:
    return Task("meta", SourcedDict({"_raw_params": what, "implicit": True}), {}, source, role=role)


def inherit(outer: Inherited, keywords: Mapping[str, Any]) -> Inherited:
    """`outer` with the keywords of something inside it."""
    own = {key: value for key, value in keywords.items() if key in INHERITED}
    variables = keywords.get("vars")
    return Inherited(
        keywords={**outer.keywords, **own} if own else outer.keywords,
        when=outer.when + _as_tuple(keywords.get("when")),
        tags=outer.tags + _tags(keywords.get("tags")),
        vars=(variables, *outer.vars) if isinstance(variables, dict) and "hosts" not in keywords else outer.vars,
        notify=outer.notify + _as_tuple(keywords.get("notify")),
        environment=outer.environment + _as_tuple(keywords.get("environment")),
        module_defaults=outer.module_defaults + _as_tuple(keywords.get("module_defaults")),
        collections=_as_tuple(keywords["collections"]) if "collections" in keywords else outer.collections,
    )


def _as_tuple(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _tags(value: Any) -> tuple[str, ...]:
    flat = [
        part for item in _as_tuple(value) for part in (str(item).split(",") if not isinstance(item, list) else item)
    ]
    return tuple(str(part).strip() for part in flat if str(part).strip())


def _lay_all(items: tuple[Block | Task, ...], outer: Inherited, ok: int, way: _Way, layout: _Layout) -> int:
    """Lay a section down so that it goes on to `ok`; where it begins.

    Of what a file holds, tasks that stand side by side are as a block: the step behind them is that behind all.
    """
    behind = ok
    for item in reversed(items):
        if isinstance(item, Block):
            ok = behind = _lay_block(item, outer, ok, way, layout)
        else:
            after = behind if way.file else way.where.after
            ok = _lay_task(item, outer, ok, replace(way, where=replace(way.where, after=after)), layout)
    return ok


def _lay_task(task: Task, outer: Inherited, ok: int, way: _Way, layout: _Layout) -> int:
    own = inherit(outer, task.keywords)
    implicit = "implicit" in task.args if isinstance(task.args, dict) else False
    if not implicit and not layout.selected(own.tags):
        return ok
    kind = _KINDS.get(short_name(task.action), "task")
    step = Step(
        task=task,
        kind=kind,
        own=own,
        outer=outer,
        order=layout.orders[id(task)],
        ok=ok,
        rungs=way.rungs,
        where=way.where,
        implicit=implicit,
    )
    return layout.add(step)


def _lay_block(block: Block, outer: Inherited, ok: int, way: _Way, layout: _Layout) -> int:
    """Lay a block down so that it goes on to `ok`; where it begins."""
    inner = inherit(outer, block.keywords)
    last = _inside(block, way, ok)
    leave = last
    if block.always:
        after_failure = replace(last, where=replace(last.where, broken=last.where.broken or _is_outermost(block, way)))
        first = _lay_all(block.always, inner, last.out.target, after_failure, layout)
        if first != last.out.target:
            leave = replace(last, rungs=(Rung(first, last.out.rescued), last.out))
        ok = _lay_all(block.always, inner, ok, last, layout)
    if block.completes is not None:
        ok = layout.add(_completion(block, block.completes, inner, ok, leave, layout))
    body = leave
    before = len(layout.steps)
    broken = leave.where.broken or _is_outermost(block, way)
    rescue = _lay_all(
        block.rescue, inner, ok, replace(leave, where=replace(leave.where, broken=broken, rescue=True)), layout
    )
    if len(layout.steps) > before:  # what tags left nothing of saves nobody
        body = replace(leave, rungs=(Rung(rescue, rescued=True, rescue=True), *leave.rungs))
    return _lay_all(block.tasks, inner, ok, body, layout)


def _is_outermost(block: Block, way: _Way) -> bool:
    """Whether no other block of the play is around a block; the one that a role stands for does not count."""
    return way.outermost and (block.role is None or bool(block.rescue))


def _inside(block: Block, way: _Way, ok: int) -> _Way:
    """The way as it is in a block that has no sections to go on with."""
    if way.outermost and not _is_outermost(block, way):
        return replace(way, rungs=(way.out,))
    if way.outermost:
        return _Way((way.out,), Where(saved=bool(block.rescue)))
    return _Way((way.out,), replace(way.where, rescue=False, after=ok), file=block.completes is not None)


def _completion(block: Block, role: RoleContext, inner: Inherited, ok: int, way: _Way, layout: _Layout) -> Step:
    # Copies of a section share their tasks: by that hosts that stand in different ones are known to be at the same.
    task = layout.completions.setdefault(id(block), _meta("role_complete", block.source, role))
    return Step(
        task=task,
        kind="meta",
        own=inner,
        outer=inner,
        order=layout.orders[id(block)],
        ok=ok,
        rungs=way.rungs,
        where=way.where,
        implicit=True,
        completes=role,
    )
