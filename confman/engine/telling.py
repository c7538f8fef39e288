"""How tasks are called in what is told of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from confman.errors import ConfmanError
from confman.model.redact import MASK, names_a_secret, without_literals
from confman.model.values import Template
from confman.templating.engine import Engine
from confman.variables.scope import Scope

_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def render_name(name: Any, scope: Scope, engine: Engine) -> str:
    """A task's name; where an expression in it cannot be evaluated, with what is wrong in its place."""
    try:
        return str(engine.render(name, scope))
    except ConfmanError:
        faults = 0

    def part(match: re.Match[str]) -> str:
        nonlocal faults
        try:
            return str(engine.render(Template(match.group()), scope))
        except ConfmanError as error:
            faults += 1
            return f"<< error {faults} - {error.message} >>"

    return _EXPRESSION.sub(part, str(name))


def arguments_text(args: Any) -> str:
    """A task's arguments as they are written, without secrets in plain text, for those who want them in banners."""
    return ", ".join(f"{key}={_told(key, value)}" for key, value in args.items()) if isinstance(args, Mapping) else ""


def _told(name: Any, value: Any) -> Any:
    """A value as people may see it: nobody has learnt yet what the module takes for a secret."""
    if names_a_secret(str(name)):
        return MASK
    if isinstance(value, Mapping):
        return {str(key): _told(key, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_told("", each) for each in value]
    return without_literals(value) if isinstance(value, str) else value
