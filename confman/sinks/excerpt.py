"""Errors as people read them: what is wrong, where, the line itself, what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import ConfmanError, ErrorGroup
from confman.model.redact import without_literals

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.model.source import Source

_CONTEXT = 2
_LONGEST = 120


def excerpt(source: Source) -> str:
    """The lines around a place, without what is secret in them, the place marked; "" when there is nothing to show."""
    if not source.line:
        return ""
    try:
        text = Path(source.path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    if text.startswith("$ANSIBLE_VAULT"):
        return ""
    lines = text.splitlines()
    first, last = max(source.line - 1 - _CONTEXT, 0), min(source.line, len(lines))
    width = len(str(last))
    room = _LONGEST - width - 1
    near = [_cut(without_literals(line.replace("\t", " ")), room) for line in lines[first:last]]
    shown = [f"{number:>{width}} {line}".rstrip() for number, line in enumerate(near, start=first + 1)]
    if source.line <= len(lines):
        usable = room - len(_MORE) if any(line.endswith(_MORE) for line in near) else room
        shown += [" " * (width + 1) + _mark(source.column, room)] if 0 < source.column <= usable else []
    return "\n".join(shown)


_MORE = "..."


def _cut(line: str, room: int) -> str:
    return line if len(line) <= room else line[: room - len(_MORE)] + _MORE


def _mark(column: int, room: int) -> str:
    """The mark below a column; its text stands where there is room for it."""
    text = f"column {column}"
    if column + 1 + len(text) <= room:
        return " " * (column - 1) + f"^ {text}"
    return " " * (column - len(text) - 2) + f"{text} ^"


def describe(
    message: str, source: Source | None, hint: str = "", mask: Callable[[str], str] = lambda text: text
) -> str:
    """A message with its origin, the lines there, with `mask` put on, and the hint."""
    parts = [message]
    if source is not None:
        parts.append(f"Origin: {source}")
        lines = mask(excerpt(source))
        if lines:
            parts.append(f"\n{lines}\n")
    if hint:
        parts.append(f"Hint: {hint}")
    return "\n".join(parts)


def describe_error(error: ConfmanError) -> str:
    """An error, or every error of a group."""
    if isinstance(error, ErrorGroup):
        return "\n\n".join(describe_error(each) for each in error.errors)
    return describe(error.message, error.source, error.advice)
