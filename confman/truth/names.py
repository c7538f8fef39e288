"""The variables that conditions use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError, meta

from confman.engine.foreign import jsonable
from confman.errors import ConfmanError
from confman.templating.engine import Engine
from confman.templating.undefined import Undefinable
from confman.variables.scope import Scope


def names_in(expressions: Iterable[str], engine: Engine) -> set[str]:
    """The names of the variables that expressions use; those of an expression that is none are unknown."""
    found: set[str] = set()
    for text in expressions:
        written = text if "{{" in text or "{%" in text else "{{ " + text + " }}"
        try:
            found |= meta.find_undeclared_variables(engine.conditions.parse(written))
        except TemplateSyntaxError:
            continue
    return found


def values_of(names: Iterable[str], scope: Scope) -> Mapping[str, Any]:
    """What is known of variables, as JSON can carry it."""
    found: dict[str, Any] = {}
    for name in sorted(names):
        try:
            value = scope.find(name)
            if name in scope:
                found[name] = jsonable(value)
        except (ConfmanError, Undefinable, TypeError, ValueError):
            continue
    return found
