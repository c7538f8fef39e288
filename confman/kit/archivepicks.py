"""What of an archive is asked for, by patterns of names."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from confman.kit.archives import Entry
from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator


def is_chosen(entry: Entry, include: list[str], exclude: list[str]) -> bool:
    """Whether an entry is asked for: its name, or that of a folder it is in."""
    return (not include or bool(_hits(entry.name, include))) and not _hits(entry.name, exclude)


def kept_entries(entries: list[Entry], include: list[str], exclude: list[str], strip: int) -> Iterator[Entry]:
    """The entries that are asked for, with leading folders stripped. Raises Failure when an included one is missing."""
    missing = list(include)
    for entry in entries:
        hits = _hits(entry.name, include)
        missing = [pattern for pattern in missing if pattern not in hits]
        if (include and not hits) or _hits(entry.name, exclude):
            continue
        entry.name = _stripped(entry.name, strip)
        if entry.kind == "hardlink":
            entry.target = _stripped(entry.target, strip)
        if entry.name:
            yield entry
    if missing:
        raise Failure("failed to unpack: the archive does not hold {}".format(", ".join(missing)))


def _stripped(name: str, count: int) -> str:
    return "/".join(name.split("/")[count:])


def _hits(name: str, patterns: list[str]) -> list[str]:
    """The patterns that a name, or a folder it is in, matches."""
    return [pattern for pattern in patterns if _matches(name, pattern)]


def _matches(name: str, pattern: str) -> bool:
    """Whether a name, or a folder it is in, matches a pattern."""
    pattern = re.sub(r"^\./", "", pattern.rstrip("/"))
    parts = name.split("/")
    return any(fnmatch.fnmatchcase("/".join(parts[: n + 1]), pattern) for n in range(len(parts)))
