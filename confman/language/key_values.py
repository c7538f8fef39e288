"""Arguments written as `key=value` words, templates and quotes kept whole."""

from __future__ import annotations

import re
from typing import Any

from confman.errors import LanguageError
from confman.model.source import Source
from confman.model.values import SourcedDict, Template, Text, is_dynamic, source_of

_KEY = re.compile(r"[A-Za-z_][\w.]*$")
_GOES_ON = "\\\n"
"""A backslash at the end of a line of a free form: the line goes on, and it is no word."""
_OPENERS = {"{{": "}}", "{%": "%}", "{#": "#}"}


class _Splitter:
    """Takes a line apart, a character (or a pair of braces) at a time."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.at = self.begun = 0
        self.current = ""
        self.quote = ""
        self.closer = ""

    def feed(self, piece: str) -> int:
        """Take what stands at the front of `piece`; how many characters that was."""
        if not self.current:
            self.begun = self.at
        pair, character = piece[:2], piece[0]
        if self.closer or pair in _OPENERS:
            return self._template(pair, character)
        if self.quote:
            if character == self.quote and not self.current.endswith("\\"):
                self.quote = ""
        elif character in "'\"" and not self.current.endswith("\\"):
            self.quote = character
        elif character.isspace():
            self.end_word(newline=character == "\n")
            return 1
        self.current += character
        return 1

    def _template(self, pair: str, character: str) -> int:
        if not self.closer:
            self.closer = _OPENERS[pair]
        elif pair == self.closer:
            self.closer = ""
        else:
            self.current += character
            return 1
        self.current += pair
        return 2

    def end_word(self, *, newline: bool) -> None:
        """Finish the current word; a newline behind it stays with it."""
        if self.current:
            self.words.append(self.current)
            self.spans.append((self.begun, self.at))
            self.current = ""
        if newline:
            if self.words:
                self.words[-1] += "\n"
            else:
                self.words.append("\n")
                self.spans.append((self.at, self.at + 1))


class OpenEnded(LanguageError):
    """A quote or a template that is not closed."""


def split_words(text: str, source: Source | None = None) -> list[str]:
    """The words of a line, split at white space outside quotes and templates; newlines between words survive.

    Raises OpenEnded when a quote or a template is left open.
    """
    return _split(text, source).words


def _split(text: str, source: Source | None) -> _Splitter:
    splitter = _Splitter()
    while splitter.at < len(text):
        splitter.at += splitter.feed(text[splitter.at : splitter.at + 2])
    if splitter.quote or splitter.closer:
        raise OpenEnded(
            f"failed at splitting arguments, either an unbalanced jinja2 block or quotes: {text}",
            source=source,
            hint=f"close the {'quotes' if splitter.quote else 'braces'}, or write the arguments as a mapping",
        )
    splitter.end_word(newline=False)
    return splitter


def unquote(text: str) -> str:
    """A text without the pair of quotes around it."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[-2] != "\\":
        return text[1:-1]
    return text


_ESCAPE = re.compile(r"""\\(?:U[0-9A-Fa-f]{8}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|N\{[^}]+\}|[\\'"abfnrtv])""")


def unescape(text: str) -> str:
    """A text with its escape sequences read as Python reads them; what is none stays as it is."""

    def read(match: re.Match[str]) -> str:
        try:
            return match.group().encode("ascii").decode("unicode_escape")
        except UnicodeError:
            return match.group()

    return _ESCAPE.sub(read, text)


def retext(value: str, origin: str) -> str:
    """A part of a text, as trusted as the whole, at its place."""
    source = source_of(origin)
    if not isinstance(origin, Text):
        return value
    return Template(value, source) if "{{" in value or "{%" in value else Text(value, source)


def parse_key_values(text: str, *, free_form: bool = False, known: frozenset[str] | None = None) -> SourcedDict:
    """The arguments of a `k=v` string; with `free_form`, everything else stays in `_raw_params` as it was written.

    known: with `free_form`, only these keys are taken out.

    Raises LanguageError for a word that is no `key=value` (without `free_form`).
    """
    source = source_of(text)
    result = SourcedDict(source=source)
    rest: list[tuple[int, int]] = []
    splitter = _split(text, source)
    for word, span in zip(splitter.words, splitter.spans, strict=True):
        key, equals, value = _split_pair(word)
        if equals and _is_key(key, known if free_form else None):
            result[_key(key, text)] = retext(unquote(unescape(value).strip()), text)
        elif free_form and word != _GOES_ON:
            rest.append(span)
        elif not free_form:
            _refuse_word(word.strip(), source)
    if rest:
        result["_raw_params"] = retext(_written(text, rest), text)
    result.dynamic = _holds_templates(result)
    return result


def _holds_templates(arguments: SourcedDict) -> bool:
    return any(is_dynamic(each) for pair in arguments.items() for each in pair)


def _refuse_word(word: str, source: Source | None) -> None:
    if word:
        hint = "write the arguments as a mapping"
        raise LanguageError(f"expected key=value, not {word!r}", source=source, hint=hint)


def _is_key(key: str, known: frozenset[str] | None) -> bool:
    return (known is None or key in known) and bool(_KEY.match(key) or "{{" in key)


def _key(key: str, text: str) -> str:
    return retext(key, text) if "{{" in key else key


def _split_pair(word: str) -> tuple[str, str, str]:
    """A word at its first `=`, which does not stand in a template."""
    end = word.find("}}") + 2 if word.startswith("{{") else 0
    key, equals, value = word[end:].partition("=")
    return word[:end] + key, equals, value


def _written(text: str, kept: list[tuple[int, int]]) -> str:
    """These words of a text as they were written, with the white space behind each."""
    ends = [start for start, _ in kept[1:]]
    parts = []
    for (start, end), following in zip(kept, [*ends, len(text)], strict=True):
        space = re.match(r"\s*", text[end:following])
        parts.append(text[start:end] + (space.group() if space else ""))
    return "".join(parts).rstrip(" \t\r")


def as_arguments(value: Any) -> SourcedDict:
    """A mapping as `SourcedDict`."""
    if isinstance(value, SourcedDict):
        return value
    result = SourcedDict(value)
    result.dynamic = any(is_dynamic(item) for item in result.values())
    return result
