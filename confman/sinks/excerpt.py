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
    first = max(source.line - 1 - _CONTEXT, 0)
    last = min(source.line, len(lines))
    width = len(str(last))
    near = enumerate(lines[first:last], start=first + 1)
    shown = [f"{number:>{width}} {without_literals(line)[:_LONGEST]}".rstrip() for number, line in near]
    if source.column and source.line <= len(lines):
        shown.append(" " * (len(str(source.line)) + source.column) + "^ column " + str(source.column))
    return "\n".join(shown)


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
