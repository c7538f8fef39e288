"""Arguments written as `key=value` words, templates and quotes kept whole."""

from __future__ import annotations

import re
from typing import Any

from confman.errors import LanguageError
from confman.model.source import Source
from confman.model.values import SourcedDict, Template, Text, is_dynamic, source_of

_KEY = re.compile(r"[A-Za-z_][\w.]*$")
_OPENERS = {"{{": "}}", "{%": "%}", "{#": "#}"}


def split_words(text: str, source: Source | None = None) -> list[str]:
    """The words of a line, split at white space outside quotes and templates; newlines between words survive.

    Raises LanguageError when a quote or a template is left open.
    """
    words: list[str] = []
    current: list[str] = []
    quote, closer, position = "", "", 0
    while position < len(text):
        pair, character = text[position : position + 2], text[position]
        if closer:
            if pair == closer:
                closer = ""
                current.append(pair)
                position += 2
                continue
        elif pair in _OPENERS:
            closer = _OPENERS[pair]
            current.append(pair)
            position += 2
            continue
        elif quote:
            if character == quote and (not current or current[-1] != "\\"):
                quote = ""
        elif character in "'\"" and _may_quote(current):
            quote = character
        elif character.isspace():
            _end_word(words, current, newline=character == "\n")
            position += 1
            continue
        current.append(character)
        position += 1
    if quote or closer:
        raise LanguageError(
            f"unbalanced {'quotes' if quote else 'template braces'} in the arguments",
            source=source,
            hint="close them, or write the arguments as a mapping",
        )
    _end_word(words, current, newline=False)
    return words


def _may_quote(current: list[str]) -> bool:
    return not current or current[-1] != "\\"


def _end_word(words: list[str], current: list[str], *, newline: bool) -> None:
    if current:
        words.append("".join(current))
        current.clear()
    if newline:
        if words and words[-1].endswith("\n"):
            words[-1] += "\n"
        elif words:
            words[-1] += "\n"
        else:
            words.append("\n")


def unquote(text: str) -> str:
    """A text without the pair of quotes around it."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" and text[-2] != "\\":
        return text[1:-1]
    return text


def _retext(value: str, origin: str) -> str:
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
    rest: list[str] = []
    for word in split_words(text, source):
        key, equals, value = word.partition("=")
        if equals and _KEY.match(key) and not (free_form and known is not None and key not in known):
            result[key.strip()] = _retext(unquote(value.strip()), text)
        elif free_form:
            rest.append(word)
        elif word.strip():
            raise LanguageError(
                f"expected key=value, not {word.strip()!r}", source=source, hint="write the arguments as a mapping"
            )
    if free_form and rest:
        result["_raw_params"] = _retext(_join(rest), text)
    result.dynamic = any(is_dynamic(value) for value in result.values())
    return result


def _join(words: list[str]) -> str:
    joined = ""
    for word in words:
        joined += word if not joined or joined.endswith("\n") else f" {word}"
    return joined.strip()


def as_arguments(value: Any) -> SourcedDict:
    """A mapping as `SourcedDict`."""
    if isinstance(value, SourcedDict):
        return value
    result = SourcedDict(value)
    result.dynamic = any(is_dynamic(item) for item in result.values())
    return result
