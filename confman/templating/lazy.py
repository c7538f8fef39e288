"""Containers that render their values when these are first looked at.

A bad value does not spoil its neighbours, and what nobody reads costs nothing. They are dicts and lists for
every filter and for `json`, so each method that hands out values is overridden.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, SupportsIndex

from confman.errors import TemplateError
from confman.model.values import OMIT, Omit, Template, Text, Vaulted, is_dynamic
from confman.templating.undefined import Undefined

Resolve = Callable[[Any], Any]


def use(values: Iterable[Any]) -> None:
    """Raise Undefinable for a value that is undefined: a text is to be made of all of them."""
    for value in values:
        if isinstance(value, Undefined):
            str(value)


class LazyDict(dict[Any, Any]):
    """A mapping whose templates are rendered on access; keys are what was written."""

    __slots__ = ("_resolve",)

    def __init__(self, raw: dict[Any, Any], resolve: Resolve) -> None:
        super().__init__((Text(key, key.source) if isinstance(key, Template) else key, raw[key]) for key in raw)
        self._resolve = resolve

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        if is_dynamic(value):
            value = self._resolve(value)
            super().__setitem__(key, value)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        """As dict.get, rendered."""
        try:
            return self[key]
        except KeyError:
            return default

    def items(self) -> Any:
        """As dict.items, rendered."""
        self._all()
        return super().items()

    def values(self) -> Any:
        """As dict.values, rendered."""
        self._all()
        return super().values()

    def pop(self, key: Any, *default: Any) -> Any:
        """As dict.pop, rendered."""
        if key in self:
            value = self[key]
            super().__delitem__(key)
            return value
        return super().pop(key, *default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """As dict.setdefault, rendered."""
        super().setdefault(key, default)
        return self[key]

    def copy(self) -> dict[Any, Any]:
        """A plain, rendered copy."""
        return dict(self.items())

    def __iter__(self) -> Iterator[Any]:
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        self._all()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __repr__(self) -> str:
        self._all()
        use(super().values())
        return super().__repr__()

    def _all(self) -> None:
        for key in self:
            self[key]


class LazyList(list[Any]):
    """A sequence whose templates are rendered on access; what comes out as `omit` is left out."""

    __slots__ = ("_pending", "_resolve")

    def __init__(self, raw: list[Any], resolve: Resolve) -> None:
        super().__init__(raw)
        self._resolve = resolve
        self._pending = True

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice):
            self._all()
            return super().__getitem__(index)
        value = super().__getitem__(index)
        if is_dynamic(value):
            value = self._resolve(value)
            super().__setitem__(index, value)
        return value

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    def __reversed__(self) -> Iterator[Any]:
        self._all()
        return super().__reversed__()

    def __contains__(self, item: object) -> bool:
        self._all()
        return super().__contains__(item)

    def __eq__(self, other: object) -> bool:
        self._all()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __add__(self, other: Any) -> Any:
        return list(self) + list(other)

    def __radd__(self, other: Any) -> Any:
        return list(other) + list(self)

    def __mul__(self, count: SupportsIndex) -> list[Any]:
        return list(self) * count

    def __repr__(self) -> str:
        self._all()
        use(super().__iter__())
        return super().__repr__()

    def copy(self) -> list[Any]:
        """A plain, rendered copy."""
        return list(self)

    def index(self, value: Any, *bounds: Any) -> int:
        """As list.index, rendered."""
        self._all()
        return super().index(value, *bounds)

    def count(self, value: Any) -> int:
        """As list.count, rendered."""
        self._all()
        return super().count(value)

    def sort(self, **how: Any) -> None:
        """As list.sort, rendered."""
        self._all()
        super().sort(**how)

    def _all(self) -> None:
        if self._pending:
            for index in range(len(self)):
                self[index]
            self._pending = False


PLAIN = frozenset({str, int, float, bool, type(None), Text, Vaulted})
"""Types whose values are final as they are."""
_SCALARS = (str, int, float, dt.date, dt.time, dt.timedelta, bytes, Omit)
_SEQUENCES = (list, tuple, set, frozenset, range, KeysView, ValuesView, ItemsView, Iterator)


def refuse(value: Any) -> Any:
    """Raise TemplateError: such a value cannot be a variable's."""
    raise TemplateError(f"Type {type(value).__name__!r} is unsupported for variable storage.")


def _scalar(value: Any, other: Callable[[Any], Any]) -> Any:
    return value if isinstance(value, _SCALARS) else other(value)


def _shown(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    """All variables of a host, or of all hosts, have themselves among them: they know how to leave that out."""
    found: dict[Any, Any] = getattr(mapping, "shown", lambda: dict(mapping))()
    return found


def finalize(
    value: Any, on_undefined: Callable[[Any], Any], undefined_type: type, other: Callable[[Any], Any] = refuse
) -> Any:
    """A plain copy of a result: containers of plain values, `omit` left out, tuples and iterators as lists.

    on_undefined(marker) is called for every undefined value inside and gives its replacement or raises; so is
    other(value) for what is not plain.
    """

    def final(part: Any) -> Any:
        if type(part) in PLAIN:
            return part
        if isinstance(part, undefined_type):
            return on_undefined(part)
        if isinstance(part, dict):
            return {final(key): final(item) for key, item in part.items() if item is not OMIT}
        if isinstance(part, _SEQUENCES):
            return [final(item) for item in part if item is not OMIT]
        if isinstance(part, Mapping):
            return final(_shown(part))
        return _scalar(part, other)

    return final(value)
