"""Filters of Jinja2 and itertools whose results could fill the memory: they count first."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from jinja2.filters import FILTERS as JINJA
from jinja2.utils import pass_eval_context

from confman.errors import TemplateError
from confman.templating.bounds import check_format, check_joined, check_replace, check_size

MAX_ITEMS = 2_000_000
"""How many combinations, columns or parts may be asked for."""


def _count(values: Iterable[Any]) -> tuple[list[Any], int]:
    items = list(values)
    return items, len(items)


def _checked(number: int, what: str) -> None:
    if number > MAX_ITEMS:
        raise TemplateError(f"{what} would give {number} results; more than {MAX_ITEMS} are too many")


def permutations(values: Iterable[Any], length: Any = None) -> Iterable[Any]:
    """All orders of some of the values."""
    items, number = _count(values)
    _checked(math.perm(number, length if isinstance(length, int) and length >= 0 else number), "permutations")
    return itertools.permutations(items, length)


def combinations(values: Iterable[Any], length: Any) -> Iterable[Any]:
    """All choices of some of the values."""
    items, number = _count(values)
    _checked(math.comb(number, length if isinstance(length, int) and length >= 0 else 0), "combinations")
    return itertools.combinations(items, length)


def product(*lists: Iterable[Any], repeat: int = 1) -> Iterable[Any]:
    """Every way of taking one of each list."""
    counted = [_count(values) for values in lists]
    _checked(math.prod(number for _items, number in counted) ** max(repeat, 0), "product")
    return itertools.product(*(items for items, _number in counted), repeat=repeat)


def few(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A filter or global whose numbers (a width, a count, an indentation) may not be large.

    Where a width is for each line, or a text is repeated so often, that is counted too.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        numbers = [value for value in (*args[1:], *kwargs.values()) if type(value) is int]
        if max(numbers, default=0) > MAX_ITEMS:
            raise TemplateError(f"{name}: {max(numbers)} is too large a number")
        texts = [len(value) for value in (*args[1:], *kwargs.values()) if isinstance(value, str)]
        lines = args[0].count("\n") + 1 if args and isinstance(args[0], str) else 1
        check_size(max(numbers, default=1) * max(texts, default=1) * lines, name)
        return function(*args, **kwargs)

    return call


@pass_eval_context
def replace(eval_ctx: Any, s: Any, old: Any, new: Any, count: Any = None) -> Any:
    """A text with one part replaced by another wherever it stands."""
    check_replace(str(s), str(old), str(new))
    return JINJA["replace"](eval_ctx, s, old, new, count)


@pass_eval_context
def join(eval_ctx: Any, value: Any, d: Any = "", attribute: Any = None) -> Any:
    """The texts of a list in one."""
    items = list(value)
    check_joined(items)
    check_size(len(str(d)) * len(items), "join")
    return JINJA["join"](eval_ctx, items, d, attribute)


def format_text(value: Any, *args: Any, **kwargs: Any) -> Any:
    """A text with values put in as `%` does it."""
    check_format(str(value))
    return JINJA["format"](value, *args, **kwargs)


FEW = {name: few(JINJA[name], name) for name in ("batch", "center", "indent", "slice", "truncate", "wordwrap")}
"""Filters of Jinja2 that are given a number."""
