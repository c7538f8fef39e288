"""Filters of chance; the same seed gives the same result."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random, SystemRandom
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.values import kind


def _generator(seed: Any) -> Random:
    try:
        return SystemRandom() if seed is None else Random(str(seed) if isinstance(seed, str) else seed)  # noqa: S311  # seeded on purpose
    except TypeError as error:
        raise TemplateError(f"a seed must be text or a number, not {kind(seed)}") from error


def random(end: Any, start: Any = None, step: Any = None, seed: Any = None) -> Any:
    """A number from `start` (or 0) up to, not including, `end`, in steps; or an item of a list."""
    generator = _generator(seed)
    if isinstance(end, int):
        return generator.randrange(start or 0, end, step or 1)
    if not isinstance(end, Iterable) or isinstance(end, dict):
        raise TemplateError("random can only be used on sequences and integers")
    if start or step:
        raise TemplateError("start and step can only be used with integer values")
    choices = end if isinstance(end, str) else list(end)
    if not choices:
        raise TemplateError("random cannot choose from an empty sequence")
    return generator.choice(choices)


def shuffle(values: Any, seed: Any = None) -> Any:
    """The items of a list in another order; what is no list stays as it is."""
    if not isinstance(values, Iterable):
        return values
    items = list(values)
    _generator(seed or None).shuffle(items)
    return items
