"""Undefined values on their way through plugins: ansible-core's markers outside, our `Undefined` inside."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from jinja2 import StrictUndefined

from confman.errors import UndefinedVariable
from confman.templating.undefined import Undefined


@cache
def _marker_class() -> type:
    base = import_module("ansible._internal._templating._jinja_common").UndefinedMarker
    return type("UndefinedMarker", (base,), {"__slots__": ("own",)})


def to_marker(value: Undefined) -> Any:
    """An undefined value as plugins know it: any use of it raises."""
    marker = _marker_class()(hint=str(value.error().message), _no_template_source=True)
    marker.own = value
    return marker


def from_marker(value: StrictUndefined) -> Undefined:
    """The undefined value that a plugin handed back, or made itself."""
    if isinstance(value, Undefined):
        return value
    if isinstance(value, _marker_class()):
        own: Undefined = object.__getattribute__(value, "own")
        return own
    said = object.__getattribute__(value, "_undefined_message")
    return Undefined(cause=UndefinedVariable(str(said)))


def tripped(error: BaseException) -> Undefined | None:
    """The undefined value that a plugin used, when that is what an exception says."""
    source = getattr(error, "source", None)
    return from_marker(source) if isinstance(source, StrictUndefined) else None


def takes_markers(plugin: Any) -> bool:
    """Whether a plugin (a function or a class) says that it can deal with undefined arguments."""
    return bool(getattr(plugin, "accept_args_markers", False))
