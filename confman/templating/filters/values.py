"""What filters do to values before they compute with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.model.values import OMIT
from confman.templating.undefined import Undefinable, Undefined

MAX_DEPTH = 200


def text(value: Any) -> str:
    """A value as text: a string without its marks, anything else as Python writes it (a tuple stays one)."""
    return str(value)


def data(value: Any) -> bytes:
    """A value as bytes in UTF-8; bytes as they are."""
    return value if isinstance(value, bytes) else text(value).encode("utf-8", "surrogateescape")


def plain(value: Any) -> Any:
    """A value of plain dicts, lists and strings, for encoders that look at the exact type.

    A container that is in the value several times is the same object each time in the result, too. Raises Undefinable
    for an undefined part, ValueError for what is nested too deeply (or contains itself).
    """
    return _plain(value, 0, {})


def _plain(value: Any, depth: int, seen: dict[int, tuple[Any, Any]]) -> Any:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Undefined):
        raise Undefinable(value)
    if not isinstance(value, Mapping | list | tuple | set | frozenset | range):
        return value
    if id(value) not in seen:
        if depth > MAX_DEPTH:
            raise ValueError(f"the value is nested more than {MAX_DEPTH} levels deep")
        # the value is kept with its copy: its id must not be used again
        seen[id(value)] = (value, _container(value, depth + 1, seen))
    return seen[id(value)][1]


def _container(value: Any, depth: int, seen: dict[int, tuple[Any, Any]]) -> Any:
    if isinstance(value, Mapping):
        all_of_it = value if isinstance(value, dict) else getattr(value, "shown", lambda: value)()
        present = ((key, item) for key, item in all_of_it.items() if item is not OMIT)
        return {_plain(key, depth, seen): _plain(item, depth, seen) for key, item in present}
    return [_plain(item, depth, seen) for item in value if item is not OMIT]


def kind(value: Any) -> str:
    """The name of a value's type as users know it: dict, list, str, int ... ."""
    for known in (bool, str, int, float, dict, list, tuple, bytes):
        if isinstance(value, known):
            return known.__name__
    return type(value).__name__


def is_sequence(value: Any) -> bool:
    """Whether a value is a list or its like; strings and bytes are not."""
    return isinstance(value, list | tuple | range)
