"""Filters of numbers and sizes."""

from __future__ import annotations

import math
import re
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.values import text

_SIZE = re.compile(r"([0-9]*\.?[0-9]+)(?:\s*([A-Za-z]+))?\s*")
_LETTERS = "BKMGTPEZY"
_NAMES = ("", "kilo", "mega", "giga", "tera", "peta", "exa", "zeta", "yotta")


def log(value: Any, base: Any = math.e) -> float:
    """The logarithm to a base, e by default."""
    try:
        return math.log10(value) if base == 10 else math.log(value, base)
    except TypeError as error:
        raise TemplateError("log() can only be used on numbers") from error


def power(value: Any, exponent: Any) -> float:
    """The value to the power of an exponent."""
    try:
        return math.pow(value, exponent)
    except TypeError as error:
        raise TemplateError("pow() can only be used on numbers") from error
    except OverflowError as error:
        raise TemplateError("pow(): the result is too large") from error


def root(value: Any, base: Any = 2) -> float:
    """The root of a value, the square root by default."""
    try:
        return math.sqrt(value) if base == 2 else math.pow(value, 1.0 / float(base))
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise TemplateError("root() can only be used on numbers") from error


def human_readable(size: Any, isbits: bool = False, unit: str | None = None) -> str:
    """A number of bytes (or bits) with the largest unit that fits, or in the unit K, M, G, T, P, E, Z or Y."""
    if isinstance(size, str) or not isinstance(size, int | float):
        raise TemplateError("human_readable() failed on bad input", hint="it takes a number: use | int first")
    steps = range(len(_LETTERS) - 1, -1, -1)
    if unit is None:
        step = next((n for n in steps if size >= 1 << 10 * n), 0)
    else:
        step = next((n for n in steps if str(unit).upper() == _LETTERS[n]), 0)
    base = "bits" if isbits else "Bytes"
    return f"{size / (1 << 10 * step):.2f} {_LETTERS[step] + base[0] if step else base}"


def human_to_bytes(size: Any, default_unit: str | None = None, isbits: bool = False) -> int:
    """The number of bytes (or bits) that `10M`, `2.5 GB` or `1Mb` stands for."""
    match = _SIZE.fullmatch(text(size))
    if match is None:
        raise TemplateError(f"human_to_bytes() can't interpret the input {size!r}", hint="e.g. 10M, 2.5 GB")
    unit = match[2] or default_unit
    number = float(match[1])
    if unit is None:
        return round(number)
    step = _LETTERS.find(unit[0].upper())
    if step < 0 or not _is_unit(unit, step, isbits=isbits):
        raise TemplateError(
            f"human_to_bytes() can't interpret the unit of {size!r}",
            hint=f"e.g. {_LETTERS[max(step, 1)]}, {_LETTERS[max(step, 1)]}{'b' if isbits else 'B'}",
        )
    return round(number * (1 << 10 * step))


def _is_unit(unit: str, step: int, *, isbits: bool) -> bool:
    if len(unit) == 1:
        return True
    word = f"{_NAMES[step]}{'bit' if isbits else 'byte'}"
    symbol = f"{_LETTERS[step] if step else ''}{'b' if isbits else 'B'}"
    return unit.lower() == word or unit == symbol
