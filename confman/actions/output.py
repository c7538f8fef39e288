"""debug, fail and assert: they only speak."""

from __future__ import annotations

import re
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, evaluate, module_options, options_of
from confman.catalogue.coerce import type_name
from confman.errors import TemplateError, UndefinedVariable
from confman.model.values import Template, Text
from confman.templating.undefined import Undefined

_NAME = re.compile(r"[A-Za-z_][\w.]*\Z", re.ASCII)


def debug(task: ActionTask) -> dict[str, Any]:
    """Show a message or the value of a variable."""
    options = module_options(
        task,
        {
            "msg": {"type": "raw", "default": "Hello world!"},
            "var": {"type": "raw"},
            "verbosity": {"type": "int", "default": 0},
        },
        {"mutually_exclusive": [("msg", "var")]},
    )
    result: dict[str, Any] = {"changed": False, "failed": False}
    if task.settings.verbosity < options["verbosity"]:
        return {**result, "skipped": True, "skipped_reason": "Verbosity threshold not met."}
    result["_ansible_verbose_always"] = True
    if options["var"] is None:
        return {**result, "msg": None if "msg" in task.args and task.args["msg"] is None else options["msg"]}
    name = _variable(task, options["var"])
    if not isinstance(name, str):
        return {**result, _type_name(name): name}
    value, faults = _value(task, name)
    if faults:
        result["warnings"] = [f"Encountered {len(faults)} template error{'s' * (len(faults) > 1)}: {'; '.join(faults)}"]
    return {**result, name: value}


def _variable(task: ActionTask, var: Any) -> Any:
    """What is to be shown: an expression, or what a template gives. Raises ActionFailed for data that is more."""
    if not isinstance(var, Template):
        return var
    name = task.engine.render(var, task.scope)
    if isinstance(name, str) and not isinstance(name, Text) and not _NAME.match(name):
        raise ActionFailed(f"{str(var)!r} gives {name[:80]!r}: data is not evaluated; show it with `msg`")
    return name


def _type_name(value: Any) -> str:
    return f"<class '{type(value).__name__}'>"


def _value(task: ActionTask, name: str) -> tuple[Any, list[str]]:
    """The value of an expression, and what is wrong with those parts of it that are undefined."""
    faults: list[str] = []

    def replace(marker: Undefined) -> str:
        if not isinstance(marker.error(), UndefinedVariable):
            raise marker.error()
        faults.append(marker.error().message)
        return f"<< error {len(faults)} - {faults[-1]} >>"

    try:
        return task.engine.evaluate(Text(name), task.scope, replace=replace), faults
    except TemplateError as error:
        raise ActionFailed(error.message) from error


def fail(task: ActionTask) -> dict[str, Any]:
    """Fail with a message."""
    options = options_of(task, {"msg": {"type": "raw", "default": "Failed as requested from task"}})
    return {"changed": False, "failed": True, "msg": options["msg"]}


def assert_(task: ActionTask) -> dict[str, Any]:
    """Fail unless every condition holds."""
    options = module_options(
        task,
        {
            "that": {"type": "raw"},
            "fail_msg": {"type": "raw", "aliases": ["msg"]},
            "success_msg": {"type": "raw"},
            "quiet": {"type": "bool", "default": False},
        },
        {},
    )
    for name in ("fail_msg", "success_msg"):
        _check_message(name, options[name])
    if "that" not in task.raw and "that" not in task.args:
        raise ActionFailed("missing required arguments: that")
    raw = task.raw.get("that", options["that"])
    notes = _notes(raw)
    conditions = _conditions(task, raw)
    result: dict[str, Any] = {"changed": False, **notes}
    if not options["quiet"]:
        result["_ansible_verbose_always"] = True
    for condition in conditions:
        holds = evaluate(task, condition)
        if not holds:
            message = options["fail_msg"] if options["fail_msg"] is not None else "Assertion failed"
            return {**result, "failed": True, "evaluated_to": holds, "assertion": condition, "msg": message}
    message = options["success_msg"] if options["success_msg"] is not None else "All assertions passed"
    return {**result, "failed": False, "msg": message}


def _check_message(name: str, value: Any) -> None:
    """Raise ActionFailed for a message that is neither a text nor a list of texts."""
    texts = value if isinstance(value, list) else [value]
    if value is not None and not all(isinstance(text, str) for text in texts):
        kind = type_name(value)
        raise ActionFailed(f"argument '{name}' is of type {kind}: a string or list of strings is required")


def _notes(raw: Any) -> dict[str, Any]:
    """What is to be said about conditions that are written as templates."""
    wrapped = [
        each for each in (raw if isinstance(raw, list) else [raw]) if isinstance(each, str) and _is_wrapped(each)
    ]
    if not wrapped:
        return {}
    text = "Conditionals should not be surrounded by templating delimiters such as {{ }} or {% %}."
    return {"deprecations": [{"msg": text, "version": "2.23", "collection_name": "ansible.builtin"}]}


def _is_wrapped(text: str) -> bool:
    text = text.strip()
    return (text.startswith("{{") and text.endswith("}}")) or (text.startswith("{%") and text.endswith("%}"))


def _conditions(task: ActionTask, raw: Any) -> list[Any]:
    """The conditions as written: a list, one, or a template that gives a list."""
    if isinstance(raw, list):
        return list(raw)
    if isinstance(raw, str) and raw.strip().startswith("{{"):
        value = task.engine.render(raw, task.scope)
        return list(value) if isinstance(value, list) else [value]
    return [raw]
