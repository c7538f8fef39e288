"""Keywords of a task, rendered for a host when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.actions.base import condition
from confman.catalogue.coerce import to_bool
from confman.catalogue.groups import PREFIX, members
from confman.engine.means import Means
from confman.errors import ConfmanError, LanguageError
from confman.language.keywords import short_name
from confman.model.program import Step
from confman.model.values import OMIT, Text, source_of
from confman.variables.scope import Scope

_PLAIN = frozenset({bool, int, float, str, Text})
"""Types whose values are what they are."""


class Keywords:
    """Reads the keywords of one step in one scope; each error says which keyword."""

    def __init__(self, step: Step, scope: Scope, means: Means) -> None:
        self.step = step
        self.scope = scope
        self.means = means

    def get(self, name: str, default: Any = None) -> Any:
        """The rendered value of a keyword of the task or of what is around it."""
        own = self.step.task.keywords
        inherited = self.step.own.keywords
        value = inherited[name] if name in inherited else own.get(name)
        if value is None or type(value) in _PLAIN:
            return default if value is None else value
        rendered = self._rendered(name, value)
        if rendered is OMIT:
            # An omitted keyword is what it would be if the task did not have it.
            around = self.step.outer.keywords.get(name)
            rendered = self._rendered(name, around) if around is not value else None
        return default if rendered is OMIT or rendered is None else rendered

    def _rendered(self, name: str, value: Any) -> Any:
        try:
            return self.means.engine.render(value, self.scope)
        except ConfmanError as error:
            error.message = f"Error processing keyword {name!r}: {error.message}"
            raise

    def action(self) -> str:
        """The name of the task's action, as far as it can be rendered."""
        try:
            return str(self.means.engine.render(self.step.task.action, self.scope)).strip()
        except ConfmanError:
            return self.step.task.action

    def flag(self, name: str, default: bool = False) -> bool:
        """A keyword that is a yes or no."""
        value = self.get(name)
        if value is None or value == "":
            return default
        try:
            return to_bool(value)
        except TypeError as error:
            message = f"The value {value!r} could not be converted to 'bool'"
            raise self._wrong(name, message) from error

    def safe_flag(self, name: str, *, on_error: bool = False) -> bool:
        """The same where an error must not stop anything: `on_error` then."""
        try:
            return self.flag(name)
        except ConfmanError:
            return on_error

    def secret(self) -> bool:
        """Whether nobody is to see what the task did: `no_log`, or the setting where nothing says so."""
        try:
            return self.flag("no_log", self.means.settings.no_log)
        except ConfmanError:
            return True

    def number(self, name: str, default: float) -> float:
        """A keyword that is a number."""
        value = self.get(name)
        try:
            return default if value is None or value == "" else float(value)
        except (TypeError, ValueError) as error:
            raise self._wrong(name, f"{value!r} is not a number") from error

    def whole(self, name: str, default: int) -> int:
        """A keyword that is a whole number."""
        value = self.get(name)
        try:
            return default if value is None or value == "" else int(value)
        except (TypeError, ValueError) as error:
            raise self._wrong(name, f"The value {value!r} could not be converted to 'int'") from error

    def _wrong(self, name: str, text: str) -> LanguageError:
        place = source_of(self.step.task.keywords.get(name)) or self.step.task.source
        hint = "write true or false" if "'bool'" in text else f"e.g. {name}: 5" if name != "environment" else ""
        return LanguageError(f"the keyword {name!r} has an invalid value: {text}", source=place, hint=hint)

    def connection(self) -> dict[str, Any]:
        """The rendered keywords that decide how and as whom a task runs."""
        names = (
            "connection",
            "port",
            "remote_user",
            "become",
            "become_method",
            "become_user",
            "become_flags",
            "become_exe",
        )
        found = {name: self.get(name) for name in names if name in self.step.own.keywords}
        return {name: value for name, value in found.items() if value is not None}

    def environment(self) -> dict[str, str]:
        """The environment of the task: the play's first, the task's own on top."""
        merged: dict[str, str] = {}
        for entry in self.step.own.environment:
            value = self.means.engine.render(entry, self.scope)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    merged.update({str(key): str(item) for key, item in part.items()})
                elif part not in (None, "", OMIT):
                    raise self._wrong("environment", f"expected a mapping, got {type(part).__name__}")
        return merged

    def defaults(self, action: str) -> dict[str, Any]:
        """What `module_defaults` give to an action: those of its groups first, its own on top."""
        own: dict[str, Any] = {}
        groups: dict[str, Mapping[str, Any]] = {}
        for entry in self.step.own.module_defaults:
            value = self.means.engine.render(entry, self.scope)
            for name, arguments in value.items() if isinstance(value, Mapping) else ():
                if not isinstance(arguments, Mapping):
                    continue
                if str(name).startswith(PREFIX):
                    groups[str(name)] = arguments
                elif self.same(str(name), action):
                    own.update(arguments)
        merged: dict[str, Any] = {}
        for name, arguments in groups.items():
            if self._in_group(action, name[len(PREFIX) :]):
                merged.update(arguments)
        return {**merged, **own}

    def same(self, name: str, action: str) -> bool:
        """Whether two names mean the same action where the step stands."""
        if short_name(name) == short_name(action):
            return True
        catalogue, collections = self.means.catalogue, searched(self.step)
        return catalogue.identity(name, collections) == catalogue.identity(action, collections)

    def _in_group(self, action: str, group: str) -> bool:
        catalogue = self.means.catalogue
        wanted = catalogue.identity(action, searched(self.step))
        return any(catalogue.identity(name) == wanted for name in members(catalogue.collections, group))

    def unmet(self, scope: Scope) -> Any:
        """The first `when` that does not hold, else None."""
        for expression in self.step.own.when:
            if not condition(expression, scope, self.means.engine, self.means.settings):
                return expression
        return None


def searched(step: Step) -> tuple[str, ...]:
    """The collections that a task's short names are looked for in: those named nearest to it, or its role's."""
    return tuple(dict.fromkeys(str(name) for name in step.own.collections))
