"""Filters of mappings and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from jinja2.utils import pass_environment

from confman.errors import TemplateError
from confman.templating.filters.values import is_sequence, kind
from confman.templating.undefined import Undefinable

if TYPE_CHECKING:
    from confman.templating.environment import Environment

_NULLS = ("None", "null")


def flatten(values: Any, levels: int | None = None, skip_nulls: bool = True) -> list[Any]:
    """A list with the items of the lists in it in their place, so many levels deep (all of them without `levels`)."""
    if not isinstance(values, Iterable):
        raise TemplateError(f"flatten expects a list, got {kind(values)}")
    deeper = None if levels is None else int(levels) - 1
    result: list[Any] = []
    for item in values:
        if is_sequence(item) and (deeper is None or deeper >= 0):
            result += flatten(item, deeper, skip_nulls)
        elif not (skip_nulls and _is_null(item)):
            result.append(item)
    return result


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value in _NULLS)


def extract(environment: Environment, key: Any, container: Any, morekeys: Any = None) -> Any:
    """The item of a container at a key, and at further keys in that."""
    keys = [key, *([] if morekeys is None else morekeys if isinstance(morekeys, list) else [morekeys])]
    value = container
    for step in keys:
        try:
            value = environment.getitem(value, step)
        except Undefinable as marker:
            value = marker.value
    return value


extract = pass_environment(extract)


def dict2items(mapping: Any, key_name: str = "key", value_name: str = "value") -> list[dict[str, Any]]:
    """A mapping as a list of mappings with `key` and `value`."""
    if not isinstance(mapping, Mapping):
        raise TemplateError(f"dict2items requires a dictionary, got {kind(mapping)} instead.")
    return [{key_name: key, value_name: mapping[key]} for key in mapping]


def items2dict(items: Any, key_name: str = "key", value_name: str = "value") -> dict[Any, Any]:
    """A list of mappings with `key` and `value` as one mapping."""
    if not is_sequence(items):
        raise TemplateError(f"items2dict requires a list, got {kind(items)} instead.")
    result: dict[Any, Any] = {}
    for item in items:
        if not isinstance(item, Mapping):
            raise TemplateError(f"items2dict requires a list of dictionaries, got {kind(item)} in it.")
        if key_name not in item or value_name not in item:
            raise TemplateError(
                f"items2dict requires each dictionary in the list to contain the keys {key_name!r} and {value_name!r}; "
                f"one has {', '.join(map(repr, item)) or 'none'}."
            )
        result[item[key_name]] = item[value_name]
    return result


def subelements(values: Any, subelements: Any, skip_missing: bool = False) -> list[tuple[Any, Any]]:
    """Pairs of each item with each element of the list that it holds at a dotted path."""
    if isinstance(values, Mapping):
        items = list(values.values())
    elif isinstance(values, list):
        items = list(values)
    else:
        raise TemplateError("obj must be a list of dicts or a nested dict")
    if isinstance(subelements, str):
        steps: list[Any] = str(subelements).split(".")
    elif isinstance(subelements, list):
        steps = list(subelements)
    else:
        raise TemplateError("subelements must be a list or a string")
    return [(item, element) for item in items for element in _elements(item, steps, skip_missing)]


def _elements(item: Any, steps: list[Any], skip_missing: bool) -> list[Any]:
    value = item
    for step in steps:
        if not isinstance(value, Mapping):
            raise TemplateError(f"the key {step} should point to a dictionary, got {value!r}")
        if step not in value:
            if skip_missing:
                return []
            raise TemplateError(f"could not find {step!r} key in iterated item {value!r}")
        value = value[step]
    if not isinstance(value, list):
        raise TemplateError(f"the key {steps[-1]!r} should point to a list, got {value!r}")
    return value


def rekey_on_member(data: Any, key: Any, duplicates: str = "error") -> dict[Any, Any]:
    """Mappings (in a list, or the values of a mapping) by what each has at `key`.

    duplicates: "error", or "overwrite" to keep the last.
    """
    if duplicates not in {"error", "overwrite"}:
        raise TemplateError(f"duplicates parameter to rekey_on_member has unknown value {duplicates!r}")
    if isinstance(data, Mapping):
        items: Iterable[Any] = data.values()
    elif isinstance(data, Iterable) and not isinstance(data, str | bytes):
        items = data
    else:
        raise TemplateError("Type is not a valid list, set, or dict")
    result: dict[Any, Any] = {}
    for item in items:
        if not isinstance(item, Mapping):
            raise TemplateError("List item is not a valid dict")
        if key not in item:
            raise TemplateError(f"Key {key!r} was not found.")
        member = item[key]
        if member in result and duplicates == "error":
            raise TemplateError(f"Key {member!r} is not unique, cannot convert to dict.")
        result[member] = item
    return result
