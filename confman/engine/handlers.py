"""Which handlers a notification means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from confman.errors import ConfmanError
from confman.model.program import Program, Step
from confman.model.records import dataclass


@dataclass(frozen=True)
class HandlerIndex:
    """The handlers of a play by name and by topic; `lists` has the list that each came with, by position.

    Of a topic all count; of a name the first one of a list of handlers, and the last list that has one.
    """

    program: Program
    lists: tuple[int, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    topics: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unusable: tuple[str, ...] = ()
    """What to tell of handlers that nothing can notify."""

    def label(self, index: int) -> str:
        """What a handler is called where it is told of."""
        step = self.program.steps[index]
        shown = step.task.name or step.task.action
        return f"{step.role.name} : {shown}" if step.role else shown

    def find(self, name: str) -> tuple[int, ...]:
        """The positions of the handlers that `name` notifies; empty when there is none."""
        named = (self.names[name],) if name in self.names else ()
        return (*named, *(index for index in self._listening(name) if index not in named))

    def _listening(self, topic: str) -> list[int]:
        """Those that hear a topic, but of a name that is there twice one: the first of a list, of the last list."""
        found = self.topics.get(topic, ())
        kept: dict[Any, int] = {}
        for index in sorted(found, key=lambda index: (-self.lists[index], index)):
            kept.setdefault(self.program.steps[index].task.name or index, index)
        return sorted(kept.values())


def index_handlers(program: Program, lists: tuple[int, ...], render: Callable[[Any], Any]) -> HandlerIndex:
    """The index of a handlers' program; names that cannot be rendered before the run are left out."""
    names: dict[str, int] = {}
    topics: dict[str, tuple[int, ...]] = {}
    for index, step in enumerate(program.steps):
        for name in _names(step, render):
            if name not in names or lists[names[name]] != lists[index]:
                names[name] = index
        for topic in _topics(step):
            topics[topic] = (*topics.get(topic, ()), index)
    told = tuple(text for step in program.steps if (text := _unusable(step, render)))
    return HandlerIndex(program, lists, names, topics, told)


def extend_handlers(index: HandlerIndex, more: HandlerIndex) -> HandlerIndex:
    """The index with further handlers behind those it has; positions of the old ones stay."""
    offset, first = len(index.program.steps), max(index.lists, default=-1) + 1

    def moved(target: int) -> int:
        return target + offset if target >= 0 else target

    behind = max((step.order for step in index.program.steps), default=-1) + 1
    steps = tuple(replace(step.moved(moved), order=step.order + behind) for step in more.program.steps)
    start = index.program.start if index.program.start >= 0 else moved(more.program.start)
    topics = {topic: tuple(map(moved, found)) for topic, found in more.topics.items()}
    return HandlerIndex(
        Program((*index.program.steps, *steps), start),
        (*index.lists, *(number + first for number in more.lists)),
        {**index.names, **{name: moved(position) for name, position in more.names.items()}},
        {**index.topics, **{topic: (*index.topics.get(topic, ()), *found) for topic, found in topics.items()}},
        (*index.unusable, *more.unusable),
    )


def _names(step: Step, render: Callable[[Any], Any]) -> list[str]:
    if not step.task.name:
        return []
    try:
        name = str(render(step.task.keywords["name"]))
    except ConfmanError:
        return []
    return _with_role(step, [name])


def _unusable(step: Step, render: Callable[[Any], Any]) -> str:
    if not step.task.name or step.task.keywords.get("listen"):
        return ""
    try:
        render(step.task.keywords["name"])
    except ConfmanError as error:
        name = step.task.name
        return f"Handler '{name}' is unusable: it has no topics, and no host's variables in its name: {error.message}"
    return ""


def _with_role(step: Step, names: list[str]) -> list[str]:
    """Names, and the same behind the name of the handler's role."""
    if not step.role:
        return names
    roles = [step.role.name]
    if step.role.collection:
        short = step.role.name.rsplit(".", 1)[-1]
        roles = list(dict.fromkeys([*roles, short, f"{step.role.collection}.{short}"]))
    return [*names, *(f"{role} : {name}" for role in roles for name in names)]


def _topics(step: Step) -> list[str]:
    """The topics of a handler, as they are written: they are no templates."""
    listen = step.task.keywords.get("listen")
    if listen is None:
        return []
    return _with_role(step, [str(topic) for topic in (listen if isinstance(listen, list) else [listen])])
