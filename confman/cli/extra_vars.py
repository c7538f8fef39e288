"""What `-e` gives: `key=value` words, JSON, YAML, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.compat.config_values import expanded
from confman.documents.yaml import load_yaml
from confman.errors import ConfmanError, UsageError
from confman.language.key_values import parse_key_values
from confman.model.source import Source
from confman.model.values import SourcedDict, SourcedList, Text, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLACE = "<extra variables>"


def parse_extra_vars(
    texts: Iterable[str], load: Callable[[Path], Any], vault: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """The variables of all `-e` options, later ones win. `load` gives the value of a YAML file.

    Raises UsageError for what is no mapping, and what `load` raises.
    """
    found: dict[str, Any] = {}
    for text in texts:
        value = _value(text, load, vault)
        if not isinstance(value, dict):
            place = source_of(value) or Source(text[1:] if text.startswith("@") else PLACE)
            raise UsageError("Extra variables must be a mapping", source=place, hint="write key=value or {key: value}")
        for name in value:
            if not isinstance(name, str) or not name.isidentifier():
                hint = "letters, digits and underscores, no digit first"
                raise UsageError(f"{name!r} cannot be the name of a variable", source=Source(PLACE), hint=hint)
        found.update(value)
    return found


def lasting(texts: Iterable[str]) -> tuple[str, ...]:
    """What `-e` gave, to be read again from any folder."""
    return tuple(f"@{expanded(text[1:]).resolve()}" if text.startswith("@") else text for text in texts)


def _value(text: str, load: Callable[[Path], Any], vault: Callable[[str], str] | None) -> Any:
    if text.startswith("@"):
        path = expanded(text[1:])
        if not path.is_file():
            raise UsageError(f"The file of extra variables does not exist: {path}")
        value = load(path)
        return {} if value is None else value
    if text[:1] in {"/", "."}:
        raise UsageError(f"{text!r} is no variable", hint=f"put an @ before the name of a file: -e @{text}")
    try:
        if text.strip()[:1] in {"{", "["}:
            return _marked(load_yaml(text, PLACE, vault=vault))
        return parse_key_values(Text(text, Source(PLACE)))
    except ConfmanError as error:
        hint = error.hint or "write key=value words, JSON or YAML"
        raise UsageError(f"Extra variables {text!r}: {error.message}", hint=hint) from error


def _marked(value: Any) -> Any:
    """The same with what JSON marks as `{"__ansible_unsafe": text}` made text that is never rendered."""
    if isinstance(value, SourcedList):
        return SourcedList(map(_marked, value), source=value.source, dynamic=value.dynamic)
    if not isinstance(value, SourcedDict):
        return value
    if list(value) == ["__ansible_unsafe"] and isinstance(value["__ansible_unsafe"], str):
        return str(value["__ansible_unsafe"])
    marked = SourcedDict(
        {key: _marked(item) for key, item in value.items()}, source=value.source, dynamic=value.dynamic
    )
    marked.keys_at = value.keys_at
    return marked
