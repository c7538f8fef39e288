"""Tasks of which a dry run cannot tell all: kept with their templates, and evaluated when the plan is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confman.engine.foreign import jsonable
from confman.engine.keywords import Keywords
from confman.engine.rehearsal import COMMANDS
from confman.engine.state import Start
from confman.errors import ConfmanError
from confman.language.keywords import short_name
from confman.model.values import SourcedDict, SourcedList, Template, Text, is_dynamic
from confman.templating.undefined import Undefinable, Undefined
from confman.templating.unforeseen import UnforeseenResult
from confman.truth.names import names_in
from confman.truth.objects import Thing, of_call
from confman.truth.plan import Deferred
from confman.variables.scope import Scope

MARK = "$template"
"""The key of a mapping that stands for a template."""
TEXT = "$text"
"""The key of one that stands for a text of the playbook, which may be a condition."""
DATA = "$data"
"""The key of one that holds a mapping of data which looks like either, so that data never becomes a template."""
_OF_FILES = frozenset({"template", "script", "unarchive", "assemble", "fetch", "synchronize", "include_vars"})
"""Actions that read files of the controller, which are not in the plan."""
_WITH_SRC = frozenset({"copy", "uri"})
"""Actions that read one if they are told so."""
_EXPRESSIONS = {"assert": "that", "debug": "var"}
"""Arguments that are expressions without being templates."""
_BOUNDS = frozenset({"path", "dest", "name", "pkg", "user", "cron_file"})
"""Arguments that say what a task is about."""


def closed(value: Any) -> Any:
    """A value as it was written, as JSON can carry it."""
    if isinstance(value, Template):
        return {MARK: str(value)}
    if isinstance(value, Text):
        return {TEXT: str(value)}
    if isinstance(value, dict) and not value.keys() & _KINDS.keys():
        return {str(key): closed(item) for key, item in value.items()}
    if isinstance(value, dict):
        return {DATA: jsonable(value)}
    if isinstance(value, list):
        return [closed(item) for item in value]
    return jsonable(value)


_KINDS: dict[str, Callable[[Any], Any]] = {
    MARK: lambda text: Template(str(text)),
    TEXT: lambda text: Text(str(text)),
    DATA: lambda data: data,
}


def opened(value: Any) -> Any:
    """What `closed` was given."""
    if isinstance(value, list):
        return SourcedList([opened(item) for item in value], dynamic=True)
    if not isinstance(value, dict):
        return value
    kind = next(iter(value.keys() & _KINDS.keys()), "") if len(value) == 1 else ""
    if kind:
        return _KINDS[kind](value[kind])
    return SourcedDict({key: opened(item) for key, item in value.items()}, dynamic=True)


def defer(start: Start, scope: Scope, way: int, fresh: frozenset[str]) -> Deferred | None:
    """What is kept of a task in a scope; None where nothing bounds what it may touch, or files would be needed.

    fresh: the variables that applied tasks register.
    """
    task, means = start.job.step.task, start.job.means
    scope = scope.under({"ansible_check_mode": False})  # as it is when the plan is applied
    action = short_name(task.action)
    args = task.args
    if not isinstance(args, SourcedDict) or not _is_whole(action, args) or "{{" in task.action:
        return None
    written = {**Keywords(start.job.step, scope, means).defaults(task.action), **args}
    known = dict(_known(written, start, scope))
    if not known.keys() >= written.keys() & _BOUNDS and action not in COMMANDS:
        return None
    when = tuple(str(each) for each in start.job.step.own.when)
    conditions = _as_list(written.get(_EXPRESSIONS.get(action, "")))
    texts = [*when, *map(str, conditions), *_texts(written)]
    variables = dict(_variables(texts, start, scope, fresh))
    objects = tuple(of_call(action, known, {}))
    return Deferred(way, task.action, closed(written), when, variables, objects)


def _is_whole(action: str, args: Mapping[str, Any]) -> bool:
    """Whether a task's text is all that it takes, and no file or further arguments that are not known."""
    return "_variable_params" not in args and action not in _OF_FILES and not (action in _WITH_SRC and "src" in args)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _known(written: Mapping[str, Any], start: Start, scope: Scope) -> Iterator[tuple[str, Any]]:
    """The arguments that the dry run could render."""
    for name, value in written.items():
        try:
            yield name, jsonable(start.job.means.engine.render(value, scope))
        except (ConfmanError, Undefinable):
            continue


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Template):
        yield str(value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)


def _variables(texts: list[str], start: Start, scope: Scope, fresh: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """The variables that texts need, and those that these need: values, or templates of what is not known yet."""
    left, seen = names_in(texts, start.job.means.engine), set[str]()
    while left:
        name = left.pop()
        if name in seen or name in fresh or name not in scope:
            continue
        seen.add(name)
        value, raw = _value(name, scope), scope.raw(name)
        if value is not None:
            yield name, value
        elif is_dynamic(raw):
            yield name, closed(raw)
            left |= names_in(_texts(raw), start.job.means.engine)


def _value(name: str, scope: Scope) -> Any:
    """What is known of a variable, as JSON can carry it; None where that is not all."""
    try:
        value = scope.find(name)
        return None if isinstance(value, Undefined | UnforeseenResult) else closed(jsonable(value))
    except (ConfmanError, Undefinable, TypeError, ValueError):
        return None


def unbounded(deferred: Deferred, args: Mapping[str, Any]) -> list[Thing]:
    """The objects that a task would touch though its plan does not allow it."""
    return [thing for thing in of_call(deferred.action, args, {}) if thing not in deferred.objects]
