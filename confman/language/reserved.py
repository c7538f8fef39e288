"""Names that variables should not have: keywords of plays and tasks, and functions that templates have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from confman.language.keywords import BLOCK, PLAY, ROLE, TASK
from confman.model.source import Source
from confman.model.values import SourcedDict

_FUNCTIONS = frozenset("cycler dict joiner lipsum lookup namespace now omit q query range undef".split())
_FURTHER = frozenset("async_val loop_with with_".split())
_FREE = frozenset("vars gather_subset listen validate_argspec user role".split())

RESERVED = (PLAY | ROLE | BLOCK | TASK | _FUNCTIONS | _FURTHER) - _FREE
"""What would hide a function of templates, or be taken for a keyword."""


def reserved(names: Iterable[Any], around: Source | None = None) -> Iterator[tuple[str, Source | None]]:
    """What to tell of names that variables should not have, with their places as far as they are known."""
    for name in names:
        if isinstance(name, str) and name in RESERVED:
            place = names.key_source(name) if isinstance(names, SourcedDict) else None
            yield f"Found variable using reserved name {str(name)!r}.", place or around
