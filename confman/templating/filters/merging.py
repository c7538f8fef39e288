"""`combine`: mappings laid over each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.data import flatten
from confman.templating.filters.values import kind

LIST_MERGES = ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp")


def combine(*terms: Any, **options: Any) -> Any:
    """Mappings laid over each other, later ones on top.

    recursive: mappings in them too. list_merge: what becomes of two lists at one key: replace, keep, append, prepend,
    append_rp or prepend_rp (`rp`: what is in the upper list is removed from the lower).
    """
    recursive = bool(options.pop("recursive", False))
    lists = options.pop("list_merge", "replace")
    if options:
        raise TemplateError("'recursive' and 'list_merge' are the only valid keyword arguments")
    if lists not in LIST_MERGES:
        raise TemplateError(f"combine does not know list_merge={lists!r}", hint=f"one of {', '.join(LIST_MERGES)}")
    mappings = flatten(terms, levels=1)
    if not mappings:
        return {}
    result = mappings[-1]
    for lower in reversed(mappings[:-1]):
        result = merge(lower, result, recursive=recursive, lists=lists)
    return result


def merge(lower: Any, upper: Any, *, recursive: bool = True, lists: str = "replace") -> dict[Any, Any]:
    """A new mapping: `upper` laid over `lower`. Raises TemplateError when one of them is no mapping."""
    for value in (lower, upper):
        if not isinstance(value, Mapping):
            raise TemplateError(
                f"failed to combine variables, expected dicts but got a {kind(lower)!r} and a {kind(upper)!r}"
            )
    if not lower or lower == upper:  # nothing to lay over: lists are not appended to themselves
        return dict(upper.items())
    result = dict(lower.items())
    for key, value in upper.items():
        result[key] = _merged(result[key], value, recursive, lists) if key in result else value
    return result


def _merged(lower: Any, upper: Any, recursive: bool, lists: str) -> Any:
    """Two values at one key."""
    if recursive and isinstance(lower, Mapping) and isinstance(upper, Mapping):
        return merge(lower, upper, recursive=recursive, lists=lists)
    if isinstance(lower, list) and isinstance(upper, list):
        return merge_lists(lower, upper, lists)
    return upper


def merge_lists(lower: list[Any], upper: list[Any], how: str) -> list[Any]:
    """Two lists at one key as one of `LIST_MERGES` has it."""
    if how == "keep":
        return lower
    if how == "replace":
        return upper
    kept = [item for item in lower if item not in upper] if how.endswith("_rp") else list(lower)
    return kept + list(upper) if how.startswith("append") else list(upper) + kept
