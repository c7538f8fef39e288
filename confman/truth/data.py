"""Frozen dataclasses as JSON and back, every field checked against its annotation."""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

from confman.errors import PlanError
from confman.model.source import Source

DEEPEST = 60
"""How deep values may be nested."""


def to_data(value: Any) -> Any:
    """A value as JSON can carry it; fields that have their defaults are left out."""
    if isinstance(value, Source):
        return list(value)
    if is_dataclass(value):
        return _fields_of(value)
    if isinstance(value, Mapping):
        return {str(key): to_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_data(item) for item in value]
    return str(value) if isinstance(value, str | Path) else value


def _fields_of(record: Any) -> dict[str, Any]:
    pairs = ((each, getattr(record, each.name)) for each in fields(record))
    return {each.name: to_data(item) for each, item in pairs if not _is_default(each, item)}


def _is_default(known: Field[Any], value: Any) -> bool:
    if known.default_factory is not MISSING:
        return bool(value == known.default_factory())
    return known.default is not MISSING and type(value) is type(known.default) and bool(value == known.default)


def from_data(wanted: Any, value: Any, at: str = "plan") -> Any:
    """A value of a type (a frozen dataclass, str, int, float, bool, tuples, mappings, unions) from JSON.

    Raises PlanError that says where it is something else.
    """
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is Union or origin is types.UnionType:
        return _one_of(inner, value, at)
    if origin is tuple:
        return _tuple(inner, value, at)
    if origin is not None:
        return {key: from_data(inner[1], item, f"{at}.{key}") for key, item in _mapping(value, at).items()}
    if wanted is Source:
        return _source(value, at)
    if is_dataclass(wanted):
        return _record(wanted, value, at)
    return _plain(wanted, value, at)


def _one_of(kinds: tuple[Any, ...], value: Any, at: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    (wanted,) = (kind for kind in kinds if kind is not type(None))
    return from_data(wanted, value, at)


def _tuple(inner: tuple[Any, ...], value: Any, at: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        _refuse(at, "a list", value)
    if inner[-1] is Ellipsis:
        return tuple(from_data(inner[0], item, f"{at}[{number}]") for number, item in enumerate(value))
    if len(value) != len(inner):
        _refuse(at, f"a list of {len(inner)}", value)
    return tuple(from_data(each, item, at) for each, item in zip(inner, value, strict=True))


def _source(value: Any, at: str) -> Source:
    path, line, column = from_data(tuple[str, int, int], value, at)
    return Source(path, line, column)


def _record(wanted: Any, value: Any, at: str) -> Any:
    hints = _hints(wanted)
    given = _mapping(value, at)
    for name in given:
        if name not in hints:
            raise PlanError(f"{at} has something that is not known: {name!r}")
    for each in fields(wanted):
        if each.name not in given and each.default is MISSING and each.default_factory is MISSING:
            raise PlanError(f"{at} lacks {each.name!r}")
    return wanted(**{name: from_data(hints[name], item, f"{at}.{name}") for name, item in given.items()})


@functools.cache
def _hints(wanted: Any) -> dict[str, Any]:
    return get_type_hints(wanted)


def _mapping(value: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        _refuse(at, "a mapping", value)
    return value


def _plain(wanted: Any, value: Any, at: str) -> Any:
    if wanted is Any:
        _bounded(value, at, DEEPEST)
        return value
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        _refuse(at, wanted.__name__, value)
    return value


def _bounded(value: Any, at: str, left: int) -> None:
    if left == 0:
        raise PlanError(f"{at} is nested too deeply")
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _bounded(item, at, left - 1)


def _refuse(at: str, wanted: str, value: Any) -> NoReturn:
    raise PlanError(f"{at} must be {wanted}, not {type(value).__name__}")
