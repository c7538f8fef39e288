"""How large the results of an expression may become: found out before the memory is taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from confman.errors import TemplateError

MAX_RANGE = 10_000_000
MAX_STRING = 64 * 1024 * 1024
_WIDTH = re.compile(r"\d{8,}")
_PADDED = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs"})
_SHIFTS = frozenset({"__lshift__", "__rlshift__", "__pow__", "__mul__"})


def bounded_range(*args: int) -> range:
    """A range that is not too long."""
    result = range(*args)
    if len(result) > MAX_RANGE:
        raise TemplateError(f"range of more than {MAX_RANGE} values")
    return result


def check_size(size: int, what: str, most: int = MAX_STRING) -> None:
    """Raise TemplateError when a text or list would be longer than `most`."""
    if size > most:
        raise TemplateError(f"the result of {what} is too large")


def check_operands(operator: str, left: Any, right: Any) -> None:
    """Raise TemplateError when the result of +, *, ** or % would be too large."""
    _OPERATORS[operator](left, right)


def _check_sum(left: Any, right: Any) -> None:
    if isinstance(left, str | list) and isinstance(right, str | list):
        check_size(len(left) + len(right), "+", MAX_STRING if isinstance(left, str) else MAX_RANGE)


def _check_product(left: Any, right: Any) -> None:
    for sequence, count in ((left, right), (right, left)):
        if isinstance(sequence, str | list | tuple) and isinstance(count, int):
            check_size(len(sequence) * count, "*", MAX_STRING if isinstance(sequence, str) else MAX_RANGE)


def _check_power(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * max(right, 0) > 1 << 20:
        raise TemplateError("the result of ** is too large")


def _check_modulo(left: Any, _right: Any) -> None:
    if isinstance(left, str):
        check_format(left)


_OPERATORS: dict[str, Callable[[Any, Any], None]] = {
    "+": _check_sum,
    "*": _check_product,
    "**": _check_power,
    "%": _check_modulo,
}


def check_format(text: str) -> None:
    """Raise TemplateError for a format with a width of many digits."""
    if _WIDTH.search(text) and ("%" in text or "{" in text):
        raise TemplateError("the result of format is too large")


def check_method(called: Any, args: tuple[Any, ...]) -> None:
    """Raise TemplateError for a method of a text or a number whose result would be too large."""
    owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
    if isinstance(owner, str):
        _check_text_method(owner, name, args)
    elif isinstance(owner, int) and name in _SHIFTS and args and isinstance(args[0], int) and args[0] > 1 << 20:
        raise TemplateError(f"the result of {name} is too large")


def _check_text_method(text: str, name: str, args: tuple[Any, ...]) -> None:
    if name in _PADDED and args and isinstance(args[0], int):
        check_size(args[0] * (text.count("\t") if name == "expandtabs" else 1), name)
    elif name == "replace" and len(args) > 1:
        check_replace(text, *args[:2])
    elif name == "join" and args and isinstance(args[0], list | tuple):
        check_joined(args[0])


def check_replace(text: str, old: Any, new: Any) -> None:
    """Raise TemplateError when a replaced text would be too large."""
    if isinstance(old, str) and isinstance(new, str) and len(new) > len(old):
        check_size(text.count(old) * (len(new) - len(old)), "replace")


def check_joined(values: Iterable[Any]) -> None:
    """Raise TemplateError when texts together would be too large."""
    check_size(sum(len(value) for value in values if isinstance(value, str)), "join")
