"""A task's action and arguments, rendered; and what to say where arguments are wrong."""

from __future__ import annotations

import re
from typing import Any

from confman.actions.base import ActionFailed
from confman.engine.means import Job
from confman.errors import ConfmanError, UnknownUntilApplied
from confman.language.key_values import parse_key_values
from confman.language.keywords import FREE_FORM, short_name
from confman.model.values import OMIT, SourcedDict
from confman.templating.unforeseen import Unforeseen
from confman.variables.scope import Scope


def render_action(job: Job, scope: Scope) -> str:
    """The name of a task's action. Raises ConfmanError."""
    return str(job.means.engine.render(job.step.task.action, scope)).strip()


_UNRENDERED = {"assert": ("that",), "debug": ("var",)}
"""Parameters that an action evaluates itself."""


def render_arguments(job: Job, scope: Scope, action: str, defaults: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The arguments as written and as rendered, on top of `defaults`. Raises ConfmanError."""
    raw = job.step.task.args
    engine = job.means.engine
    merged = dict(defaults)
    if not isinstance(raw, SourcedDict):
        return raw, merged
    given = dict(raw)
    whole = given.pop("_variable_params", None)
    if whole is not None:
        value = engine.render(whole, scope)
        if not isinstance(value, dict):
            raise ActionFailed(f"Action {full_name(action)!r} does not support raw params.")
        merged.update(value)
    if "{{" in job.step.task.action and "_raw_params" in given and short_name(action) not in FREE_FORM:
        given.update(parse_key_values(given.pop("_raw_params")))
    kept = _UNRENDERED.get(short_name(action), ())
    for key, value in given.items():
        name = engine.render(key, scope)
        rendered = value if key in kept else _render_argument(job, scope, action, str(name), value)
        if rendered is OMIT:
            merged.pop(name, None)
        else:
            merged[name] = rendered
    return raw, merged


def _render_argument(job: Job, scope: Scope, action: str, name: str, value: Any) -> Any:
    try:
        return job.means.engine.render(value, scope)
    except UnknownUntilApplied as error:
        if short_name(action) == "set_fact":
            # The variable will be there; whoever uses it meets the same.
            return Unforeseen(error.message)
        raise
    except ConfmanError as error:
        full = full_name(action)
        error.message = (
            f"Finalization of task args for {full!r} failed: Error while resolving value for {name!r}: {error.message}"
        )
        raise


def full_name(action: str) -> str:
    """An action with its collection."""
    return action if "." in action else f"ansible.builtin.{action}"


_OF_ARGUMENTS = re.compile(
    "Unsupported parameters|missing required arg|mutually exclusive|does not support raw params|one of the following"
    "|value of .* must be one of|is required|No key/value pairs|needs to be provided"
)


def advise(result: dict[str, Any], action: str) -> None:
    """Say where the arguments of an action stand, when they are what is wrong."""
    message = result.get("msg")
    if result.get("failed") and "_hint" not in result and isinstance(message, str) and _OF_ARGUMENTS.search(message):
        result["_hint"] = f"`confman doc {short_name(action)}` tells of its arguments"
