"""Mappings that are set in several places, as one."""

from __future__ import annotations

from typing import Any

from confman.model.values import SourcedDict, is_dynamic


def merged(below: dict[Any, Any], above: dict[Any, Any]) -> SourcedDict:
    """Both mappings in one, `above` winning; mappings inside are merged in turn."""
    result = SourcedDict(below, source=getattr(above, "source", None))
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    result.dynamic = any(is_dynamic(value) for value in result.values())
    return result
