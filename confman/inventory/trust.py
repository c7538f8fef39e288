"""From plain data to values that know their place; what holds markup becomes a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.errors import InventoryError
from confman.model.values import SourcedDict, SourcedList, Template, Text, is_dynamic

if TYPE_CHECKING:
    from confman.model.source import Source

MOST_LEVELS = 100
"""How deeply values may be nested."""

MARKUP = ("{{", "{%", "{#")


def has_markup(text: str) -> bool:
    """Whether a text holds the beginning of an expression, a statement or a comment of Jinja."""
    return any(mark in text for mark in MARKUP)


def holds_markup(value: Any) -> bool:
    """Whether a text is in a value, however deep, that has markup."""
    if isinstance(value, str):
        return has_markup(value)
    if isinstance(value, dict):
        return any(holds_markup(item) for item in value.values())
    return isinstance(value, list | tuple) and any(map(holds_markup, value))


def trusted(value: Any, source: Source, level: int = 0) -> Any:
    """`value` as if it had been read from a trusted document at `source`.

    Sets and tuples become lists, dates and times stay what they are. Bytes become text that is data: never a template.
    Raises InventoryError for a value that is nested too deeply.
    """
    check_depth(level, source)
    if isinstance(value, Text | SourcedDict | SourcedList):
        return value
    if isinstance(value, str):
        return Template(value, source) if has_markup(value) else Text(value, source)
    if isinstance(value, dict):
        return sourced_dict({key: trusted(item, source, level + 1) for key, item in value.items()}, source)
    if isinstance(value, set):
        return trusted(sorted(value, key=repr), source, level)
    if isinstance(value, list | tuple):
        items = [trusted(item, source, level + 1) for item in value]
        return SourcedList(items, source=source, dynamic=any(is_dynamic(item) for item in items))
    return _scalar(value, source)


def check_depth(level: int, source: Source) -> None:
    """Raise InventoryError when `level` is deeper than values may be nested."""
    if level > MOST_LEVELS:
        raise InventoryError(f"A value is nested deeper than {MOST_LEVELS} levels", source=source)


def sourced_dict(items: dict[Any, Any], source: Source) -> SourcedDict:
    """A mapping that knows its place and whether a template is inside."""
    return SourcedDict(items, source=source, dynamic=any(is_dynamic(item) for item in items.values()))


def _scalar(value: Any, source: Source) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if value is ...:
        return Text("...", source)
    if isinstance(value, complex):
        return Text(str(value), source)
    return value
