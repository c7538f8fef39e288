"""Deprecations as they are told: what is deprecated, and when it will be gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def deprecation_text(entry: Any) -> str:
    """What to tell of an entry of a result's `deprecations`: `msg`, `version`, `date`, and whose feature it is."""
    if not isinstance(entry, Mapping):
        return str(entry)
    named = entry.get("deprecator")
    deprecator = named if isinstance(named, Mapping) else {"resolved_name": entry.get("collection_name")}
    return removal_text(
        str(entry.get("msg") or ""),
        owner=str(deprecator.get("resolved_name") or ""),
        kind=str(deprecator.get("type") or ""),
        version=str(entry.get("version") or ""),
        date=str(entry.get("date") or ""),
    )


def removal_text(text: str, *, owner: str, kind: str = "", version: str = "", date: str = "") -> str:
    """A text with what will be removed from where, and when.

    owner: a collection, or a plugin of that kind (module, action, filter ...) by its full name; "" when unknown.
    """
    collection, plugin = _parts(owner, kind) if kind else (owner, "")
    where = " in ".join(each for each in (plugin, _collection(collection)) if each)
    when = _when(version, date) if collection else "in the future"
    ends = " ".join(["This feature will be removed", *([f"from {where}"] if where else []), when])
    return f"{text if text.endswith(('.', '!', '?')) else f'{text}.'} {ends}."


def _parts(owner: str, kind: str) -> tuple[str, str]:
    """The collection that a plugin is in, and what it is called; of ansible-core itself it is what all are made of."""
    what = kind if kind == "module" else f"{kind} plugin"
    if owner == _CORE:
        return owner, f"the {what} API"
    parts = owner.split(".")
    return ".".join(parts[:2]) if len(parts) > 2 else "", f"{what} {parts[-1]!r}"


_CORE = "ansible.builtin"


def _collection(name: str) -> str:
    if name == _CORE:
        return "ansible-core"
    return f"collection {name!r}" if name else ""


def _when(version: str, date: str) -> str:
    if date:
        return f"in a release after {date}"
    return f"version {version}" if version else "in a future release"
