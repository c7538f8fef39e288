"""Filters with regular expressions."""

from __future__ import annotations

import functools
import re
import warnings
from typing import Any

from confman.errors import TemplateError
from confman.templating.filters.values import kind, text

_NAMED = re.compile(r"\\g<(\S+)>")
_NUMBERED = re.compile(r"\\(\d+)")
_BASIC = re.compile(r"[\][.^$*\\]")


def compile_pattern(pattern: Any, *, ignorecase: Any = False, multiline: Any = False) -> re.Pattern[str]:
    """A compiled pattern. Raises TemplateError for one that is malformed."""
    if not isinstance(pattern, str):
        raise TemplateError(f"a regular expression must be text, not {kind(pattern)}")
    return _compiled(str(pattern), (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0))


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a later Python may read otherwise is not the user's concern
            return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise TemplateError(f"{pattern!r} is not a regular expression: {error}") from error


def regex_replace(
    value: Any = "",
    pattern: Any = "",
    replacement: Any = "",
    ignorecase: bool = False,
    multiline: bool = False,
    count: int = 0,
    mandatory_count: int = 0,
) -> str:
    r"""The text with every match of a pattern replaced; `\1` and `\g<name>` stand for groups.

    count: at most so many; mandatory_count: raise TemplateError unless there were exactly so many.
    """
    compiled = compile_pattern(pattern, ignorecase=ignorecase, multiline=multiline)
    subject = text(value)
    try:
        result, found = compiled.subn(str(replacement) if isinstance(replacement, str) else replacement, subject, count)
    except (re.error, IndexError) as error:
        raise TemplateError(f"the replacement {replacement!r} does not fit {str(pattern)!r}: {error}") from error
    if mandatory_count and mandatory_count != found:
        raise TemplateError(f"{str(pattern)!r} should match {mandatory_count} times, but matches {found} times")
    return result


def regex_search(value: Any, regex: Any, *groups: Any, ignorecase: bool = False, multiline: bool = False) -> Any:
    r"""The first match, or its groups that were asked for (`'\\1'`, `'\\g<name>'`) as a list; None without one."""
    wanted = [_group(group) for group in groups]
    match = compile_pattern(regex, ignorecase=ignorecase, multiline=multiline).search(text(value))
    if match is None:
        return None
    if not wanted:
        return match.group()
    try:
        return [match.group(group) for group in wanted]
    except IndexError as error:
        raise TemplateError(f"{str(regex)!r} has no group {error.args[0]!r}" if error.args else str(error)) from error


def _group(reference: Any) -> str | int:
    named = _NAMED.match(reference) if isinstance(reference, str) else None
    if named:
        return named[1]
    numbered = _NUMBERED.match(reference) if isinstance(reference, str) else None
    if numbered:
        return int(numbered[1])
    raise TemplateError(f"{reference!r} does not name a group", hint=r"groups are written '\\1' or '\\g<name>'")


def regex_findall(value: Any, regex: Any, multiline: bool = False, ignorecase: bool = False) -> list[Any]:
    """All matches, or the groups of each match."""
    return compile_pattern(regex, ignorecase=ignorecase, multiline=multiline).findall(text(value))


def regex_escape(value: Any, re_type: str = "python") -> str:
    """A text as a regular expression that matches it literally; re_type: python or posix_basic."""
    subject = text(value)
    if re_type == "python":
        return re.escape(subject)
    if re_type == "posix_basic":
        return _BASIC.sub(r"\\\g<0>", subject)
    hint = "types: python, posix_basic"
    if re_type == "posix_extended":
        raise TemplateError(f"Regex type ({re_type}) not yet implemented", hint=hint)
    raise TemplateError(f"Invalid regex type ({re_type})", hint=hint)
