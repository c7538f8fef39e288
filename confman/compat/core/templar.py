"""What plugins call a templar: our engine over one scope, behind the methods that plugins use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from confman.actions.base import condition
from confman.compat.core.values import Variables, from_core, to_core
from confman.model.settings import Settings
from confman.model.values import Text
from confman.templating.engine import Engine
from confman.variables.scope import Scope


class Templar:
    """Renders what plugins hand over: only text that is marked as trusted is a template."""

    def __init__(self, engine: Engine, scope: Scope, settings: Settings | None = None) -> None:
        self._engine = engine
        self._scope = scope
        self._settings = settings or Settings()
        self._variables: Mapping[str, Any] | None = None
        self.environment = engine.strings

    @property
    def available_variables(self) -> Mapping[str, Any]:
        """The variables that templates see."""
        if self._variables is None:
            self._variables = Variables(self._scope)
        return self._variables

    @available_variables.setter
    def available_variables(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._scope = _scope(variables, self._engine)

    def template(self, variable: Any, *_args: Any, fail_on_undefined: bool = True, **_options: Any) -> Any:
        """A value with the templates in it rendered. Raises TemplateError."""
        try:
            return to_core(self._engine.render(from_core(variable), self._scope))
        except Exception:
            if fail_on_undefined:
                raise
            return variable

    do_template = template

    def is_template(self, data: Any) -> bool:
        """Whether a value holds a template."""
        return isinstance(data, str) and ("{{" in data or "{%" in data or "{#" in data)

    is_possibly_template = is_template

    def evaluate_expression(self, expression: str, **_options: Any) -> Any:
        """The value of an expression."""
        return to_core(self._engine.evaluate(Text(str(expression)), self._scope))

    def evaluate_conditional(self, conditional: str | bool) -> bool:
        """Whether a condition holds."""
        given = Text(str(conditional)) if isinstance(conditional, str) else conditional
        return condition(given, self._scope, self._engine, self._settings)

    def resolve_to_container(self, variable: Any, **_options: Any) -> Any:
        """As `template`."""
        return self.template(variable)

    @contextmanager
    def set_temporary_context(self, **changes: Any) -> Iterator[None]:
        """Other variables for a block (`available_variables`); delimiters cannot be changed here."""
        before = (self._scope, self._variables)
        if changes.get("available_variables") is not None:
            self.available_variables = changes["available_variables"]
        try:
            yield
        finally:
            self._scope, self._variables = before

    def copy_with_new_env(self, **changes: Any) -> Templar:
        """Another templar like this one."""
        other = Templar(self._engine, self._scope, self._settings)
        if changes.get("available_variables") is not None:
            other.available_variables = changes["available_variables"]
        return other


def _scope(variables: Mapping[str, Any], engine: Engine) -> Scope:
    if isinstance(variables, Variables):
        own = {name: dict.__getitem__(variables, name) for name in dict.keys(variables)}
        return variables.scope.under({name: from_core(value) for name, value in own.items()})
    return Scope(({name: from_core(value) for name, value in variables.items()},), engine)
