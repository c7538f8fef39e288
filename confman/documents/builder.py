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

from confman.documents.scalars import MERGE, RESOLVED, STRING, build_scalar, implicit_tag
from confman.errors import LanguageError
from confman.model.source import Source
from confman.model.values import Sealed, SourcedDict, SourcedList, Template, Text, is_dynamic

MAX_DEPTH = 200

_VALUE = "tag:yaml.org,2002:value"
"""What YAML 1.1 takes a plain `=` for; as a key it is a text like others."""
_TEXTS = frozenset({STRING, "!"})
_MAPPINGS = frozenset({None, "!", "!unsafe", "tag:yaml.org,2002:map", "tag:yaml.org,2002:omap"})
_SEQUENCES = frozenset({None, "!", "!unsafe", "tag:yaml.org,2002:seq"})
_make_tuple = tuple.__new__  # as Source(...) would, which a named tuple does in Python

Opener = Callable[[str], str]
"""Opens vaulted text; raises VaultError."""


class _Root:
    """What the document is: its only value."""

    __slots__ = ("value",)
    wants_key = False

    def __init__(self) -> None:
        self.value: Any = None

    def add(self, value: Any, _at: tuple[int, int]) -> None:
        """Take the value."""
        self.value = value


class _Sequence:
    """A sequence under construction."""

    __slots__ = ("anchor", "container")
    wants_key = False

    def __init__(self, container: SourcedList, anchor: str | None) -> None:
        self.container = container
        self.anchor = anchor

    def add(self, value: Any, _at: tuple[int, int]) -> None:
        """Take the next value."""
        container = self.container
        container.append(value)
        if not container.dynamic and is_dynamic(value):
            container.dynamic = True


class _Mapping:
    """A mapping under construction; `key` is the one that waits for its value."""

    __slots__ = ("anchor", "container", "key", "key_at", "merges", "twice", "wants_key")

    def __init__(self, container: SourcedDict, anchor: str | None, twice: list[tuple[str, Source]]) -> None:
        self.container = container
        self.anchor = anchor
        self.twice = twice
        self.wants_key = True
        self.key: Any = None
        self.key_at: tuple[int, int] = (0, 0)
        self.merges: list[Any] = []

    def add(self, value: Any, at: tuple[int, int]) -> None:
        """Take the next key, or its value."""
        if self.wants_key:
            if type(value) is not str:
                _check_key(value)
            self.key, self.key_at, self.wants_key = value, at, False
            return
        self.wants_key = True
        container, key = self.container, self.key
        if key is MERGE:
            self.merges.append(value)
            return
        if key in container and container.source is not None:
            self.twice.append((str(key), Source(container.source.path, *self.key_at)))
        container[key] = value
        container.keys_at[key] = self.key_at
        if not container.dynamic and (is_dynamic(value) or type(key) is Template):
            container.dynamic = True


def _check_key(key: Any) -> None:
    try:
        hash(key)
    except TypeError:
        hint = 'a value that starts with "{{" must be quoted'
        raise LanguageError("a mapping cannot be a key", source=key.source, hint=hint) from None


class Builder:
    """Folds parser events into one value."""

    def __init__(self, path: str, vault: Opener | None, trusted: bool) -> None:
        self.path = path
        self.vault = vault
        self.trusted = trusted
        self.root = _Root()
        self.top: _Root | _Sequence | _Mapping = self.root
        self.stack: list[_Root | _Sequence | _Mapping] = []
        self.anchors: dict[str, Any] = {}
        self.duplicates: list[tuple[str, Source]] = []
        self.documents = 0
        self.unsafe = 0

    def feed(self, events: Iterator[Event]) -> Any:
        """The value of the whole document."""
        for event in events:
            if type(event) is ScalarEvent:  # nearly all
                self._scalar(event)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._open(event)
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                self._close(event)
            elif isinstance(event, AliasEvent):
                self.top.add(self._alias(event), _position(event))
            elif isinstance(event, DocumentStartEvent):
                self._document(event)
        return self.root.value

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

    def _scalar(self, event: ScalarEvent) -> None:
        mark = event.start_mark
        assert mark is not None
        at = (mark.line + 1, mark.column + 1)
        value = self._scalar_value(event, at)
        if event.anchor:
            self.anchors[event.anchor] = value
        self.top.add(value, at)

    def _scalar_value(self, event: ScalarEvent, at: tuple[int, int]) -> Any:
        text, tag, is_key = event.value, event.tag, self.top.wants_key
        if tag is None:
            tag = implicit_tag(text) if event.implicit[0] and text[:1] in RESOLVED else STRING
        if tag in _TEXTS or (is_key and tag == _VALUE):
            return self._key_text(text, at) if is_key else self._text(text, at)
        return MERGE if is_key and tag == MERGE else self._tagged(tag, text, event)

    def _key_text(self, text: str, at: tuple[int, int]) -> str:
        return Template(text, Source(self.path, *at)) if "{{" in text and self.trusted else text

    def _text(self, text: str, at: tuple[int, int]) -> str:
        if not self.trusted or self.unsafe:
            return text
        place: Source = _make_tuple(Source, (self.path, *at))
        if "{" in text and ("{{" in text or "{%" in text or "{#" in text):
            return Template(text, place)
        return Text(text, place)

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

    def _alias(self, event: AliasEvent) -> Any:
        if event.anchor is None or event.anchor not in self.anchors:
            hint = "* begins an alias: quote the value if it is text"
            raise self._error(f"unknown alias *{event.anchor}", event, hint)
        return self.anchors[event.anchor]

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", event)
        of_mapping = isinstance(event, MappingStartEvent)
        if event.tag not in (_MAPPINGS if of_mapping else _SEQUENCES):
            raise self._error(f"unsupported YAML tag {event.tag!r}", event)
        place = self._place(event)
        self.stack.append(self.top)
        if of_mapping:
            self.top = _Mapping(SourcedDict(source=place), event.anchor, self.duplicates)
        else:
            self.top = _Sequence(SourcedList(source=place), event.anchor)
        if event.tag == "!unsafe" or self.unsafe:
            self.unsafe += 1

    def _close(self, event: Event) -> None:
        closed = self.top
        assert not isinstance(closed, _Root)
        self.top = self.stack.pop()
        self.unsafe = max(self.unsafe - 1, 0)
        if isinstance(closed, _Mapping) and closed.merges:
            self._merge(closed.container, closed.merges, event)
        if closed.anchor:
            self.anchors[closed.anchor] = closed.container
        self.top.add(closed.container, _position(event))

    def _merge(self, container: SourcedDict, merges: list[Any], event: Event) -> None:
        for merged in merges:
            for source in merged if isinstance(merged, list) else [merged]:
                if not isinstance(source, dict):
                    raise self._error("only a mapping or a list of mappings can be merged with <<", event)
                for key, value in source.items():
                    if key not in container:
                        container[key] = value
                        container.dynamic |= is_dynamic(value)


def _position(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None
    return (mark.line + 1, mark.column + 1)
