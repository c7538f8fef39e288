"""Tests of lists and numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.values import kind


def _set(value: Any, name: str) -> set[Any]:
    if not isinstance(value, Iterable):
        raise TemplateError(f"the '{name}' test expects lists, got {kind(value)}")
    try:
        return set(value)
    except TypeError as error:
        raise TemplateError(f"the '{name}' test cannot compare lists of dicts or lists") from error


def subset(one: Any, other: Any) -> bool:
    """Whether every item of a list is in another one."""
    return _set(one, "subset") <= _set(other, "subset")


def superset(one: Any, other: Any) -> bool:
    """Whether a list has every item of another one."""
    return _set(one, "superset") >= _set(other, "superset")


def _items(value: Any, name: str) -> Iterable[Any]:
    if not isinstance(value, Iterable):
        raise TemplateError(f"the '{name}' test expects a list, got {kind(value)}")
    return value


def every(values: Any) -> bool:
    """Whether all items of a list are true."""
    return all(_items(values, "all"))


def some(values: Any) -> bool:
    """Whether an item of a list is true."""
    return any(_items(values, "any"))


def nan(value: Any) -> bool:
    """Whether a number is not a number (`.nan`)."""
    return isinstance(value, int | float) and math.isnan(value)
