"""Events as data: what programs read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from confman.model.source import Source

if TYPE_CHECKING:
    from confman.model.event import Event

SCHEMA = "confman.events/1"
"""Name and version of the records: fields may be added under the same version, never removed or changed."""

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def record_of(event: Event) -> dict[str, Any]:
    """An event as plain data: its name under "event", then its fields."""
    name = _WORD.sub("_", type(event).__name__).lower()
    return {"event": name, **{field.name: plain(getattr(event, field.name)) for field in fields(event)}}


def plain(value: Any) -> Any:
    """A value as JSON knows it; keys that begin with an underscore are our own and left out."""
    if value is None or isinstance(value, bool | int | float | str):
        return _scalar(value)
    if isinstance(value, Source):
        return {"path": value.path, "line": value.line, "column": value.column}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    names = [key for key in value if not str(key).startswith("_")]
    return {str(key): plain(value[key]) for key in names}


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def json_line(data: Any) -> str:
    """Data as one line of JSON; what is no Unicode is escaped."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))
