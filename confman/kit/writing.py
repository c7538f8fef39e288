"""The changes that modules plan when a file is to get a content."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

from confman.kit.attributes import Attributes, plan
from confman.kit.change import Change, Failure, Warn
from confman.kit.checksum import digest_bytes, digest_file
from confman.kit.content import Data
from confman.kit.paths import kind_of, lstat_or_none, stat_or_none
from confman.kit.replace import How, edit_file, read_file, replace_file
from confman.kit.spec import Blob
from confman.kit.text import DIFF_LIMIT, content_diff, os_reason, to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping


def digest_or_none(path: str, algorithm: str = "sha1") -> str | None:
    """The digest of the regular file that a path leads to; None when there is none or it cannot be read."""
    try:
        return digest_file(path, algorithm) if os.path.isfile(path) else None
    except OSError:
        return None


def holds(path: str, source: Blob) -> bool:
    """Whether a regular file has this content already: sizes are compared first, then digests."""
    try:
        found = os.stat(path)
        return stat.S_ISREG(found.st_mode) and found.st_size == source.size and digest_file(path) == source.sha1
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise Failure("cannot read {}: {}".format(path, os_reason(error)), path=path) from None


def write_content(
    path: str, source: Blob, how: How, upkeep: Attributes | None = None, folder_planned: bool = False
) -> Iterator[Change | Warn]:
    """The changes that give a path a content and attributes, whatever is needed of both.

    upkeep: the attributes that a file with the right content must have; by default those it is written with.
    folder_planned: other changes of this plan make the folder.
    """
    there = lstat_or_none(path)
    replaced_link = there is not None and stat.S_ISLNK(there.st_mode) and not how.follow
    if not replaced_link:
        refuse_special(path)
    if replaced_link or not holds(path, source):
        if not folder_planned:
            yield from warn_of_missing_folder(path)
        yield Change(
            "file",
            path,
            before=_summary(path),
            after={"sha1": source.sha1, "size": source.size},
            do=lambda: replace_file(path, source, how),
            diff=lambda: _diff(path, source),
        )
    planned = "" if os.path.exists(path) and not replaced_link else "file"
    yield from plan(path, upkeep or how.wish, follow=True, planned=planned)


def edit_content(
    path: str,
    old: bytes | None,
    edit: Callable[[bytes], bytes],
    how: How,
    told: Mapping[str, Any] | None = None,
    header: str = "{} (content)",
) -> Iterator[Change | Warn]:
    """The changes that edit a file (`old` None: make it, from nothing), and give it its attributes.

    The edit is computed again from what the file holds at the time of writing. told: result data if it is
    written. An edit that would go on changing its own outcome is warned of. header: how a diff calls the path.
    """
    refuse_special(path)
    new = edit(old or b"")
    if old != new:
        settled = edit(new) == new
        if not settled:
            yield Warn("editing {} like this changes it on every run".format(path))
        yield Change(
            "file",
            path,
            before=None if old is None else {"sha1": digest_bytes(old), "size": len(old)},
            after={"sha1": digest_bytes(new), "size": len(new)},
            do=lambda: _write_edit(path, edit, how, told or {}),
            diff=lambda: content_diff(path, old, new, header),
            once=not settled,
        )
    yield from plan(path, how.wish, follow=True, planned="" if old is not None else "file")


def edit_and_tell(
    path: str,
    old: bytes | None,
    edit: Callable[[bytes], bytes],
    how: How,
    told: Mapping[str, Any],
    header: str = "{} (content)",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """As `edit_content`; returns `told`, whose `msg` then says too that attributes change."""
    told = dict(told)
    for step in edit_content(path, old, edit, how, told, header):
        if isinstance(step, Change) and step.kind == "attributes":
            told["msg"] = " and ".join(filter(None, (told["msg"], "ownership, perms or SE linux context changed")))
            then_tell(step, lambda: {"msg": told["msg"]})
        yield step
    return told


def _write_edit(path: str, edit: Callable[[bytes], bytes], how: How, told: Mapping[str, Any]) -> dict[str, Any]:
    kept = edit_file(path, lambda now: edit(now or b""), how)
    if "backup_file" in kept:
        kept["backup"] = kept["backup_file"]
    return dict(told, **kept)


def text_to_edit(path: str, create: bool, called: str = "Path") -> bytes | None:
    """What the file to be edited holds; None when it is to be made. Raises Failure (rc 256 and 257)."""
    if os.path.isdir(path):
        raise Failure("{} {} is a directory !".format(called, path), rc=256, path=path)
    old = read_file(path)
    if old is None and not create:
        raise Failure("{} {} does not exist !".format(called, path), rc=257, path=path, _lacks=path)
    return old


def compile_pattern(name: str, pattern: str | None, flags: int = 0) -> re.Pattern[bytes] | None:
    """A parameter's regular expression, over bytes. Raises Failure naming the parameter."""
    if pattern is None:
        return None
    try:
        return re.compile(to_bytes(pattern), flags)
    except re.error as error:
        raise Failure("{} is not a regular expression ({}): {!r}".format(name, error, pattern)) from None


def then_tell(step: Change | Warn, tell: Callable[[], Mapping[str, Any]]) -> Change | Warn:
    """A step whose action also gives result data, asked for after it; for modules that are not planned twice."""
    if isinstance(step, Change):
        do = step.do
        step.do = lambda: dict(do() or {}, **tell())
    return step


def refuse_special(path: str) -> None:
    """Raise Failure when a path leads to something that is neither a file nor nothing."""
    there = stat_or_none(path)
    if there is not None and not stat.S_ISREG(there.st_mode):
        raise Failure("{} is a {}, not a file; it was left alone".format(path, kind_of(there.st_mode)), path=path)


def warn_of_missing_folder(path: str) -> Iterator[Warn]:
    """A warning when the folder a file is to be written in does not exist; writing will say so for good."""
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        yield Warn("directory {} does not exist".format(folder))


def _summary(path: str) -> dict[str, Any] | None:
    found = lstat_or_none(path)
    if found is None:
        return None
    if stat.S_ISLNK(found.st_mode):
        return {"link": os.readlink(path)}
    return {"sha1": digest_or_none(path), "size": found.st_size}


def _diff(path: str, source: Blob) -> dict[str, Any]:
    old = os.path.getsize(path) if os.path.isfile(path) else 0
    if source.size > DIFF_LIMIT or old > DIFF_LIMIT:
        side = "source" if source.size > DIFF_LIMIT else "destination"
        return {"prepared": "diff skipped: {} file size is greater than {}\n".format(side, DIFF_LIMIT)}
    return content_diff(path, read_file(path), source.read(), "{}")


def data_or_blob(content: str | bytes | Blob) -> Blob:
    """A content as a Blob, whatever it came as."""
    if isinstance(content, Blob):
        return content
    return Data(content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape"))
