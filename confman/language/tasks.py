"""Lists of tasks: nodes become tasks and blocks, as they are written."""

from __future__ import annotations

from typing import Any

from confman.errors import ConfmanError
from confman.language.checks import check_keywords
from confman.language.including import check_include, is_taken_out
from confman.language.key_values import as_arguments, parse_key_values, retext, split_words
from confman.language.keywords import BLOCK, FREE_FORM, TASK, nearest, short_name
from confman.language.metas import check_meta
from confman.language.names import is_known, within
from confman.language.reading import Place, expect_mapping
from confman.model.play import Block, Loop, Task
from confman.model.source import Source
from confman.model.values import SourcedDict, is_dynamic, source_of

_ELSEWHERE = {
    "loop": "a block has no loop: put its tasks into a file, and loop over include_tasks",
    "listen": "handlers listen, tasks notify",
    "register": "tasks register, blocks do not",
    "hosts": "a play has hosts; a file of tasks does not hold plays",
}
"""What stands elsewhere than people write it."""
_BLOCK_PARTS = ("block", "rescue", "always")
_LOOP_KEYS = frozenset({"loop", "loop_control"})
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


def parse_tasks(value: Any, place: Place, what: str = "tasks") -> tuple[Block | Task, ...]:
    """The tasks and blocks of a list."""
    parsed: list[Block | Task] = []
    if value is not None and not isinstance(value, list):
        kind = "a mapping" if isinstance(value, dict) else repr(value)
        message = f"A malformed block was encountered while loading {what}: {kind} should be a list or None"
        place.reading.problem(message, source_of(value), "tasks are a list: each begins with a dash")
        return ()
    for item in value or ():
        node = expect_mapping(item, "a task", place, source_of(value))
        if node is None:
            continue
        if any(part in node for part in _BLOCK_PARTS):
            parsed.append(_block(node, place))
        else:
            task = _task(node, place)
            if task is not None:
                parsed.append(task)
    return tuple(parsed)


def _block(node: SourcedDict, place: Place) -> Block:
    source = node.source or Source(str(place.folder))
    place = within(node, place)
    keywords = _keywords(node, BLOCK - set(_BLOCK_PARTS), _BLOCK_PARTS, "Block", place)
    if "block" not in node:
        place.reading.problem("rescue and always need a block", source, "write the tasks that may fail below block:")
    return Block(
        tasks=parse_tasks(node.get("block"), place, "block"),
        rescue=parse_tasks(node.get("rescue"), place, "rescue"),
        always=parse_tasks(node.get("always"), place, "always"),
        keywords=keywords,
        source=source,
        role=place.role,
    )


def _keywords(
    node: SourcedDict, allowed: frozenset[str], structural: tuple[str, ...], what: str, place: Place
) -> SourcedDict:
    check_keywords(node, what, place)
    keywords = SourcedDict(source=node.source, dynamic=node.dynamic)
    for key, value in node.items():
        if key in structural:
            continue
        if key not in allowed:
            place.reading.problem(
                f"{key!r} is not a valid attribute for a {what}",
                node.key_source(key),
                nearest(str(key), allowed | set(structural)) or _ELSEWHERE.get(str(key), ""),
            )
            continue
        keywords[key] = value
        keywords.keys_at[key] = node.keys_at.get(key, (0, 0))
    return keywords


def _task(node: SourcedDict, place: Place) -> Task | None:
    source = node.source or Source(str(place.folder))
    found = _find_action(node, source, place)
    if found is None:
        return None
    key, action, args = found
    if is_taken_out(action, node, key, place):
        return None
    if "{{" not in action and not is_known(action, within(node, place), node.key_source(key)):
        return None
    loops = [str(name) for name in node if str(name).startswith("with_")]
    allowed = TASK if place.handlers else TASK - {"listen"}
    keywords = _keywords(node, allowed, (key, *_EXPLICIT, *_LOOP_KEYS, *loops), "Task", place)
    if "local_action" in node:
        keywords["delegate_to"] = "localhost"
    task = Task(
        action=action,
        args=_arguments(action, args, keywords.pop("args", None), place, source),
        keywords=keywords,
        source=source,
        loop=_loop(node, loops, place),
        role=place.role,
    )
    check_meta(task, place)
    check_include(task, place)
    return task


_EXPLICIT = ("action", "local_action")


def _find_action(node: SourcedDict, source: Source, place: Place) -> tuple[str, str, Any] | None:
    """The key that names the module, the module, and its arguments as written."""
    actions = [key for key in node if key not in TASK and not str(key).startswith("with_")]
    explicit = [key for key in _EXPLICIT if key in node]
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
        hint = nearest(str(name), TASK) or _ELSEWHERE.get(str(name), "a task has one module; the rest are keywords")
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


def _arguments(action: str, value: Any, extra: Any, place: Place, source: Source) -> Any:
    """The mapping of arguments; a template for all of them is under `_variable_params`."""
    args = _own_arguments(action, value, place, source)
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
        if "{{" in value:
            # What it says is only known when it runs, and then it is an error of the task.
            return as_arguments({"_variable_params": value})
        place.reading.problems.append(error)
        return SourcedDict()


def _loop(node: SourcedDict, loops: list[str], place: Place) -> Loop | None:
    names = [*(["loop"] if "loop" in node else []), *loops]
    if not names:
        return None
    if len(names) > 1:
        place.reading.problem(f"a task has one loop, not {' and '.join(names)}", node.key_source(names[1]))
    control = node.get("loop_control") or {}
    if not isinstance(control, dict):
        hint = "e.g. loop_control: {loop_var: word}"
        place.reading.problem("loop_control must be a mapping", node.key_source("loop_control"), hint)
        control = {}
    name = names[0]
    if node[name] is None and name == "loop":
        place.reading.problem(
            "loop needs a list", node.key_source("loop"), "write the items below it, each with a dash"
        )
    return Loop("" if name == "loop" else name[len("with_") :], node[name], control)
