"""`version`: which of two versions is the newer one."""

from __future__ import annotations

import importlib
import operator
import re
from functools import total_ordering
from typing import TYPE_CHECKING, Any, Protocol

from confman.errors import TemplateError
from confman.templating.filters.values import text

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOSE = re.compile(r"(\d+|[a-z]+|\.)")
_STRICT = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?", re.ASCII)
_NUMBER = r"(?:0|[1-9]\d*)"
_PRE = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_SEMANTIC = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_PRE}(?:\.{_PRE})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("==", "=", "eq"), operator.eq),
    **dict.fromkeys(("<", "lt"), operator.lt),
    **dict.fromkeys(("<=", "le"), operator.le),
    **dict.fromkeys((">", "gt"), operator.gt),
    **dict.fromkeys((">=", "ge"), operator.ge),
    **dict.fromkeys(("!=", "<>", "ne"), operator.ne),
}


class Comparable(Protocol):
    """What versions are made into."""

    def __lt__(self, other: Any, /) -> bool: ...


def loose(version: str) -> list[int | str]:
    """Numbers and words between dots: comparable as long as numbers meet numbers."""
    parts = (part for part in _LOOSE.split(version) if part and part != ".")
    return [int(part) if part.isdecimal() else part for part in parts]


def strict(version: str) -> tuple[Any, ...]:
    """Two or three numbers and perhaps a pre-release `a1`, `b2`. Raises ValueError for anything else."""
    match = _STRICT.fullmatch(version)
    if match is None:
        raise ValueError(f"invalid version number {version!r}")
    major, minor, patch, stage, number = match.groups()
    # a release comes after its pre-releases
    return (int(major), int(minor), int(patch or 0)), (stage or "z", int(number or 0))


@total_ordering
class _Identifier:
    """A part of a semantic pre-release: numbers come before words."""

    def __init__(self, word: str) -> None:
        self.key: tuple[int, int, str] = (0, int(word), "") if word.isdecimal() else (1, 0, word)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identifier) and self.key == other.key

    def __lt__(self, other: _Identifier) -> bool:
        return self.key < other.key

    __hash__ = None  # type: ignore[assignment]  # compared only


def semantic(version: str) -> tuple[Any, ...]:
    """MAJOR.MINOR.PATCH-PRERELEASE+BUILD, the build not compared. Raises ValueError for anything else."""
    match = _SEMANTIC.fullmatch(version)
    if match is None:
        raise ValueError(f"invalid semantic version {version!r}")
    core = tuple(int(number) for number in match.groups()[:3])
    before = match[4]
    return core, before is None, [_Identifier(word) for word in (before or "").split(".") if word]


def pep440(version: str) -> Any:
    """A version of a Python package. Raises ValueError for anything else, TemplateError without `packaging`."""
    try:
        return importlib.import_module("packaging.version").Version(version)
    except ImportError as error:
        raise TemplateError("version_type pep440 needs Python's 'packaging'", hint="pip install packaging") from error


_TYPES: dict[str, Callable[[str], Any]] = {
    "loose": loose,
    "strict": strict,
    "semver": semantic,
    "semantic": semantic,
    "pep440": pep440,
}


def version(
    value: Any, version: Any, operator: str = "eq", strict: bool | None = None, version_type: str | None = None
) -> bool:
    """Whether a version is older, newer ... than another one.

    operator: ==, <, <=, >, >=, != or their names. version_type: loose, strict, semver or pep440. Raises
    TemplateError for versions that are malformed or cannot be compared.
    """
    if strict is not None and version_type is not None:
        raise TemplateError("Cannot specify both 'strict' and 'version_type'")
    if not value:
        raise TemplateError("Input version value cannot be empty")
    if not version:
        raise TemplateError("Version parameter to compare against cannot be empty")
    name = "strict" if strict else version_type or "loose"
    if name not in _TYPES:
        raise TemplateError(f"Invalid version type ({name}). Must be one of {', '.join(map(repr, _TYPES))}")
    if operator not in _OPERATORS:
        raise TemplateError(f"Invalid operator type ({operator}). Must be one of {', '.join(map(repr, _OPERATORS))}")
    try:
        return _OPERATORS[operator](_TYPES[name](text(value)), _TYPES[name](text(version)))
    except (ValueError, TypeError) as error:
        raise TemplateError(f"Version comparison failed: {error}") from error
