"""Filters that see lists as sets. The results keep the order of the first list, then of the second."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from jinja2.filters import sync_do_unique
from jinja2.utils import pass_environment

from confman.errors import TemplateError
from confman.templating.filters.values import kind

if TYPE_CHECKING:
    from confman.templating.environment import Environment


@pass_environment
def unique(
    environment: Environment, values: Any, case_sensitive: bool | None = None, attribute: Any = None
) -> list[Any]:
    """Each value once; texts that differ in case only are the same, unless `case_sensitive`."""
    try:
        return list(sync_do_unique(environment, values, bool(case_sensitive), attribute))
    except TypeError as error:
        if case_sensitive is False or attribute:
            raise TemplateError(f"unique cannot compare these values: {error}") from error
        return _once(values)


def _once(values: Iterable[Any]) -> list[Any]:
    """Each value once, compared by equality; fast where they can be hashed."""
    items = list(values)
    try:
        return list(dict.fromkeys(items))
    except TypeError:
        result: list[Any] = []
        for item in items:
            if item not in result:
                result.append(item)
        return result


def _members(values: list[Any]) -> Any:
    try:
        return set(values)
    except TypeError:
        return values


def _two(name: str, first: Any, second: Any) -> tuple[list[Any], list[Any]]:
    for value in (first, second):
        if not isinstance(value, Iterable):
            raise TemplateError(f"{name} expects two lists, got {kind(value)}")
    return list(first), list(second)


def _holds(members: Any, item: Any) -> bool:
    try:
        return item in members
    except TypeError:  # not hashable, so not in a set
        return False


def union(first: Any, second: Any) -> list[Any]:
    """What is in one of two lists."""
    one, two = _two("union", first, second)
    return _once([*one, *two])


def intersect(first: Any, second: Any) -> list[Any]:
    """What is in both lists."""
    one, two = _two("intersect", first, second)
    members = _members(two)
    return _once(item for item in one if _holds(members, item))


def difference(first: Any, second: Any) -> list[Any]:
    """What is in the first list but not in the second."""
    one, two = _two("difference", first, second)
    members = _members(two)
    return _once(item for item in one if not _holds(members, item))


def symmetric_difference(first: Any, second: Any) -> list[Any]:
    """What is in exactly one of two lists."""
    one, two = _two("symmetric_difference", first, second)
    return [*difference(one, two), *difference(two, one)]
