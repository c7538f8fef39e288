"""Takes secrets out of whatever leaves: in their own form and in those that programs make of them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any
from urllib.parse import quote, quote_plus, unquote

MASK = "********"
SHORTEST = 4
"""Shorter secrets are masked only where they are the whole value: they would turn all output into stars."""


class Redactor:
    """Knows the secrets of a run; `clean` gives any value without them."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Learn a secret."""
        if not secret or secret in self._whole:
            return
        self._whole.add(secret)
        self._forms.update(form for form in _forms(secret) if len(form) >= SHORTEST)
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(form) for form in longest_first)) if longest_first else None

    def text(self, text: str) -> str:
        """A text with every secret masked."""
        if text in self._whole:
            return MASK
        return self._pattern.sub(MASK, text) if self._pattern is not None else text

    def clean(self, value: Any) -> Any:
        """A value of any shape with every secret in it masked; the same object when there are no secrets."""
        return self._clean(value) if self._whole else value

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self._clean(key): self._clean(item) for key, item in value.items()}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self._clean, value))
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(map(self._clean, value))
        if isinstance(value, bytes):
            text = value.decode("utf-8", "surrogateescape")
            return self.text(text).encode("utf-8", "surrogateescape")
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **self._clean_fields(value))
        return value

    def _clean_fields(self, value: Any) -> dict[str, Any]:
        return {field.name: self._clean(getattr(value, field.name)) for field in fields(value)}


_NAME = re.compile(r"(?:pass(?:word|wd|phrase)?|secret|token|private_?key|api_?key|credential)s?\Z", re.IGNORECASE)
"""What names end in whose values are hidden even where nothing declared them secret."""
_PAIR = re.compile(r"""([\w.-]+)(["']?(?::\s+|\s*=\s*))("[^"]*"|'[^']*'|(?<==)\S+|(?<=\s)[^,}\n]+)""")
_USER_INFO = re.compile(r"://[^/?#\s:@]*:([^/?#\s]+)@")


def url_passwords(value: Any) -> Iterator[str]:
    """The passwords of the URLs in a value of any shape, as written there and as meant."""
    for text in texts_in(value):
        if "://" in text and "@" in text:
            for password in _USER_INFO.findall(text):
                yield password
                yield unquote(password)


def names_a_secret(name: str) -> bool:
    """Whether what has this name is hidden wherever it is shown or kept."""
    return bool(_NAME.search(name))


def without_literals(line: str) -> str:
    """A line of a document without the secrets that stand in it in plain text: by their names, and in URLs."""
    masked = _PAIR.sub(lambda pair: _masked(pair) if names_a_secret(pair[1]) else pair[0], line)
    return _USER_INFO.sub(lambda user: user[0].replace(user[1], MASK), masked)


def _masked(pair: re.Match[str]) -> str:
    told = "{{" in pair[3] or pair[3].startswith(("!", "|", ">"))
    return pair[0] if told else f"{pair[1]}{pair[2]}{MASK}"


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value of any shape, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    data = secret.encode("utf-8", "surrogateescape")
    for padding in range(3):
        # the middle of its base64 at each of the three alignments, whatever stands around it
        encoded = base64.b64encode(b"\0" * padding + data).decode()
        start = (0, 2, 3)[padding]
        end = len(encoded) - (4 if (len(data) + padding) % 3 else 0)
        if end - start >= 2 * SHORTEST:
            yield encoded[start:end]
    yield quote(secret, errors="surrogateescape")
    yield quote(secret, safe="", errors="surrogateescape")
    yield quote_plus(secret, errors="surrogateescape")
    yield repr(secret)[1:-1]
    yield repr(secret + "'\"")[1:-4]  # beside quotes of both kinds
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    lines = [line.strip() for line in secret.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= 2 * SHORTEST)
