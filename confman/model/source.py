"""Where something was written."""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """A place in a file: line and column count from 1; 0 means unknown."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.path, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)
