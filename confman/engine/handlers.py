"""Which handlers a notification means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confman.errors import ConfmanError
from confman.model.program import Program, Step


@dataclass(frozen=True)
class HandlerIndex:
    """The handlers of a play by name and by topic.

    Of a topic all count; of a name the first one of a list of handlers, and the last list that has one.
    """

    program: Program
    names: dict[str, int]
    topics: dict[str, tuple[int, ...]]
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
        return (*named, *(index for index in self.topics.get(name, ()) if index not in named))


def index_handlers(program: Program, render: Callable[[Any], Any]) -> HandlerIndex:
    """The index of a handlers' program; names that cannot be rendered before the run are left out."""
    names: dict[str, int] = {}
    topics: dict[str, tuple[int, ...]] = {}
    for index, step in enumerate(program.steps):
        for name in _names(step, render):
            if name not in names or _list_of(program.steps[names[name]]) != _list_of(step):
                names[name] = index
        for topic in _topics(step):
            topics[topic] = (*topics.get(topic, ()), index)
    told = tuple(text for step in program.steps if (text := _unusable(step, render)))
    return HandlerIndex(program, names, {topic: _distinct(program, found) for topic, found in topics.items()}, told)


def _distinct(program: Program, found: tuple[int, ...]) -> tuple[int, ...]:
    """Handlers without those of a name that is there twice: the first of a list counts, and the last list."""
    lists: dict[tuple[str, str], list[int]] = {}
    for index in found:
        lists.setdefault(_list_of(program.steps[index]), []).append(index)
    kept: list[int] = []
    seen: set[str] = set()
    for index in (index for indexes in reversed(lists.values()) for index in indexes):
        name = program.steps[index].task.name
        if not name or name not in seen:
            kept.append(index)
        seen.add(name)
    return tuple(sorted(kept))


def extend_handlers(index: HandlerIndex, more: Program, render: Callable[[Any], Any]) -> HandlerIndex:
    """The index with further handlers behind those it has; positions of the old ones stay."""
    offset = len(index.program.steps)

    def moved(target: int) -> int:
        return target + offset if target >= 0 else target

    steps = tuple(step.moved(moved) for step in more.steps)
    start = index.program.start if index.program.start >= 0 else moved(more.start)
    return index_handlers(Program((*index.program.steps, *steps), start), render)


def _list_of(step: Step) -> tuple[str, str]:
    return (step.role.key if step.role else "", step.task.source.path)


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
