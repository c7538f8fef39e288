"""Values of keywords that cannot be right, told when they are read; what a template gives is only known in the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from confman.language.keywords import nearest
from confman.language.reading import Place
from confman.language.reserved import reserved
from confman.model.source import Source
from confman.model.values import SourcedDict, Template, source_of

_FLAGS = frozenset(
    """any_errors_fatal become check_mode diff force_handlers gather_facts ignore_errors ignore_unreachable no_log
    run_once delegate_facts validate_argspec""".split()
)
_NUMBERS = frozenset("port timeout retries async poll delay max_fail_percentage gather_timeout".split())
_TASKS_OWN = _NUMBERS | {"check_mode", "diff"}
_YES_OR_NO = frozenset("y yes on 1 true t 1.0 n no off 0 false f 0.0".split())
_ORDERS = ["inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"]
_DEBUGGER = ["always", "on_failed", "on_unreachable", "on_skipped", "never"]
_LOOP_CONTROL = frozenset("loop_var index_var label pause extended extended_allitems break_when".split())
_NAME_HINT = "a name has letters, digits and underscores, and does not begin with a digit"
_GROUP_HINT = "a group is named group/NAMESPACE.COLLECTION.NAME, as its collection has it"

Say = Callable[[str, str], None]
"""say(message, hint): note that the value is wrong."""


def check_keywords(node: SourcedDict, what: str, place: Place, keywords: AbstractSet[str]) -> None:
    """Note values of a play's, block's or task's keywords that are wrong whatever the run brings.

    Those that a task's own error handling sees (`ignore_errors`, `rescue`) are left to the run.
    """
    looked_at = keywords - _TASKS_OWN if what == "Task" else keywords
    for key, value in node.items():
        check = _CHECKS.get(str(key)) if key in looked_at else None
        if check is None or value is None or is_template(value):
            continue

        def say(message: str, hint: str, *, at: Any = value, key: Any = key) -> None:
            place.reading.problem(message, _place_of(at) or node.key_source(key), hint)

        check(str(key), value, say)
    _check_names(node, what, place)
    _check_groups(node, place)


def is_template(value: Any) -> bool:
    """Whether what a value is shows only in the run."""
    return isinstance(value, Template) or (isinstance(value, str) and ("{{" in value or "{%" in value))


def _place_of(value: Any) -> Source | None:
    return None if isinstance(value, bool | int | float) else source_of(value)


def _check_flag(key: str, value: Any, say: Say) -> None:
    if isinstance(value, bool) or str(value).strip().lower() in _YES_OR_NO or (value == "" and key != "become"):
        return
    say(f"{key} is yes or no, not {_shown(value)}", "write true or false")


def _check_number(key: str, value: Any, say: Say) -> None:
    if isinstance(value, int | float) or value == "":
        return
    try:
        float(str(value).strip())
    except ValueError:
        say(f"{key} is a number, not {_shown(value)}", f"e.g. {key}: 5")


def _check_order(_key: str, value: Any, say: Say) -> None:
    if value not in _ORDERS and value != "":
        say(
            f"There is no order {_shown(value)} of hosts",
            nearest(str(value), _ORDERS) or f"orders: {', '.join(_ORDERS)}",
        )


def _check_debugger(key: str, value: Any, say: Say) -> None:
    if value not in _DEBUGGER and value != "":
        hint = nearest(str(value), _DEBUGGER) or f"one of {', '.join(_DEBUGGER)}"
        say(f"{_shown(value)} is not a valid value for {key}", hint)


def _check_serial(_key: str, value: Any, say: Say) -> None:
    for item in value if isinstance(value, list) else [value]:
        try:
            if not is_template(item) and item not in (None, ""):
                float(str(item).strip().removesuffix("%"))
        except ValueError:
            say(f"serial must be a number or a percentage, not {_shown(item)}", "e.g. serial: 2, or [1, 50%]")


def _check_words(key: str, value: Any, say: Say) -> None:
    if key == "tags" and not isinstance(value, str | list):
        say("tags must be specified as a list", "e.g. tags: [one, two]")
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            say(f"{key} is a list of words, not {_shown(item)}", f"e.g. {key}: [one, two]")


def _check_condition(key: str, value: Any, say: Say) -> None:
    if isinstance(value, dict):
        say(f"{key} is an expression or a list of them, not {_shown(value)}", "e.g. " + key + ": x is defined")


def _check_name(key: str, value: Any, say: Say) -> None:
    if not isinstance(value, str) or not value.isidentifier():
        say(f"Invalid {key!r} specified: Invalid variable name {_shown(value)}.", _NAME_HINT)


def _check_loop(_key: str, value: Any, say: Say) -> None:
    if not isinstance(value, list):
        say(f"loop needs a list, not {_shown(value)}", "write a list, or a template that gives one")


def _check_loop_control(_key: str, value: Any, say: Say) -> None:
    for option in value if isinstance(value, dict) else ():
        if option not in _LOOP_CONTROL:
            hint = nearest(str(option), _LOOP_CONTROL) or f"there are {', '.join(sorted(_LOOP_CONTROL))}"
            say(f"{option!r} is not a valid attribute for a LoopControl", hint)
        elif option in {"loop_var", "index_var"} and not is_template(value[option]) and value[option]:
            _check_name(option, value[option], say)


def _check_environment(key: str, value: Any, say: Say) -> None:
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict) and not is_template(item) and item not in (None, ""):
            say(f"{key} is a mapping of names to values, not {_shown(item)}", f"e.g. {key}: {{LANG: C}}")


def _check_defaults(key: str, value: Any, say: Say) -> None:
    for item in value if isinstance(value, list) else [value]:
        if not is_template(item) and item is not None:
            _check_default(key, item, say)


def _check_groups(node: SourcedDict, place: Place) -> None:
    """Note groups of actions in `module_defaults` that do not exist."""
    value = node.get("module_defaults")
    for item in value if isinstance(value, list) else [value]:
        for name in item if isinstance(item, dict) else ():
            group = str(name).removeprefix("group/")
            if group == str(name) or is_template(name) or place.reading.known_group(group):
                continue
            full = group if "." in group else f"ansible.builtin.{group}"
            message = f"Error loading module_defaults: could not resolve the module_defaults group {full}"
            where = item.key_source(name) if isinstance(item, SourcedDict) else node.key_source("module_defaults")
            place.reading.problem(message, where, _GROUP_HINT)


def _check_default(key: str, item: Any, say: Say) -> None:
    hint = f"e.g. {key}: {{file: {{mode: '0644'}}}}"
    if not isinstance(item, dict):
        say(f"{key} is a mapping of arguments, not {_shown(item)}", hint)
        return
    wrong = next((name for name, given in item.items() if not _may_be_mapping(given)), None)
    if wrong is not None:
        say(f"{key} of {wrong} is a mapping of arguments, not {_shown(item[wrong])}", hint)


def _may_be_mapping(value: Any) -> bool:
    return value is None or isinstance(value, dict) or is_template(value)


def _check_files(key: str, value: Any, say: Say) -> None:
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str | list) and item is not None and not is_template(item):
            say(f"{key} is a list of names of files, not {_shown(item)}", f"e.g. {key}: [defaults.yml]")


def _check_host(key: str, value: Any, say: Say) -> None:
    if isinstance(value, list | dict):
        say(f"{key} is the name of one host, not {_shown(value)}", f"e.g. {key}: localhost; or loop over them")


def _check_text(key: str, value: Any, say: Say) -> None:
    if isinstance(value, list | dict):
        say(f"{key} is a text, not {_shown(value)}", "quote it if it begins with a bracket or a brace")


def _check_names(node: SourcedDict, what: str, place: Place) -> None:
    variables = node.get("vars")
    if variables is None or is_template(variables):
        return
    if not isinstance(variables, dict):
        message = f"Vars in a {what} must be specified as a dictionary."
        place.reading.problem(message, node.key_source("vars"), "write `name: value` below vars")
        return
    for text, where in reserved(variables, node.key_source("vars")):
        place.reading.warn(text, where)
    for name in wrong_names(variables):
        where = variables.key_source(name) if isinstance(variables, SourcedDict) else node.key_source("vars")
        place.reading.problem(f"Invalid variable name {name!r} in vars of a {what}", where, _NAME_HINT)


def wrong_names(variables: Mapping[Any, Any]) -> Iterable[Any]:
    """The keys that are no names of variables."""
    return [name for name in variables if not isinstance(name, str) or not name.isidentifier()]


def _shown(value: Any) -> str:
    kinds = {dict: "a mapping", list: "a list"}
    kind = next((text for base, text in kinds.items() if isinstance(value, base)), "")
    return kind or (repr(str(value)) if isinstance(value, str) else str(value))


_CHECKS: dict[str, Callable[[str, Any, Say], None]] = {
    **dict.fromkeys(_FLAGS, _check_flag),
    **dict.fromkeys(_NUMBERS, _check_number),
    **dict.fromkeys(("tags", "notify", "listen"), _check_words),
    **dict.fromkeys(("when", "changed_when", "failed_when", "until"), _check_condition),
    "order": _check_order,
    "debugger": _check_debugger,
    "serial": _check_serial,
    "register": _check_name,
    "loop": _check_loop,
    "loop_control": _check_loop_control,
    "environment": _check_environment,
    "module_defaults": _check_defaults,
    "vars_files": _check_files,
    "delegate_to": _check_host,
    "name": _check_text,
}
