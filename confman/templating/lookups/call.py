"""`lookup`, `query` and `q`: calling lookups from expressions, with `wantlist` and `errors`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jinja2.utils import pass_context

from confman.errors import ConfmanError, TemplateError
from confman.model.records import dataclass
from confman.templating.engine import Names, scope_of
from confman.templating.functions import takes_undefined
from confman.templating.lookups.base import Lookup, LookupTask
from confman.templating.lookups.functions import FUNCTIONS
from confman.templating.undefined import first_undefined

if TYPE_CHECKING:
    from jinja2.runtime import Context

MakeTask = Callable[[Names], LookupTask]
_PREFIXES = ("ansible.builtin.", "ansible.legacy.")


@dataclass(frozen=True)
class Lookups:
    """Lookups by name. `other` gives one that is not in the table, or (`own` says so) goes before it."""

    table: Mapping[str, Lookup]
    other: Callable[[str], Lookup | None] = lambda _name: None
    own: Callable[[str], bool] = lambda _name: False

    def find(self, name: str) -> Lookup:
        """A lookup. Raises TemplateError when there is none of that name."""
        short = name
        for prefix in _PREFIXES:
            short = short.removeprefix(prefix)
        if short in self.table and not self.own(name):
            return self.table[short]
        found = self.other(name)
        if found is None:
            raise TemplateError(f"The lookup plugin {name!r} was not found.")
        return found


def lookup_globals(lookups: Lookups, make: MakeTask) -> dict[str, Any]:
    """The global functions of expressions: those that call lookups, `now` and `undef`."""

    @takes_undefined
    @pass_context
    def lookup(context: Context, name: str, /, *terms: Any, **options: Any) -> Any:
        """The result of a lookup: one value, or several joined by commas if they are texts."""
        return _call(context, name, terms, options)

    @takes_undefined
    @pass_context
    def query(context: Context, name: str, /, *terms: Any, **options: Any) -> Any:
        """The result of a lookup as a list."""
        return _call(context, name, terms, {**options, "wantlist": True})

    def _call(context: Context, name: str, terms: tuple[Any, ...], options: dict[str, Any]) -> Any:
        wantlist = bool(options.pop("wantlist", False))
        errors = str(options.pop("errors", "strict"))
        function = lookups.find(name)
        if not getattr(function, "takes_undefined", False):
            marker = first_undefined(terms, options)
            if marker is not None:
                return marker
        task = make(scope_of(context))
        try:
            values = function(task, list(terms), **_known(name, function, options, task))
        except (ConfmanError, TypeError, ValueError, OSError) as error:
            return _failed(name, error, errors, wantlist, task)
        return values if wantlist else _joined(values)

    return {**FUNCTIONS, "lookup": lookup, "query": query, "q": query}


def _known(name: str, function: Lookup, options: dict[str, Any], task: LookupTask) -> dict[str, Any]:
    """The options that a lookup has; the others are named in a warning."""
    parameters = inspect.signature(function).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return options
    for option in options:
        if option not in parameters:
            task.warn(f"the lookup plugin {name!r} has no option {option!r}: it is ignored")
    return {option: value for option, value in options.items() if option in parameters}


def _failed(name: str, error: Exception, errors: str, wantlist: bool, task: LookupTask) -> Any:
    text = error.message if isinstance(error, ConfmanError) else str(error)
    message = f"The lookup plugin {name!r} failed: {text}"
    if errors == "warn":
        task.warn(message)
    elif errors != "ignore":
        raise TemplateError(message) from error
    return [] if wantlist else None


def _joined(values: list[Any]) -> Any:
    if len(values) == 1:
        return values[0]
    if values and all(isinstance(value, str) for value in values):
        return ",".join(values)
    return values
