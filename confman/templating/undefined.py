"""What an expression gets for a variable that does not exist or cannot be computed.

It does no harm until it is used: `default`, `is defined` and the untaken branch of a condition may hold it.
"""

from __future__ import annotations

from typing import Any, NoReturn

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.utils import missing

from confman.errors import ConfmanError, TemplateError, UndefinedVariable
from confman.model.source import Source
from confman.model.values import Vaulted


class Undefined(StrictUndefined):
    """An undefined name: its attributes and items are undefined too, any other use raises UndefinedError."""

    __slots__ = ("_cause",)

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
        cause: Exception | None = None,
    ) -> None:
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # jinja2 types exc as its own error
        self._cause = cause

    def _fail_with_undefined_error(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise Undefinable(self)

    @property
    def _undefined_message(self) -> str:
        if self._undefined_obj is missing or self._undefined_hint:
            return str(super()._undefined_message)
        kind = next(
            (base for base in (dict, list, str) if isinstance(self._undefined_obj, base)), type(self._undefined_obj)
        )
        if not isinstance(self._undefined_name, str):
            return f"{kind.__name__} object has no element {self._undefined_name!r}"
        return f"object of type {kind.__name__!r} has no attribute {self._undefined_name!r}"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _key: object) -> Any:
        return self

    __iter__ = __str__ = __repr__ = __len__ = __eq__ = __ne__ = __bool__ = __hash__ = _fail_with_undefined_error
    __contains__ = __call__ = __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = _fail_with_undefined_error
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = (
        _fail_with_undefined_error
    )
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __neg__ = __pos__ = (
        _fail_with_undefined_error
    )

    def error(self) -> TemplateError:
        """The error that a use of this value is."""
        if self._cause is None:
            return UndefinedVariable(str(self._undefined_message))
        if not isinstance(self._cause, TemplateError):
            self._cause = template_error(self._cause, "template")
        return self._cause

    def used_by(self, name: str, place: Source | None) -> Undefined:
        """What stands for a variable whose value needs this one."""
        error = self.error().used_by(name, place)
        return Undefined(hint=error.message, cause=error)


class Closed(Undefined):
    """A vaulted value that no password opens; its closed form may still be asked for."""

    __slots__ = ("_ciphertext",)

    def __init__(self, cause: TemplateError, ciphertext: str) -> None:
        super().__init__(hint=cause.message, cause=cause)
        self._ciphertext = ciphertext

    def used_by(self, name: str, place: Source | None) -> Closed:
        """The same, still with its closed form."""
        return Closed(self.error().used_by(name, place), self._ciphertext)


def ciphertext_of(value: Any) -> str | None:
    """The closed form of a value that is or was vaulted."""
    if isinstance(value, Closed):
        return value._ciphertext  # noqa: SLF001  # its attributes are what templates ask it for
    return value.ciphertext if isinstance(value, Vaulted) else None


class Undefinable(Exception):
    """Raised by the use of an `Undefined`; carries it to the place where an error is made of it."""

    def __init__(self, value: Undefined) -> None:
        super().__init__(value)
        self.value = value


def failed(error: Exception) -> Undefined:
    """What stands for a value whose computation failed."""
    return Undefined(hint=say(error), cause=error)


_TOLD = (JinjaError, ValueError, TypeError, ArithmeticError)
"""Errors whose text says enough without their name."""


def say(error: Exception) -> str:
    """An error in words."""
    text = str(error) or type(error).__name__
    return text if isinstance(error, (*_TOLD, ConfmanError)) else f"{type(error).__name__}: {text}"


_ADVICE = (
    ("Template delimiters", "write the expression without {{ }}"),
    ("No filter named", "`confman doc -t filter -l` lists the filters"),
    ("No test named", "`confman doc -t test -l` lists the tests"),
    ("chunk after expression", "an expression compares with ==, and joins with `and` and `or`"),
    ("end of print statement", "a template ends with }}"),
    ("end of template", "something is missing at the end: a value, a bracket or a quote"),
    ("unexpected char", "quote texts, and see that each quote is closed"),
)


def advice(message: str) -> str:
    """What to do about what Jinja2's parser says; "" where nothing helps."""
    return next((text for part, text in _ADVICE if part in message), "")


def template_error(error: Exception, kind: str) -> TemplateError:
    """Any error as that of a template or an expression (`kind`)."""
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, ConfmanError):
        return TemplateError(error.message, source=error.source, hint=error.hint)
    if isinstance(error, RecursionError):
        return TemplateError(f"Recursive loop detected in {kind}")
    if isinstance(error, TemplateSyntaxError):
        message = str(error.message)
        return TemplateError(f"Syntax error in {kind}: {message}", hint=advice(message))
    if isinstance(error, SecurityError):
        return TemplateError(f"Not allowed in {'an' if kind == 'expression' else 'a'} {kind}: {error}")
    return TemplateError(f"Error rendering {kind}: {say(error)}")


def first_undefined(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Undefined | None:
    """The first undefined among the arguments of a call."""
    for value in args:
        if isinstance(value, Undefined):
            return value
    if kwargs:
        for value in kwargs.values():
            if isinstance(value, Undefined):
                return value
    return None
