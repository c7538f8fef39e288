"""The mask that takes permissions from what is written anew."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator


def parse_umask(value: str | float | None) -> int | None:
    """The mask of a text of octal digits, or of a number; None for none. Raises Failure."""
    try:
        return value if value is None else int(value, 8) if isinstance(value, str) else int(value)
    except ValueError:
        raise Failure("umask must be an octal number, not {!r}".format(value)) from None


@contextmanager
def umasked(value: str | float | None) -> Iterator[None]:
    """Write with a mask for the time of the block; None: with the one there is. Raises Failure."""
    mask = parse_umask(value)
    old = None if mask is None else os.umask(mask)
    try:
        yield
    finally:
        if old is not None:
            os.umask(old)
