"""Folds the events of a YAML parser into values that know their place.

With a stack of its own, so that depth is bounded and aliases are shared instead of expanded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from confman.documents.scalars import MERGE, STRING, build_scalar, implicit_tag
from confman.errors import LanguageError
from confman.model.source import Source
from confman.model.values import Sealed, SourcedDict, SourcedList, Template, Text, is_dynamic

MAX_DEPTH = 200

Opener = Callable[[str], str]
"""Opens vaulted text; raises VaultError."""


class _Frame:
    """A container under construction; `key` is the mapping key that waits for its value."""

    __slots__ = ("anchor", "container", "key", "key_at", "merges", "waiting")

    def __init__(self, container: SourcedDict | SourcedList, anchor: str | None) -> None:
        self.container = container
        self.anchor = anchor
        self.key: Any = None
        self.key_at: tuple[int, int] = (0, 0)
        self.waiting = False
        self.merges: list[Any] = []


class Builder:
    """Folds parser events into one value."""

    def __init__(self, path: str, vault: Opener | None, trusted: bool) -> None:
        self.path = path
        self.vault = vault
        self.trusted = trusted
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Any] = {}
        self.duplicates: list[tuple[str, Source]] = []
        self.root: Any = None
        self.documents = 0
        self.unsafe = 0

    def feed(self, events: Iterator[Event]) -> Any:
        """The value of the whole document."""
        for event in events:
            if isinstance(event, ScalarEvent):
                self._add(self._scalar(event), event)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._open(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._close(event)
            elif isinstance(event, AliasEvent):
                self._add(self._alias(event), event)
            elif isinstance(event, DocumentStartEvent):
                self._document(event)
        return self.root

    def _document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._error(
                "more than one YAML document in this file", event, "remove everything from the second `---` on"
            )

    def _place(self, event: Event) -> Source:
        return Source(self.path, *_position(event))

    def _error(self, message: str, event: Event, hint: str = "") -> LanguageError:
        return LanguageError(message, source=self._place(event), hint=hint)

    def _scalar(self, event: ScalarEvent) -> Any:
        text, tag = event.value, event.tag
        if tag is None:
            tag = implicit_tag(text) if event.implicit[0] else STRING
        if tag in {STRING, "!"}:
            return self._key_text(text, event) if self._awaits_key() else self.text(text, self._place(event))
        return MERGE if tag == MERGE else self._tagged(tag, text, event)

    def _awaits_key(self) -> bool:
        return bool(self.stack) and not self.stack[-1].waiting and isinstance(self.stack[-1].container, SourcedDict)

    def _key_text(self, text: str, event: ScalarEvent) -> str:
        return Template(text, self._place(event)) if "{{" in text and self.trusted else text

    def _tagged(self, tag: str, text: str, event: ScalarEvent) -> Any:
        place = self._place(event)
        if tag in {"!vault", "!vault-encrypted"}:
            if self.vault is None:
                raise self._error("a vaulted value is not allowed here", event)
            opener = self.vault
            return Sealed(lambda: opener(text), place, text)
        if tag == "!unsafe":
            return text
        try:
            return build_scalar(tag, text)
        except (ValueError, KeyError, OverflowError) as error:
            raise self._error(f"cannot read this value: {error}", event, "quote it if it is meant as text") from error

    def text(self, text: str, place: Source) -> str:
        """A string of this document, as trusted as the document is."""
        if not self.trusted or self.unsafe:
            return text
        return Template(text, place) if "{{" in text or "{%" in text or "{#" in text else Text(text, place)

    def _alias(self, event: AliasEvent) -> Any:
        if event.anchor is None or event.anchor not in self.anchors:
            hint = "* begins an alias: quote the value if it is text"
            raise self._error(f"unknown alias *{event.anchor}", event, hint)
        return self.anchors[event.anchor]

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", event)
        container: SourcedDict | SourcedList
        if isinstance(event, MappingStartEvent):
            if event.tag not in {None, "!unsafe", "tag:yaml.org,2002:map", "tag:yaml.org,2002:omap"}:
                raise self._error(f"unsupported YAML tag {event.tag!r}", event)
            container = SourcedDict(source=self._place(event))
        else:
            if event.tag and event.tag not in {"!unsafe", "tag:yaml.org,2002:seq"}:
                raise self._error(f"unsupported YAML tag {event.tag!r}", event)
            container = SourcedList(source=self._place(event))
        self.stack.append(_Frame(container, event.anchor))
        if event.tag == "!unsafe" or self.unsafe:
            self.unsafe += 1

    def _close(self, event: Event) -> None:
        frame = self.stack.pop()
        self.unsafe = max(self.unsafe - 1, 0)
        if frame.merges and isinstance(frame.container, SourcedDict):
            self._merge(frame.container, frame.merges, event)
        if frame.anchor:
            self.anchors[frame.anchor] = frame.container
        self._add(frame.container, event)

    def _merge(self, container: SourcedDict, merges: list[Any], event: Event) -> None:
        for merged in merges:
            for source in merged if isinstance(merged, list) else [merged]:
                if not isinstance(source, dict):
                    raise self._error("only a mapping or a list of mappings can be merged with <<", event)
                for key, value in source.items():
                    if key not in container:
                        container[key] = value
                        container.dynamic |= is_dynamic(value)

    def _add(self, value: Any, event: Event) -> None:
        if getattr(event, "anchor", None) and type(event) is ScalarEvent:
            self.anchors[str(event.anchor)] = value
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        container = frame.container
        if isinstance(container, SourcedList):
            container.append(value)
            container.dynamic = container.dynamic or is_dynamic(value)
        elif not frame.waiting:
            self._key(frame, value, event)
        else:
            self._value(frame, container, value)

    def _key(self, frame: _Frame, key: Any, event: Event) -> None:
        try:
            hash(key)
        except TypeError:
            hint = 'a value that starts with "{{" must be quoted'
            raise LanguageError("a mapping cannot be a key", source=key.source, hint=hint) from None
        frame.key, frame.key_at, frame.waiting = key, _position(event), True

    def _value(self, frame: _Frame, container: SourcedDict, value: Any) -> None:
        frame.waiting = False
        if frame.key is MERGE:
            frame.merges.append(value)
            return
        if frame.key in container:
            self.duplicates.append((str(frame.key), Source(self.path, *frame.key_at)))
        container[frame.key] = value
        container.keys_at[frame.key] = frame.key_at
        container.dynamic = container.dynamic or is_dynamic(value) or isinstance(frame.key, Template)


def _position(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None
    return (mark.line + 1, mark.column + 1)
