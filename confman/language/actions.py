"""The module that a task names, and its arguments as written."""

from __future__ import annotations

from typing import Any

from confman.errors import ConfmanError
from confman.language.key_values import OpenEnded, as_arguments, parse_key_values, retext, split_words
from confman.language.keywords import FREE_FORM, TASK, nearest, short_name
from confman.language.reading import Place
from confman.model.source import Source
from confman.model.values import SourcedDict, is_dynamic, source_of

ELSEWHERE = {
    "loop": "a block has no loop: put its tasks into a file, and loop over include_tasks",
    "listen": "handlers listen, tasks notify",
    "register": "tasks register, blocks do not",
    "hosts": "a play has hosts; a file of tasks does not hold plays",
}
"""What stands elsewhere than people write it."""

_FREE_FORM_KEYS = frozenset(
    {
        "creates",
        "removes",
        "chdir",
        "executable",
        "warn",
        "stdin",
        "stdin_add_newline",
        "strip_empty_ends",
        "argv",
        "cmd",
        "decrypt",
    }
)
_COMMANDS = frozenset({"command", "shell", "script", "raw", "win_command", "win_shell"})

EXPLICIT = ("action", "local_action")


def find_action(node: SourcedDict, source: Source, place: Place) -> tuple[str, str, Any] | None:
    """The key that names the module, the module, and its arguments as written."""
    actions = [key for key in node if key not in TASK and not str(key).startswith("with_")]
    explicit = [key for key in EXPLICIT if key in node]
    if len(actions) + len(explicit) != 1:
        _action_problem(node, actions, explicit, source, place)
        return None
    if not explicit:
        return actions[0], actions[0] if isinstance(actions[0], str) else str(actions[0]), node[actions[0]]
    action, args = _explicit_action(node, explicit[0], place)
    return (explicit[0], action, args) if action else None


def _action_problem(node: SourcedDict, actions: list[Any], explicit: list[str], source: Source, place: Place) -> None:
    found = [str(name) for name in (*explicit, *actions)]
    if not found:
        place.reading.problem("no module/action detected in task", source, "name a module, e.g. debug: msg=hello")
        return
    unknown = [name for name in actions if not place.reading.known(str(name))]
    if unknown and len(found) - len(unknown) == 1:
        name = unknown[0]
        hint = nearest(str(name), TASK) or ELSEWHERE.get(str(name), "a task has one module; the rest are keywords")
        place.reading.problem(f"{name!r} is not a valid attribute for a Task", node.key_source(name), hint)
        return
    place.reading.problem(f"conflicting action statements: {', '.join(found)}", source, "a task has one module")


def _explicit_action(node: SourcedDict, key: str, place: Place) -> tuple[str, Any]:
    value = node[key]
    if isinstance(value, dict):
        return _mapped_action(value, place)
    if not isinstance(value, str) or not value.strip():
        place.reading.problem(f"{key} needs a module", node.key_source(key), f"e.g. {key}: command true")
        return "", None
    return _split_action(value, place)


def _mapped_action(value: dict[Any, Any], place: Place) -> tuple[str, Any]:
    """The module and the arguments of an action written as a mapping."""
    rest = SourcedDict(value, source=source_of(value), dynamic=getattr(value, "dynamic", False))
    inner = rest.pop("args", None)
    module = rest.pop("module", "")
    name, words = _split_action(module, place) if isinstance(module, str) and module.strip() else ("", None)
    if words is not None:
        rest = as_arguments({**_text_arguments(short_name(name), words, place), **rest})
    if isinstance(inner, str):
        inner = _text_arguments(short_name(name), inner, place)
    return name, as_arguments({**inner, **rest}) if isinstance(inner, dict) else rest


def _split_action(value: str, place: Place) -> tuple[str, Any]:
    """The module that a text begins with, and the words behind it."""
    try:
        name = split_words(value, source_of(value))[0].strip()
    except ConfmanError as error:
        place.reading.problems.append(error)
        return "", None
    words = value.strip()[len(name) :].strip()
    return retext(name, value), retext(words, value) if words else None


def arguments(action: str, value: Any, extra: Any, place: Place, source: Source) -> Any:
    """The mapping of arguments; a template for all of them is under `_variable_params`."""
    args = _own_arguments(action, value, place, source)
    _check_private(action, args, place, source)
    if extra is None:
        return args
    if isinstance(extra, str):
        return as_arguments({"_variable_params": extra, **args})
    if not isinstance(extra, dict):
        place.reading.problem(
            "args must be a mapping", source_of(extra) or source, "write `argument: value` below args"
        )
        return args
    merged = SourcedDict({**extra, **args}, source=args.source)
    merged.dynamic = any(is_dynamic(item) for item in merged.values())
    return merged


def _check_private(action: str, args: SourcedDict, place: Place, source: Source) -> None:
    for name in args if short_name(action) not in FREE_FORM else ():
        if str(name).startswith("_ansible_"):
            message = f"Invalid parameter specified beginning with keyword '_ansible_' for action '{action}': '{name}'"
            hint = "names that begin with _ansible_ are for the tool that runs modules"
            place.reading.problem(message, args.key_source(name) or source, hint)


def _own_arguments(action: str, value: Any, place: Place, source: Source) -> SourcedDict:
    short = short_name(action)
    if value is None:
        return SourcedDict(source=source)
    if isinstance(value, dict):
        return as_arguments(value)
    if isinstance(value, str):
        return _text_arguments(short, value, place)
    if short in FREE_FORM:
        return as_arguments({"_raw_params": value})
    hint = f"write `argument: value` lines below {action}:"
    place.reading.problem(f"the arguments of {action} must be a mapping or key=value words", source, hint)
    return SourcedDict(source=source)


def _text_arguments(short: str, value: str, place: Place) -> SourcedDict:
    if short not in FREE_FORM and value.strip().startswith("{{") and value.strip().endswith("}}"):
        return as_arguments({"_variable_params": value})
    try:
        known = _FREE_FORM_KEYS if short in _COMMANDS or "{{" in short else None
        return parse_key_values(value, free_form=short in FREE_FORM or "{{" in short, known=known)
    except ConfmanError as error:
        if "{{" in value and not isinstance(error, OpenEnded):
            # What it says is only known when it runs, and then it is an error of the task.
            return as_arguments({"_variable_params": value})
        place.reading.problems.append(error)
        return SourcedDict()
