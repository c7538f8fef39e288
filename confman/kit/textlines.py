"""Lines of texts whose other control characters must survive an edit."""

from __future__ import annotations


def lines_of(text: str) -> list[str]:
    """The lines, without their ends; only a newline ends a line (str.splitlines knows ten more ends)."""
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines
