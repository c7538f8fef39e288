"""YAML text becomes values that know their place.

Built from parser events with a stack of our own, so that depth is bounded, aliases are shared instead of
expanded, and every string carries its line and column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
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
MAX_CHARACTERS = 64 * 1024 * 1024
VAULT_HEADER = "$ANSIBLE_VAULT"

Opener = Callable[[str], str]
"""Opens vaulted text; raises VaultError."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Frame:
    """A container under construction; `key` is the mapping key that waits for its value."""

    __slots__ = ("anchor", "container", "key", "key_at", "merges", "waiting")

    def __init__(self, container: SourcedDict | SourcedList, anchor: str | None) -> None:
        self.container = container
        self.anchor = anchor
        self.key: Any = None
        self.key_at = (0, 0)
        self.waiting = False
        self.merges: list[Any] = []


class _Builder:
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

    def feed(self, events: Iterator[Event]) -> Any:
        """The value of the whole document."""
        for event in events:
            kind = type(event)
            if kind is ScalarEvent:
                self._add(self._scalar(event), event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
            elif kind is AliasEvent:
                self._add(self._alias(event), event)
            elif kind is DocumentStartEvent:
                self._document(event)
        return self.root

    def _document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self._error("more than one YAML document in this file", event, "remove everything from the second `---` on")

    def _place(self, event: Event) -> Source:
        mark = event.start_mark
        return Source(self.path, mark.line + 1, mark.column + 1)

    def _error(self, message: str, event: Event, hint: str = "") -> LanguageError:
        return LanguageError(message, source=self._place(event), hint=hint)

    def _scalar(self, event: ScalarEvent) -> Any:
        text, tag = event.value, event.tag
        if tag is None or tag == "!":
            tag = implicit_tag(text) if event.implicit[0] and tag is None else STRING
        if tag == STRING:
            if self.stack and not self.stack[-1].waiting and isinstance(self.stack[-1].container, SourcedDict):
                return Template(text, self._place(event)) if "{{" in text and self.trusted else text
            return self.text(text, self._place(event))
        if tag == MERGE:
            return MERGE
        return self._tagged(tag, text, event)

    def _tagged(self, tag: str, text: str, event: ScalarEvent) -> Any:
        place = self._place(event)
        if tag in {"!vault", "!vault-encrypted"}:
            if self.vault is None:
                raise self._error("a vaulted value is not allowed here", event)
            opener = self.vault
            return Sealed(lambda: opener(text), place)
        if tag == "!unsafe":
            return text
        try:
            return build_scalar(tag, text)
        except (ValueError, KeyError, OverflowError) as error:
            raise self._error(f"cannot read this value: {error}", event, "quote it if it is meant as text") from error

    def text(self, text: str, place: Source) -> str:
        """A string of this document, as trusted as the document is."""
        if not self.trusted:
            return text
        return Template(text, place) if "{{" in text or "{%" in text or "{#" in text else Text(text, place)

    def _alias(self, event: AliasEvent) -> Any:
        if event.anchor not in self.anchors:
            raise self._error(f"unknown alias *{event.anchor}", event)
        return self.anchors[event.anchor]

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH} levels", event)
        container: SourcedDict | SourcedList
        if isinstance(event, MappingStartEvent):
            if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
                raise self._error(f"unsupported YAML tag {event.tag!r}", event)
            container = SourcedDict(source=self._place(event))
        else:
            if event.tag and event.tag not in {"!unsafe", "tag:yaml.org,2002:seq"}:
                raise self._error(f"unsupported YAML tag {event.tag!r}", event)
            container = SourcedList(source=self._place(event))
        self.stack.append(_Frame(container, event.anchor))

    def _close(self, event: Event) -> None:
        frame = self.stack.pop()
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
            self.anchors[event.anchor] = value
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
            raise self._error(
                "a mapping cannot be a key", event, 'a value that starts with "{{" must be quoted'
            ) from None
        mark = event.start_mark
        frame.key, frame.key_at, frame.waiting = key, (mark.line + 1, mark.column + 1), True

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


def load_yaml(
    text: str,
    path: str,
    *,
    vault: Opener | None = None,
    trusted: bool = True,
    warn: Callable[[str], object] | None = None,
) -> Any:
    """The value of a YAML document.

    Args:
        text: the document.
        path: what to call it in `Source`s.
        vault: opens `!vault` values, when they are used.
        trusted: whether strings become `Text` and `Template`; otherwise they are plain data.
        warn: told about duplicate keys.

    Raises:
        LanguageError: with the place of what is wrong.
    """
    if len(text) > MAX_CHARACTERS:
        raise LanguageError(f"the file is larger than {MAX_CHARACTERS >> 20} MB", source=Source(path))
    builder = _Builder(path, vault, trusted)
    try:
        value = builder.feed(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise _syntax_error(error, path, text) from error
    for key, place in builder.duplicates:
        if warn:
            warn(f"{place}: duplicate key {key!r}: the last value is used")
    return value


def load_yaml_file(
    path: str | Path,
    *,
    vault: Opener | None = None,
    trusted: bool = True,
    warn: Callable[[str], object] | None = None,
) -> Any:
    """The value of a YAML file, opened first if the whole of it is vaulted.

    Raises:
        LanguageError: it cannot be read or parsed.
        VaultError: no password opens it.
    """
    text = read_text(path)
    if text.startswith(VAULT_HEADER):
        if vault is None:
            raise LanguageError("the file is vaulted and no vault password was given", source=Source(str(path)))
        text = vault(text)
    return load_yaml(text, str(path), vault=vault, trusted=trusted, warn=warn)


def read_text(path: str | Path) -> str:
    """A file's text. Raises LanguageError when it is missing, unreadable or not UTF-8."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise LanguageError(f"cannot read {path}: {error.strerror}", source=Source(str(path))) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LanguageError("the file is not UTF-8 text", source=Source(str(path), line)) from error


def _syntax_error(error: yaml.YAMLError, path: str, text: str) -> LanguageError:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        reason = str(getattr(error, "reason", error)).splitlines()[0]
        return LanguageError(f"not valid YAML: {reason}", source=Source(path))
    problem = getattr(error, "problem", None) or getattr(error, "context", None) or "syntax error"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    return LanguageError(
        f"not valid YAML: {problem}", source=Source(path, mark.line + 1, mark.column + 1), hint=_hint(str(problem), line)
    )


def _hint(problem: str, line: str) -> str:
    if "\t" in line:
        return "indent with spaces: YAML allows no tabs there"
    if "{{" in line and not any(quote in line for quote in "'\""):
        return "quote a value that starts with a template, e.g. name: \"{{ value }}\""
    if "mapping values are not allowed" in problem:
        return "a value with a colon must be quoted, or the indentation is wrong"
    if "could not find expected ':'" in problem or "block mapping" in problem:
        return "check the indentation of this line and of the one above"
    return ""
