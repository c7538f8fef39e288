"""`serial`: a play's hosts in batches."""

from __future__ import annotations

from typing import Any

from confman.errors import LanguageError


def split_batches(hosts: tuple[str, ...], serial: list[Any]) -> list[tuple[str, ...]]:
    """Hosts in batches of the sizes in `serial` (numbers or percentages of all); the last size goes on to the end.

    Nothing, 0 and less mean all hosts at once.

    Raises LanguageError for what is neither a number nor a percentage.
    """
    sizes = [_size(value, len(hosts)) for value in serial if value not in (None, "")]
    if not sizes or sizes == [0]:
        return [hosts] if hosts else []
    batches: list[tuple[str, ...]] = []
    position, index = 0, 0
    while position < len(hosts):
        size = sizes[min(index, len(sizes) - 1)]
        end = position + size if size > 0 else len(hosts)
        batches.append(hosts[position:end])
        position, index = end, index + 1
    return batches


def _size(value: Any, total: int) -> int:
    text = str(value).strip()
    try:
        if text.endswith("%"):
            return int(total * float(text[:-1]) / 100.0) or 1
        return int(float(text))
    except (ValueError, OverflowError):
        raise LanguageError(f"serial must be a number or a percentage, not {value!r}") from None
