"""Filters and tests as templates find them: guarded against undefined arguments, and looked for when not known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.tests import TESTS as DEFAULT_TESTS

from confman.templating.undefined import Undefinable, Undefined, failed, first_undefined

_TAKE_UNDEFINED = (DEFAULT_FILTERS["default"], DEFAULT_TESTS["defined"], DEFAULT_TESTS["undefined"])


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or test that is undefined itself when an argument is, when it meets such a part, or when it fails.

    Iterators become lists. A failure is an undefined value that knows why: nothing is said of what nobody uses.
    """
    takes = getattr(function, "takes_undefined", False) or function in _TAKE_UNDEFINED
    makes = takes or function is DEFAULT_FILTERS["map"]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        marker = None if takes else first_undefined(args, kwargs)
        if marker is not None:
            return marker
        try:
            result = function(*args, **kwargs)
            if isinstance(result, Iterator):
                result = list(result)
        except Undefinable as stopped:
            return stopped.value
        except Exception as error:
            return failed(error)
        return result if makes else _passed_on(result)

    return call


def _passed_on(result: Any) -> Any:
    """A result, or what is undefined in it: a filter that hands items on has looked at them."""
    if type(result) in {list, dict}:
        for item in result.values() if isinstance(result, dict) else result:
            if isinstance(item, Undefined):
                return item
    return result


def takes_undefined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a filter, test or global that knows what to do with undefined arguments."""
    function.takes_undefined = True  # type: ignore[attr-defined]  # Jinja2 marks functions the same way
    return function


class Functions(dict[str, Callable[..., Any]]):
    """A table of filters or tests. `find` is asked, once, for a name that is not in it."""

    def __init__(
        self, known: Mapping[str, Callable[..., Any]], find: Callable[[str], Callable[..., Any] | None]
    ) -> None:
        super().__init__({name: guarded(function) for name, function in known.items()})
        self._find = find
        self._absent: set[str] = set()

    def add(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Add functions, in place of those that had their names."""
        self.update({name: guarded(function) for name, function in functions.items()})
        self._absent.clear()

    def __contains__(self, name: object) -> bool:
        return self.get(str(name)) is not None

    def __missing__(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] | None = self.get(name)
        if function is None:
            raise KeyError(name)
        return function

    def get(self, name: str, default: Any = None) -> Any:
        """The function of that name, or `default`."""
        if not super().__contains__(name) and name not in self._absent:
            found = self._find(name)
            if found is None:
                self._absent.add(name)
            else:
                self[name] = guarded(found)
        return super().get(name, default)
