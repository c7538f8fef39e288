"""Renders trusted templates over a scope of lazy variables."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Protocol

from jinja2 import FileSystemLoader, TemplateSyntaxError
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.runtime import Context as JinjaContext
from jinja2.tests import TESTS as DEFAULT_TESTS

from confman.errors import ConfmanError, TemplateError, UsageError, VaultError
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import OMIT, Sealed, SourcedDict, SourcedList, Template, Text, is_dynamic, source_of
from confman.templating.environment import Context, Environment, Parent
from confman.templating.functions import Functions
from confman.templating.includes import Beside
from confman.templating.lazy import PLAIN, LazyDict, LazyList, finalize
from confman.templating.recent import Recent
from confman.templating.shape import Shape, keep_newlines, shape_of
from confman.templating.undefined import Closed, Undefinable, Undefined, advice, template_error
from confman.templating.watch import Watch

COMPILED = 4096
"""Templates that are kept compiled, at least: as many as the variables of a large site have."""
_OVERRIDE = "#jinja2:"
_OVERRIDES = frozenset(
    {
        "block_start_string",
        "block_end_string",
        "variable_start_string",
        "variable_end_string",
        "comment_start_string",
        "comment_end_string",
        "line_statement_prefix",
        "line_comment_prefix",
        "trim_blocks",
        "lstrip_blocks",
        "newline_sequence",
        "keep_trailing_newline",
    }
)


class Names(Protocol):
    """Variables as a template sees them: `variables.scope.Scope` is one."""

    def find(self, name: str, default: Any = None) -> Any:
        """The rendered value of a variable, or `default`."""
        ...


@dataclass(frozen=True)
class Plugins:
    """Functions that templates may call: filters, tests, and globals such as `lookup`.

    find: find(kind, name) gives a filter or test that is not in the tables, or None.
    """

    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    tests: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    globals: Mapping[str, Any] = field(default_factory=dict)
    find: Callable[[str, str], Callable[..., Any] | None] = lambda _kind, _name: None


class Engine:
    """Compiles each template once and renders it for any number of scopes.

    extensions: of Jinja2, by import names; raises UsageError for one that is not there.
    doubt: is told of each final value: the texts in it are data, and no templates whatever they look like.
    Raises TemplateError (with the template's place) from every method when an expression cannot be evaluated,
    UndefinedVariable when that is for want of a variable.
    """

    def __init__(
        self,
        plugins: Plugins | None = None,
        *,
        extensions: tuple[str, ...] = (),
        remember: Callable[[str], None] = lambda _secret: None,
        doubt: Callable[[Any], object] | None = None,
    ) -> None:
        self.plugins = plugins or Plugins()
        self.extensions = extensions
        self._remember = remember
        self._doubt = doubt
        self.watch = Watch()
        self.filters = Functions({**_functions(DEFAULT_FILTERS), **self.plugins.filters}, self._finder("filter"))
        self.tests = Functions({**_functions(DEFAULT_TESTS), **self.plugins.tests}, self._finder("test"))
        self._beside = Beside()
        self.strings = self._environment(escape=True)
        self.conditions = self._environment(escape=False, embeds=True)
        self._compiled = Recent(COMPILED)
        self._of_files: dict[tuple[Any, ...], Environment] = {}
        self._shapes: dict[str, Shape] = {}

    def add(self, kind: str, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Add filters or tests; they take the place of those that had their names."""
        (self.filters if kind == "filter" else self.tests).add(functions)

    def _finder(self, kind: str) -> Callable[[str], Callable[..., Any] | None]:
        return lambda name: self.plugins.find(kind, name)

    def _environment(self, *, escape: bool, **options: Any) -> Environment:
        try:
            environment = Environment(escape=escape, extensions=self.extensions, **{"loader": self._beside, **options})
        except (ImportError, AttributeError) as error:
            raise UsageError(
                f"Cannot load the Jinja2 extensions {', '.join(self.extensions)}: {error}",
                hint="jinja2_extensions takes import names, e.g. jinja2.ext.do",
            ) from error
        environment.use(self.filters, self.tests)
        environment.know({"omit": OMIT, **self.plugins.globals})
        environment.render_embedded = lambda scope, template: self.resolve(template, scope)
        return environment

    def learn(self, secret: Any) -> None:
        """Take note that a value is not to be shown; one that is no text or is undefined is no secret."""
        if isinstance(secret, str):
            self._remember(str(secret))

    # -- values

    def resolve(self, value: Any, scope: Names) -> Any:
        """A value as expressions see it: templates rendered, containers lazy, errors kept as `Undefined`."""
        if not is_dynamic(value):
            return value
        try:
            if isinstance(value, Template):
                result = self._render(value, scope)
                return _located(result, value.source) if isinstance(result, Undefined) else result
            if isinstance(value, SourcedDict):
                return LazyDict(value, lambda item: self.resolve(item, scope))
            if isinstance(value, SourcedList):
                return LazyList(value, lambda item: self.resolve(item, scope))
            return self._opened(value) if isinstance(value, Sealed) else value
        except Undefinable as marker:
            return _located(marker.value, source_of(value))
        except ConfmanError as error:
            return _captured(_at(error, source_of(value)))

    @staticmethod
    def _opened(value: Sealed) -> Any:
        try:
            return value.open()
        except VaultError as error:
            return Closed(_at(error, value.source), value.ciphertext)

    def render(self, value: Any, scope: Names) -> Any:
        """The final, plain value of anything read from a playbook; `OMIT` when it is to be left out."""
        if not is_dynamic(value) and not isinstance(value, dict | list):
            return value
        resolved = self.resolve(value, scope)
        is_final = resolved is OMIT or (type(resolved) in PLAIN and self._doubt is None)
        return resolved if is_final else self.plain(resolved, source_of(value))

    def plain(self, value: Any, place: Source | None = None) -> Any:
        """A resolved value without lazy parts. Raises what an undefined part stands for."""

        def fail(marker: Undefined) -> Any:
            raise _used(marker.error(), place)

        try:
            return self._final(value, fail)
        except Undefinable as marker:
            raise _used(marker.value.error(), place) from None

    def _final(self, value: Any, replace: Callable[[Undefined], Any]) -> Any:
        final = finalize(value, replace, Undefined)
        if self._doubt is not None:
            self._doubt(final)
        return final

    def _render(self, template: Template, scope: Names) -> Any:
        shape = self._shapes.get(template)
        if shape is None:
            shape = self._shapes[str(template)] = shape_of(template)
        if shape.name:
            value = scope.find(shape.name, template)
            if value is not template:
                return value
        compiled = self.compile(template, self.strings)
        if shape.includes:
            self._beside.look_in(scope.find("playbook_dir"))
        result = self._run(compiled, scope, "template")
        return keep_newlines(shape.newlines, result) if shape.newlines else result

    def _run(self, compiled: Any, scope: Names, kind: str) -> Any:
        try:
            with self.watch:
                context = compiled.new_context(Parent({}, scope, {}))
                return compiled.environment.concat(compiled.root_render_func(context))
        except (Undefinable, ConfmanError):
            raise
        except Exception as error:
            raise template_error(error, kind) from error

    def compile(self, text: str, environment: Environment) -> Any:
        """The compiled form of a template, `#jinja2:` overrides honoured, from the cache when it was seen before."""
        key = (id(environment), str(text))
        compiled = self._compiled.get(key)
        if compiled is None:
            try:
                body, chosen = self._overridden(str(text), environment)
                compiled = self._compiled[key] = chosen.from_string(body)
            except TemplateSyntaxError as error:
                raise template_error(error, "template") from error
            except RecursionError as error:
                raise TemplateError("the template is nested too deeply") from error
        return compiled

    def _overridden(self, text: str, environment: Environment) -> tuple[str, Environment]:
        if not text.startswith(_OVERRIDE):
            return text, environment
        line, newline, body = text[len(_OVERRIDE) :].partition("\n")
        if not newline:
            raise TemplateError("the #jinja2: line must end with a newline")
        return body, environment.overlay(**_parse_overrides(line))

    # -- expressions

    def evaluate(
        self, expression: str, scope: Names, *, escape: bool = True, replace: Callable[[Undefined], Any] | None = None
    ) -> Any:
        """The plain value of a bare expression (`a.b | length`).

        replace: gives what stands in the place of an undefined part; without it such a part is an error.
        """
        place = source_of(expression)
        try:
            value = self._evaluate(expression, scope, self.strings if escape else self.conditions)
            return self.plain(value, place) if replace is None else self._final(value, replace)
        except Undefinable as marker:
            if replace is not None:
                return replace(marker.value)
            raise _at(marker.value.error(), place) from None
        except ConfmanError as error:
            raise _at(error, place) from None

    def _evaluate(self, expression: str, scope: Names, environment: Environment) -> Any:
        key = (id(environment), "expression", str(expression))
        compiled = self._compiled.get(key)
        if compiled is None:
            try:
                compiled = self._compiled[key] = environment.compile_expression(
                    str(expression), undefined_to_none=False
                )
            except TemplateSyntaxError as error:
                hint = " Template delimiters are not supported in expressions." if "{{" in expression else ""
                message = f"Syntax error in expression: {error.message}.{hint}"
                raise TemplateError(message, hint=advice(message)) from error
        template = compiled._template  # noqa: SLF001  # TemplateExpression would copy the variables
        try:
            with self.watch:
                context = template.new_context(Parent({}, scope, {}))
                for _ in template.root_render_func(context):
                    pass
                return context.vars["result"]
        except (Undefinable, ConfmanError):
            raise
        except Exception as error:
            raise template_error(error, "expression") from error

    def condition_value(self, expression: Any, scope: Names) -> Any:
        """The value of a `when`, `that`, `until` ...: a boolean as it is, a trusted text evaluated.

        Raises TemplateError for data where an expression is needed: it is never evaluated.
        """
        place = source_of(expression)
        if isinstance(expression, str):
            expression = self._indirect(expression, scope)
        if expression is None or expression == "":
            raise TemplateError("Empty conditional expressions are not allowed.", source=place)
        if not isinstance(expression, str):
            return expression
        if not isinstance(expression, Text):
            raise TemplateError(
                f"Encountered untrusted template or expression in a condition: {expression[:80]!r}",
                source=place,
                hint="compare it (x == 'value'), or convert it (x | bool)",
            )
        try:
            return self.evaluate(Text(expression, place), scope, escape=False)
        except TemplateError as error:
            error.message = f"Error while evaluating conditional: {error.message}"
            raise

    def _indirect(self, expression: str, scope: Names) -> Any:
        """A condition that is wholly a template gives the condition to evaluate."""
        text = expression.strip()
        if (text.startswith("{{") and text.endswith("}}")) or (text.startswith("{%") and text.endswith("%}")):
            return self.render(expression, scope)
        return Text(text, expression.source) if isinstance(expression, Text) else text

    # -- template files

    def render_file(
        self, text: str, scope: Names, *, folder: str, searched: tuple[str, ...] = (), **options: Any
    ) -> str:
        """A template file's text rendered; `{% include %}` finds files in `folder`, then in `searched`.

        options: Jinja2's own (block_start_string, trim_blocks, newline_sequence ...).
        """
        plain = self.plain(self.file_value(text, scope, folder=folder, searched=searched, **options))
        return "" if plain is None else plain if isinstance(plain, str) else str(plain)

    def file_value(
        self, text: str, scope: Names, *, folder: str, searched: tuple[str, ...] = (), **options: Any
    ) -> Any:
        """As `render_file`, but the value as it is: a file that is one expression need not give text."""
        key = (folder, searched, tuple(sorted(options.items())))
        if key not in self._of_files:
            loader = FileSystemLoader([folder, *searched])
            self._of_files[key] = self._environment(escape=False, loader=loader, **options)
        environment = self._of_files[key]
        try:
            value = self._run(self.compile(text, environment), scope, "template")
        except Undefinable as marker:
            raise marker.value.error() from None
        return _ended_like(text, value, environment.newline_sequence) if isinstance(value, str) else value


def _functions(table: Any) -> dict[str, Callable[..., Any]]:
    return dict(table)


def scope_of(context: JinjaContext) -> Names:
    """The scope that a context function (a lookup, `vars`) was called in."""
    assert isinstance(context, Context)
    scope: Names | None = context.parent.scope
    return _NOTHING if scope is None else scope


class _Nothing:
    """The scope of a template that is imported without its importer's context: it knows no variables."""

    def find(self, name: str, default: Any = None) -> Any:
        """Never anything but the default."""
        del name
        return default


_NOTHING = _Nothing()


def _ended_like(source: str, result: str, newline: str) -> str:
    """A result that ends with as many newlines as its template; Jinja2 takes one off, and blocks at the end more."""
    missing = (len(source) - len(source.rstrip("\n"))) - (len(result) - len(result.rstrip("\n")))
    return result + newline * missing


def _captured(error: TemplateError) -> Undefined:
    return Undefined(hint=error.message, cause=error)


def _located(marker: Undefined, place: Source | None) -> Undefined:
    """An undefined value that knows the template it came from."""
    error = marker.error()
    return marker if error.source is not None else _captured(_at(error, place))


def _at(error: ConfmanError, place: Source | None) -> TemplateError:
    """The error as a TemplateError with a place, the innermost if several are known."""
    if not isinstance(error, TemplateError):
        return TemplateError(error.message, source=error.source or place, hint=error.hint)
    if error.source is None:
        error.source = place
    return error


def _used(error: ConfmanError, place: Source | None) -> TemplateError:
    """The error with its place; where variables led to it, also with the place that asked."""
    found = _at(error, place)
    return found.used_by("", place) if found.chain and place is not None else found


def _parse_overrides(line: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for pair in line.split(","):
        name, colon, value = pair.partition(":")
        name = name.strip()
        if not colon:
            raise TemplateError(
                f"#jinja2: Missing key-value separator `:` in {pair.strip()!r}", hint="e.g. #jinja2: trim_blocks: False"
            )
        if name not in _OVERRIDES:
            raise TemplateError(f"#jinja2: does not know {name or pair!r}", hint="e.g. #jinja2: trim_blocks: False")
        try:
            options[name] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError) as error:
            raise TemplateError(f"#jinja2: {name}: not a Python literal: {value.strip()}") from error
    return options
