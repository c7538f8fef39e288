"""Text that a shell takes as it is meant."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from confman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def quote(text: str) -> str:
    """One word for any POSIX shell, csh and fish; NUL cannot be expressed and raises UsageError."""
    if "\0" in text:
        raise UsageError("a command cannot hold a NUL character")
    return shlex.quote(text)


def join(words: Iterable[str]) -> str:
    """A command line that runs exactly these words."""
    return " ".join(quote(word) for word in words)


def refuse_option(value: str, what: str) -> str:
    """The value, unless a program could take it for an option or it holds control characters: UsageError."""
    if value.startswith("-"):
        raise UsageError(f"{what} {value!r} begins with a hyphen", hint="It would be taken for an option.")
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise UsageError(f"{what} {value!r} holds control characters")
    return value
