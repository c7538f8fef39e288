"""Filters of the collection community.general."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Hashable, Iterable, Mapping
from random import Random, SystemRandom
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.merging import LIST_MERGES, merge
from confman.templating.filters.sets import difference, intersect, symmetric_difference, union
from confman.templating.filters.values import is_sequence, kind, text

_WORD = re.compile(r"(\d+|[a-z]+|\.)")
_DURATION = re.compile(r"(-?)(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_UNITS: dict[str, float] = {
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), 1.0),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", ""), 1000.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60_000.0),
    **dict.fromkeys(("h", "hour", "hours"), 3_600_000.0),
    **dict.fromkeys(("d", "day", "days"), 86_400_000.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800_000.0),
    **dict.fromkeys(("mo", "month", "months"), 2_592_000_000.0),
    **dict.fromkeys(("y", "year", "years"), 31_536_000_000.0),
}


def dict_of(pairs: Any) -> dict[Any, Any]:
    """A mapping from a list of pairs."""
    if not is_sequence(pairs):
        raise TemplateError(f"dict expects a list of pairs, got {kind(pairs)}")
    try:
        return {key: value for key, value in pairs}  # noqa: C416  # lists that render must be iterated over
    except (TypeError, ValueError) as error:
        raise TemplateError(f"dict expects a list of pairs: {error}") from error


def dict_kv(value: Any, key: Any) -> dict[Any, Any]:
    """A mapping with one item: the value at `key`."""
    return {key: value}


def counter(values: Any) -> dict[Any, int]:
    """How often each item of a list is in it."""
    if not is_sequence(values):
        raise TemplateError(f"Argument for community.general.counter must be a sequence, got {kind(values)}")
    counts: dict[Any, int] = {}
    for value in values:
        if not isinstance(value, Hashable):
            raise TemplateError(f"community.general.counter cannot count items of type {kind(value)}")
        counts[value] = counts.get(value, 0) + 1
    return counts


def version_sort(values: Any, reverse: bool = False) -> list[Any]:
    """Versions, the oldest first."""
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise TemplateError(f"version_sort expects a list, got {kind(values)}")
    return sorted(values, key=_version, reverse=bool(reverse))


def _version(value: Any) -> list[tuple[int, int, str]]:
    """A key of a version: words come before numbers, so that any two can be compared."""
    parts = (part for part in _WORD.split(text(value)) if part and part != ".")
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def groupby_as_dict(values: Any, attribute: Any) -> dict[Any, Any]:
    """Mappings by what each has at an attribute. Raises TemplateError when two have the same."""
    if not is_sequence(values):
        raise TemplateError(f"Input is not a sequence, but {kind(values)}")
    result: dict[Any, Any] = {}
    for index, item in enumerate(values):
        if not isinstance(item, Mapping):
            raise TemplateError(f"Sequence element #{index} is not a mapping")
        if attribute not in item:
            raise TemplateError(f"Attribute {attribute!r} not contained in element #{index} of sequence")
        if item[attribute] in result:
            raise TemplateError(f"Multiple sequence entries have attribute value {item[attribute]!r}")
        result[item[attribute]] = item
    return result


def lists_mergeby(*terms: Any, recursive: bool = False, list_merge: str = "replace") -> list[Any]:
    """Lists of mappings as one: those with the same value at the last argument are merged. Sorted by that."""
    *lists, index = terms
    if list_merge not in LIST_MERGES:
        raise TemplateError(f"lists_mergeby does not know list_merge={list_merge!r}")
    if not lists or not isinstance(index, str):
        raise TemplateError("lists_mergeby expects lists and the name of a key")
    merged: dict[Any, dict[Any, Any]] = {}
    for item in (item for items in lists for item in _flat(items)):
        if not isinstance(item, Mapping):
            raise TemplateError(f"Elements of list arguments for lists_mergeby must be dictionaries, not {kind(item)}")
        if index in item:
            key = item[index]
            merged[key] = merge(merged.get(key, {}), item, recursive=recursive, lists=list_merge)
    return [merged[key] for key in sorted(merged, key=lambda key: (str(type(key)), key))]


def _flat(items: Any) -> list[Any]:
    if not is_sequence(items):
        raise TemplateError(f"All arguments before the key for lists_mergeby must be lists, not {kind(items)}")
    return [one for item in items for one in (item if is_sequence(item) else [item])]


def lists_union(*lists: Any, flatten: bool = False) -> list[Any]:
    """What is in one of several lists."""
    return _folded(lists, union, flatten=flatten)


def lists_intersect(*lists: Any, flatten: bool = False) -> list[Any]:
    """What is in all of several lists."""
    return _folded(lists, intersect, flatten=flatten)


def lists_difference(*lists: Any, flatten: bool = False) -> list[Any]:
    """What is in the first of several lists but in none of the others."""
    return _folded(lists, difference, flatten=flatten)


def lists_symmetric_difference(*lists: Any, flatten: bool = False) -> list[Any]:
    """The symmetric difference of lists, one after the other."""
    return _folded(lists, symmetric_difference, flatten=flatten)


def _folded(lists: tuple[Any, ...], function: Any, *, flatten: bool) -> list[Any]:
    chosen = [item for outer in lists for item in outer] if flatten else list(lists)
    if not chosen or not all(is_sequence(each) for each in chosen):
        raise TemplateError("All arguments of filters of lists must be lists")
    result = union(chosen[0], [])
    for following in chosen[1:]:
        result = function(result, following)
    return result


def random_mac(value: Any, seed: Any = None) -> str:
    """A MAC address that begins with a prefix of one to five bytes, the rest by chance."""
    if not isinstance(value, str):
        raise TemplateError(f"Invalid value type ({kind(value)}) for random_mac ({value}), use a string")
    parts = value.lower().split(":")
    if not 1 <= len(parts) <= 5 or not all(re.fullmatch("[0-9a-f]{2}", part) for part in parts):
        raise TemplateError(f"Invalid value ({value}) for random_mac: it must be one to five hexadecimal bytes")
    generator = SystemRandom() if seed is None else Random(text(seed))  # noqa: S311  # seeded on purpose
    missing = 6 - len(parts)
    digits = f"{generator.randrange(1 << 8 * missing):0{2 * missing}x}"
    return ":".join([*parts, *(digits[at : at + 2] for at in range(0, len(digits), 2))])


def unicode_normalize(value: Any, form: str = "NFC") -> str:
    """A text in a normal form of Unicode: NFC, NFD, NFKC or NFKD."""
    if not isinstance(value, str):
        raise TemplateError(f"Invalid data type provided, expecting string, got {kind(value)}")
    if form not in {"NFC", "NFD", "NFKC", "NFKD"}:
        raise TemplateError(f"Invalid form parameter supplied: {form!r}")
    return unicodedata.normalize(form, str(value))  # type: ignore[arg-type]  # checked above


def from_csv(
    value: Any,
    dialect: str = "excel",
    fieldnames: Any = None,
    delimiter: str | None = None,
    skipinitialspace: bool | None = None,
    strict: bool | None = None,
) -> list[dict[str, Any]]:
    """The rows of a CSV text as mappings; the first row names the columns unless `fieldnames` does."""
    given = {"delimiter": delimiter, "skipinitialspace": skipinitialspace, "strict": strict}
    options: dict[str, Any] = {name: option for name, option in given.items() if option is not None}
    names = None if fieldnames is None else [text(name) for name in fieldnames]
    try:
        return list(csv.DictReader(io.StringIO(text(value)), names, dialect=dialect, **options))
    except (csv.Error, TypeError, ValueError) as error:
        raise TemplateError(f"from_csv: unable to process the text: {error}") from error


def to_time_unit(value: Any, unit: str = "ms", **lengths: Any) -> float:
    """A duration such as `1h 30m` in a unit; `year` and `month` are their lengths in days."""
    units = dict(_UNITS)
    for name, days in lengths.items():
        if name not in {"year", "month"}:
            raise TemplateError(f"to_time_unit() got unknown keyword argument: {name}")
        short = "y" if name == "year" else "mo"
        units.update(dict.fromkeys((short, name, f"{name}s"), float(days) * 86_400_000.0))
    if unit not in units:
        raise TemplateError(f"to_time_unit() can not convert to the following unit: {unit}")
    total = 0.0
    for word in text(value).split():
        match = _DURATION.fullmatch(word)
        if match is None or match[3] not in units:
            raise TemplateError(f"to_time_unit() can not interpret following string: {word}")
        total += float(match[1] + match[2]) * units[match[3]]
    return round(total / units[unit], 12)


def to_milliseconds(value: Any, **lengths: Any) -> float:
    """A duration in milliseconds."""
    return to_time_unit(value, "ms", **lengths)


def to_seconds(value: Any, **lengths: Any) -> float:
    """A duration in seconds."""
    return to_time_unit(value, "s", **lengths)


def to_minutes(value: Any, **lengths: Any) -> float:
    """A duration in minutes."""
    return to_time_unit(value, "m", **lengths)


def to_hours(value: Any, **lengths: Any) -> float:
    """A duration in hours."""
    return to_time_unit(value, "h", **lengths)


def to_days(value: Any, **lengths: Any) -> float:
    """A duration in days."""
    return to_time_unit(value, "d", **lengths)
