"""Jinja2, set up as playbooks expect it: native values, lazy variables, a sandbox, errors kept until they matter."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from jinja2 import nodes
from jinja2.compiler import Frame
from jinja2.environment import Environment as JinjaEnvironment
from jinja2.environment import Template as JinjaTemplate
from jinja2.environment import TemplateModule
from jinja2.lexer import TOKEN_STRING, TOKEN_VARIABLE_BEGIN, TOKEN_VARIABLE_END, Lexer
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import Macro
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing, pass_context

from confman.model.values import OMIT, Template
from confman.templating.bounds import bounded_range, check_format, check_joined, check_method, check_operands
from confman.templating.lazy import finalize
from confman.templating.undefined import Undefinable, Undefined, failed, first_undefined

_ABSENT = object()
_ONCE = (Iterator, KeysView, ValuesView, ItemsView)
_INT_OPERATORS = frozenset({"__and__", "__or__", "__xor__", "__lshift__", "__rshift__"})


class Parent(dict[str, Any]):
    """What a template sees above its own variables: Jinja's globals (the items), locals, the scope of the task."""

    __slots__ = ("locals", "scope")

    def __init__(self, values: Mapping[str, Any], scope: Any, local: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.scope = scope
        self.locals = local


class Context(JinjaContext):
    """Finds names in the template, then among the locals, in the task's scope, among the globals."""

    parent: Parent

    def __init__(
        self,
        environment: JinjaEnvironment,
        parent: dict[str, Any],
        name: str | None,
        blocks: dict[str, Any],
        globals: Any = None,
    ) -> None:
        super().__init__(environment, parent, name, blocks)
        if globals is not None:  # Jinja2 would make a set of them for each rendering
            self.globals_keys = environment.global_names if isinstance(environment, Environment) else set(globals)

    def resolve_or_missing(self, key: str) -> Any:
        """The value of a name, or Jinja's `missing`."""
        if key in self.vars:
            return self.vars[key]
        parent = self.parent
        if key in parent.locals:
            return parent.locals[key]
        if parent.scope is not None:
            value = parent.scope.find(key, _ABSENT)
            if value is not _ABSENT:
                return value
        return parent.get(key, missing)

    def get_all(self) -> dict[str, Any]:
        """Everything that an included template inherits."""
        return Parent(self.parent, self.parent.scope, {**self.parent.locals, **self.vars})

    def derived(self, locals: dict[str, Any] | None = None) -> JinjaContext:
        """A context for a block or a scoped part of the same template."""
        context = Context(self.environment, _inner(self.get_all(), locals), self.name or "", {}, None)
        context.eval_ctx = self.eval_ctx
        context.blocks.update((key, list(value)) for key, value in self.blocks.items())
        return context


def _inner(outer: Mapping[str, Any], local: Mapping[str, Any] | None) -> Parent:
    known = {key: value for key, value in (local or {}).items() if value is not missing}
    if isinstance(outer, Parent):
        return Parent(outer, outer.scope, {**outer.locals, **known})
    return Parent({}, None, {**outer, **known})


class CompiledTemplate(JinjaTemplate):
    """A Jinja2 template whose contexts keep the scope."""

    def new_context(
        self, vars: dict[str, Any] | None = None, shared: bool = False, locals: Mapping[str, Any] | None = None
    ) -> JinjaContext:
        """A context over `vars`, which may be a `Parent` that carries the scope."""
        if type(vars) is Parent and not vars and not locals and not shared:  # nearly always
            parent = Parent(self.environment.globals, vars.scope, vars.locals)
            return Context(self.environment, parent, self.name or "", self.blocks, self.globals)
        parent = _inner(vars if vars is not None else {}, locals)
        if not shared:
            parent = Parent({**self.globals, **parent}, parent.scope, parent.locals)
        return Context(self.environment, parent, self.name or "", self.blocks, self.globals)


_LOOKUPS = frozenset({"lookup", "query", "q"})


class CodeGenerator(NativeCodeGenerator):
    """Keeps constants as they are, and lets strings that hold templates be rendered when lookups take them."""

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        values = list(group)
        return repr(values[0]) if len(values) == 1 else repr("".join(map(str, values)))

    embedded = 0
    names: tuple[nodes.Expr, ...] = ()
    """The names of the lookups around, which are taken as they are written."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  # Jinja2's visitor naming
        """Write `a ~ b`."""
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """Write a call; the templates in the terms of a lookup are rendered."""
        looks_up = isinstance(node.node, nodes.Name) and node.node.name in _LOOKUPS
        around = self.names
        self.names = (*around, *node.args[:looks_up])
        self.embedded += looks_up
        super().visit_Call(node, frame, forward_caller=forward_caller)
        self.embedded -= looks_up
        self.names = around

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802  # Jinja2's visitor naming
        """Write a constant."""
        value = node.as_const(frame.eval_ctx)
        embeds = (self.embedded or getattr(self.environment, "embeds", False)) and not any(
            node is name for name in self.names
        )
        if embeds and isinstance(value, str) and ("{{" in value or "{%" in value):
            self.write(f"environment.embedded(context, {value!r})")
        else:
            self.write(repr(value))


class EscapingLexer(Lexer):
    """Leaves backslashes in the strings of `{{ }}` alone: YAML has already read them once."""

    def tokeniter(self, *args: Any, **kwargs: Any) -> Iterator[tuple[int, str, str]]:
        """The tokens of a source."""
        inside = False
        for line, token, value in super().tokeniter(*args, **kwargs):
            if token == TOKEN_VARIABLE_BEGIN:
                inside = True
            elif token == TOKEN_VARIABLE_END:
                inside = False
            text = value.replace("\\", "\\\\") if inside and token == TOKEN_STRING else value
            yield line, token, text


@pass_context
def _finalize_node(_context: JinjaContext, value: Any) -> Any:
    """Called with each `{{ }}`'s value; a context function, so that Jinja2 folds no constants."""
    return value


class Environment(SandboxedEnvironment):
    """The environment of playbook strings and template files.

    `escape` says whether backslashes in expressions are literal, as in YAML strings; `embeds` whether text in
    expressions that holds a template is rendered (that of lookups always is).
    """

    context_class = Context
    template_class = CompiledTemplate
    code_generator_class = CodeGenerator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, *, escape: bool, embeds: bool = False, **options: Any) -> None:
        options.setdefault("trim_blocks", True)
        self.embeds = embeds
        super().__init__(undefined=Undefined, finalize=_finalize_node, autoescape=False, cache_size=0, **options)
        self.escape = escape
        self._lexer: Lexer | None = None
        self.optimized = False
        self.global_names: set[str] = set()
        self.know({"range": bounded_range})
        self.render_embedded: Callable[[Any, Template], Any] | None = None

    def know(self, values: Mapping[str, Any]) -> None:
        """Take further globals."""
        self.globals.update(values)
        self.global_names = set(self.globals)

    def use(self, filters: Any, tests: Any) -> None:
        """Take other tables of filters and tests."""
        self.filters, self.tests = filters, tests

    def forget_lexer(self) -> None:
        """Make another tokeniser when one is needed: delimiters have changed."""
        self._lexer = None

    @property
    def lexer(self) -> Lexer:
        """The tokeniser of this environment."""
        if self._lexer is None:
            self._lexer = EscapingLexer(self) if self.escape else Lexer(self)
        return self._lexer

    def overlay(self, *args: Any, **options: Any) -> Environment:
        """An environment like this one but for some options."""
        inner = super().overlay(*args, **options)
        assert isinstance(inner, Environment)
        inner.forget_lexer()
        return inner

    def embedded(self, context: Context, text: str) -> Any:
        """A string constant that holds a template: rendered, as in `lookup('file', '{{ dir }}/x')`."""
        scope = getattr(context.parent, "scope", None)
        if self.render_embedded is None or scope is None:
            return text
        return self.render_embedded(scope, Template(text))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Sandbox rule; the bit operators of numbers are harmless."""
        if attr in _INT_OPERATORS and isinstance(obj, int):
            return True
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: JinjaContext, operator: str, left: Any, right: Any) -> Any:
        """An operation whose result is bounded."""
        check_operands(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`; what has an undefined key is undefined for that reason."""
        return argument if isinstance(argument, Undefined) else super().getitem(obj, argument)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute`: the attribute, else the item, else undefined."""
        safe = True
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            value = _ABSENT
        else:
            safe = self.is_safe_attribute(obj, attribute, value)
            if not safe:
                value = _ABSENT
        if value is not _ABSENT:
            return self._method(obj, value) if callable(value) else value
        if isinstance(obj, type):
            return self.unsafe_undefined(obj, attribute)
        try:
            return obj[attribute]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=attribute) if safe else self.unsafe_undefined(obj, attribute)

    def _method(self, owner: Any, method: Any) -> Any:
        wrapped = self.wrap_str_format(method)
        if wrapped is None:
            return method
        check_format(str(owner))
        return wrapped

    def call(self, context: JinjaContext, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """A call in an expression; undefined arguments make it undefined, but for macros."""
        if isinstance(called, Undefined):
            return called
        if not isinstance(called, Macro) and not getattr(called, "takes_undefined", False):
            marker = first_undefined(args, kwargs)
            if marker is not None:
                return marker
        try:
            check_method(called, args)
            result = super().call(context, called, *args, **kwargs)
            return list(result) if isinstance(result, _ONCE) else result
        except Undefinable as stopped:
            return stopped.value
        except Exception as error:
            return failed(error)

    @staticmethod
    def joined(values: Iterable[Any]) -> str:
        """`a ~ b`: the texts in one."""
        texts = [str(value) for value in values]
        check_joined(texts)
        return "".join(texts)

    @staticmethod
    def concat(parts: Iterable[Any]) -> Any:
        """The value of a template: of one part itself, of several their text joined."""
        values = [part for part in parts if part is not None]
        if len(values) == 1 and type(values[0]) is not TemplateModule:
            return values[0]
        values = list(_flatten(values))
        if len(values) < 2:
            return values[0] if values else None
        return "".join(text_of(value) for value in values)


def _flatten(parts: Iterable[Any]) -> Iterator[Any]:
    for part in parts:
        if isinstance(part, TemplateModule):
            yield from _flatten(part._body_stream)  # noqa: SLF001  # the only way to an imported template's parts
        elif part is not None:
            yield part


def text_of(value: Any) -> str:
    """A value as it stands in the middle of a text."""
    if isinstance(value, str):
        return value
    if value is OMIT:
        return ""
    if isinstance(value, range):
        return str(value)
    plain = finalize(value, _refuse, Undefined, other=lambda part: part)
    return plain if isinstance(plain, str) else str(plain)


def _refuse(marker: Undefined) -> Any:
    raise Undefinable(marker)
