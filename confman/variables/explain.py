"""Where a variable comes from: every candidate, in the order of precedence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import Sealed, SourcedDict, Template, source_of

_NAME = re.compile(r"[A-Za-z_]\w*")
_MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TEXT = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_ATTRIBUTE = re.compile(r"\.\s*[A-Za-z_]\w*|\|\s*[\w.]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place that sets a variable: the level of precedence, the value as it is written, and where."""

    level: str
    value: Any
    source: Source | None

    @property
    def shown(self) -> str:
        """The value for people; one that is vaulted is not opened."""
        return "(vaulted)" if isinstance(self.value, Sealed) else repr(self.value)


def candidates(levels: Iterable[tuple[str, Mapping[str, Any]]], name: str) -> list[Candidate]:
    """Everything that sets a variable, the winner first; a file that counts twice is named once."""
    found = [Candidate(level, layer[name], _place(layer, name)) for level, layer in levels if name in layer]
    return [each for number, each in enumerate(found) if not _again(each, found[:number])]


def _again(candidate: Candidate, before: list[Candidate]) -> bool:
    return candidate.source is not None and any(each.value is candidate.value for each in before)


def _place(layer: Mapping[str, Any], name: str) -> Source | None:
    place = source_of(layer[name])
    if isinstance(layer, SourcedDict) and (place is None or name in layer.keys_at):
        return layer.key_source(name)
    return place


def references(value: Any, known: Mapping[str, Any]) -> list[str]:
    """The variables of `known` that a value's templates name, each once, in order."""
    return list(dict.fromkeys(name for text in _templates(value) for name in _names(text) if name in known))


def _templates(value: Any) -> Iterator[str]:
    if isinstance(value, Template):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _templates(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _templates(item)


def _names(text: str) -> Iterator[str]:
    for markup in _MARKUP.findall(text):
        yield from _NAME.findall(_ATTRIBUTE.sub(" ", _TEXT.sub(" ", markup)))
