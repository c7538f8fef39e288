"""`sequence`: numbers as text."""

from __future__ import annotations

import re
from typing import Any

from confman.model.records import dataclass
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import integer, known_only, parse_pairs, text_term

MAX_ITEMS = 1_000_000
_NUMBER = r"0?x?[0-9a-f]+"
_SHORTCUT = re.compile(
    rf"(?:(?P<start>{_NUMBER})-)?(?P<end>{_NUMBER})(?:/(?P<stride>{_NUMBER}))?(?::(?P<format>.+))?", re.IGNORECASE
)
_FIELDS = {"start": 1, "end": None, "stride": 1, "count": None, "format": "%d"}


@dataclass(frozen=True, slots=True)
class _Plan:
    start: int
    end: int | None
    stride: int
    count: int | None
    format: str


def sequence(_task: LookupTask, terms: list[Any], **options: Any) -> list[str]:
    """Numbers as text: `5`, `5-8`, `2-10/2`, `4:host%02d`, or start, end or count, stride and format as options."""
    known_only("sequence", options, _FIELDS)
    result: list[str] = []
    for term in terms or ([""] if options else []):
        result += _formatted(_plan(text_term("sequence", term), options))
    return result


def _plan(term: str, options: dict[str, Any]) -> _Plan:
    shortcut = _SHORTCUT.fullmatch(term.strip())
    if shortcut:
        given = {name: value for name, value in shortcut.groupdict().items() if value is not None}
    else:
        free, given = parse_pairs(term)
        if free:
            raise LookupFailed(f"unrecognized arguments to with_sequence: {free!r}", hint="e.g. start=1 end=5 stride=2")
        known_only("sequence", given, _FIELDS)
    chosen = {**_FIELDS, **options, **given}
    numbers = {
        name: None if chosen[name] is None else integer(name, chosen[name]) for name in _FIELDS if name != "format"
    }
    start, stride = numbers["start"], numbers["stride"]
    return _Plan(
        1 if start is None else start,
        numbers["end"],
        1 if stride is None else stride,
        numbers["count"],
        str(chosen["format"]),
    )


def _formatted(plan: _Plan) -> list[str]:
    numbers = _numbers(plan)
    if not numbers:
        return []
    if plan.format.count("%") != 1:
        raise LookupFailed(f"bad formatting string: {plan.format}", hint="it needs exactly one %, e.g. host%02d")
    if len(numbers) > MAX_ITEMS:
        raise LookupFailed(f"a sequence of more than {MAX_ITEMS} items")
    try:
        return [plan.format % number for number in numbers]
    except (ValueError, TypeError, OverflowError) as error:
        raise LookupFailed(f"problem formatting {numbers[0]} with {plan.format!r}: {error}") from error


def _numbers(plan: _Plan) -> range:
    if (plan.count is None) == (plan.end is None):
        fault = "must specify count or end" if plan.count is None else "can't specify both count and end"
        raise LookupFailed(f"{fault} in with_sequence")
    if plan.stride == 0 or plan.count == 0:
        return range(0)
    end = plan.start + (plan.count or 0) * plan.stride - 1 if plan.end is None else plan.end
    way = 1 if plan.stride > 0 else -1
    if (end - plan.start) * way < 0:
        raise LookupFailed(
            "to count backwards make stride negative" if way > 0 else "to count forward don't make stride negative"
        )
    return range(plan.start, end + way, plan.stride)
