"""What an action is given, and how it is written.

An action is the controller's half of a module: a plain generator that yields requests (`Invocation`, `Sleep`,
`Ask` ...), gets their answers sent back, and returns the result as a dict in Ansible's dialect. No connection
is in sight, so it is tested by sending answers by hand.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Generator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from confman.catalogue.coerce import to_bool, type_name
from confman.catalogue.signature import parse_options
from confman.catalogue.validate import check_arguments, check_options
from confman.errors import ConfmanError, LanguageError
from confman.model.call import Identity, Target
from confman.model.play import RoleContext
from confman.model.records import dataclass
from confman.model.request import ActionRequest, Reach
from confman.model.settings import Settings
from confman.model.source import Source
from confman.model.spec import Parameter, Rules, Spec
from confman.templating.engine import Engine
from confman.variables.scope import Scope

Steps = Generator[ActionRequest | Reach, Any, dict[str, Any]]


class ActionFailed(ConfmanError):
    """The action cannot be done; `result` goes into the task's result."""

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True)
class Finder:
    """Finds and reads files of the controller that belong to the playbook.

    folders: of the current task's file first, then of its role and the playbook. read: bytes of a file, vaulted
    ones opened. load: the value of a YAML file.
    """

    folders: tuple[Path, ...]
    read: Callable[[Path], bytes]
    load: Callable[[Path], Any]

    def candidates(self, kind: str, name: str) -> list[Path]:
        """Where a file of a kind (files, templates, vars ...) is looked for."""
        path = Path(name).expanduser()
        if path.is_absolute():
            return [path]
        found: list[Path] = []
        for folder in self.folders:
            found += [folder / kind / name, folder / name] if kind else [folder / name]
        return list(dict.fromkeys(found))

    def find(self, kind: str, name: str) -> Path:
        """The file of that name. Raises ActionFailed that says where it was looked for."""
        places = self.candidates(kind, name)
        for path in places:
            if path.exists():
                return path
        searched = "\n\t".join(str(path) for path in places)
        raise ActionFailed(f"Could not find or access '{name}'\nSearched in:\n\t{searched}")


@dataclass(frozen=True)
class Ways:
    """How a task's own host is reached and as whom it runs there, and the host that it is delegated to, if it is."""

    own: Target
    identity: Identity
    delegated: Target | None = None


@dataclass(frozen=True)
class ActionTask:
    """A task as its action sees it: arguments rendered, variables at hand.

    raw: the arguments as written. check: whether this is a dry run. defaults: what `module_defaults` say of another
    module, which the action may choose. own: whether a short name means a module of ours, and not one that somebody
    put in its place. ways: how the hosts of the task are reached.
    """

    action: str
    args: Mapping[str, Any]
    raw: Mapping[str, Any]
    scope: Scope
    engine: Engine
    settings: Settings
    files: Finder
    host: str
    check: bool = False
    diff: bool = False
    role: RoleContext | None = None
    source: Source | None = None
    remember: Callable[[str], None] = lambda _secret: None
    extra: Mapping[str, Any] = field(default_factory=dict)
    defaults: Callable[[str], dict[str, Any]] = lambda _module: {}
    own: Callable[[str], bool] = lambda _module: True
    ways: Callable[[], Ways] | None = None


Action = Callable[[ActionTask], Steps]


def immediate(function: Callable[[ActionTask], dict[str, Any]]) -> Action:
    """The action that asks for nothing: it only computes its result."""

    def action(task: ActionTask) -> Steps:
        yield from ()
        return function(task)

    return action


@functools.lru_cache(maxsize=256)
def _parsed(written: str) -> Parameter:
    """A specification, read once: an action asks for its own at each item of a loop."""
    return parse_options({"_": ast.literal_eval(written)})["_"]


def options_of(task: ActionTask, spec: Mapping[str, Any], rules: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The arguments of an action checked against a specification in Ansible's notation. Raises ActionFailed."""
    from_spec = _parsed(repr({"type": "dict", "options": dict(spec), **(rules or {})}))
    checked = check_options(from_spec.options or {}, from_spec.rules, task.args)
    name = task.action.rsplit(".", 1)[-1]
    if checked.unknown:
        checked.errors.insert(0, f"Invalid options for {name}: {', '.join(sorted(checked.unknown))}")
    if checked.errors:
        raise ActionFailed("; ".join(checked.errors))
    return checked.arguments


def module_options(task: ActionTask, spec: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, Any]:
    """The same for actions that speak of themselves as of modules."""
    parsed = _parsed(repr({"type": "dict", "options": dict(spec), **rules}))
    name = task.action.rsplit(".", 1)[-1]
    checked = check_arguments(Spec(name, "", parsed.options or {}, parsed.rules or Rules()), task.args)
    if checked.errors:
        raise ActionFailed("; ".join(checked.errors))
    return checked.arguments


def flag(args: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """A boolean argument; `default` where it is not given. Raises ActionFailed."""
    value = args.get(name)
    try:
        return default if value is None else to_bool(value)
    except TypeError as error:
        of_type = f"argument '{name}' is of type {type_name(value)}"
        raise ActionFailed(f"{of_type} and we were unable to convert to bool: {error}") from error


def evaluate(task: ActionTask, expression: Any) -> bool:
    """Whether a condition holds. Raises LanguageError when it is none."""
    return condition(expression, task.scope, task.engine, task.settings)


def condition(expression: Any, scope: Scope, engine: Engine, settings: Settings) -> bool:
    """Whether a condition holds: a boolean, or a trusted expression.

    Results that are no booleans are taken by their truth only if the settings allow broken conditionals.
    """
    value = engine.condition_value(expression, scope)
    if isinstance(value, bool):
        return value
    if settings.allow_broken_conditionals:
        return bool(value)
    kind = type(value).__name__
    raise LanguageError(
        f"Conditional result ({bool(value)}) was derived from value of type {kind!r}. "
        "Conditionals must have a boolean result.",
        hint=f"compare it, or use a filter or test that gives a boolean; {_remedy(kind)}",
    )


def _remedy(kind: str) -> str:
    return {
        "str": "e.g. `x | length > 0` or `x | bool`",
        "list": "e.g. `x | length > 0`",
        "dict": "e.g. `x | length > 0`",
        "int": "e.g. `x != 0`",
        "NoneType": "e.g. `x is not none`",
    }.get(kind, "e.g. `x | bool`")
