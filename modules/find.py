"""Files that fulfil conditions."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Warn
from confman.kit.checksum import digest_file
from confman.kit.mode import parse_mode, plain_mode_text
from confman.kit.text import os_reason
from confman.kit.users import group_name, user_name

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_KINDS = {"file": stat.S_ISREG, "directory": stat.S_ISDIR, "link": stat.S_ISLNK}
_BITS = ("RUSR", "WUSR", "XUSR", "RGRP", "WGRP", "XGRP", "ROTH", "WOTH", "XOTH")


def find(
    paths: Annotated[list[Path], "name", "path"],
    patterns: Annotated[list[str], "pattern"] = [],  # noqa: B006 - the spec's default; never changed
    excludes: Annotated[list[str] | None, "exclude"] = None,
    contains: str | None = None,
    read_whole_file: bool = False,
    file_type: Literal["any", "directory", "file", "link"] = "file",
    age: str | None = None,
    age_stamp: Literal["atime", "ctime", "mtime"] = "mtime",
    size: str | None = None,
    recurse: bool = False,
    hidden: bool = False,
    follow: bool = False,
    get_checksum: bool = False,
    checksum_algorithm: Annotated[
        Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"], "checksum", "checksum_algo"
    ] = "sha1",
    use_regex: bool = False,
    depth: int | None = None,
    mode: Mode | None = None,
    exact_mode: bool = True,
    encoding: str | None = None,
    limit: int | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Look for files, folders or links; nothing is changed.

    Args:
        paths: The folders to look in.
        patterns: Names that count, as shell patterns, or as expressions if `use_regex`. Default: all.
        excludes: Names that do not count, written like `patterns`.
        contains: An expression that a line of the file must match from its beginning.
        read_whole_file: Look for `contains` anywhere in the whole file instead.
        file_type: What to look for.
        age: At least so old, or at most if negative: seconds, or with s, m, h, d, w.
        age_stamp: Which time counts.
        size: At least so large, or at most if negative: bytes, or with b, k, m, g, t.
        recurse: Look in the folders below too.
        hidden: Names that begin with a dot count too.
        follow: Go into folders that are reached by links.
        get_checksum: Give the digests of regular files.
        checksum_algorithm: Which digest.
        use_regex: `patterns` and `excludes` are regular expressions, that match from the beginning.
        depth: How many levels to go down; needs `recurse`.
        mode: Permissions that the object must have.
        exact_mode: It must have just these, not at least one of them.
        encoding: How the files that `contains` looks into are encoded.
        limit: Stop after so many.

    Returns:
        files: What was found, each a mapping with path, mode, size, uid, gid, times and more, as stat gives.
        matched: How many.
        examined: How many objects were looked at.
        skipped_paths: A mapping of paths that could not be looked at, and why.
        msg: Whether all paths were looked at.

    Examples:
        - find:
            paths: /tmp
            age: 2d
            recurse: true
        - find:
            paths: [/var/log, /opt/app/log]
            patterns: ["*.old", "*.log.gz"]
            size: 1m
        - find:
            paths: /etc/app
            file_type: directory
            use_regex: true
            patterns: "^app[0-9]+$"

    Platforms: any with Python 3.6.
    """
    if limit is not None and limit <= 0:
        raise Failure("limit cannot be {}; leave it out for no limit".format(limit))
    ask = SimpleNamespace(**locals())
    search = _Search(_conditions(ask), checksum_algorithm if get_checksum else None, limit)
    for top in paths:
        if os.path.isdir(top):
            yield from search.below(top, ask)
        else:
            search.skipped[top] = "'{}' is not a directory".format(top)
            yield Warn("skipped {}: it is not a directory".format(top))
    return {
        "files": search.found,
        "matched": len(search.found),
        "examined": search.examined,
        "skipped_paths": search.skipped,
        "msg": search.message(),
    }


class _Search:
    """What was found so far, and what could not be looked at. algorithm: of the digests, None for none."""

    def __init__(self, wanted: _Wanted, algorithm: str | None, limit: int | None) -> None:
        self.wanted = wanted
        self.algorithm = algorithm
        self.limit = limit
        self.found = []  # type: list[dict[str, Any]]
        self.skipped = {}  # type: dict[str, str]
        self.examined = 0
        self.full = False

    def below(self, top: str, ask: Any) -> Iterator[Warn]:
        """Look at what is below a folder, until the limit is reached; once it was, only each folder's size counts."""
        for count, path in _walk(top, ask.recurse, ask.follow, ask.depth, self.skipped):
            self.examined += count
            if path is None or self.full:
                continue
            try:
                self._look_at(path)
            except OSError as error:
                self.skipped[path] = os_reason(error)
                yield Warn("skipped {}: {}".format(path, self.skipped[path]))
            except (UnicodeError, LookupError) as error:
                self.skipped[top] = _not_read(path, ask.encoding, error)
                yield Warn("skipped {}: {}".format(top, self.skipped[top]))
                return
            if len(self.found) == self.limit:
                self.full = True
                return

    def _look_at(self, path: str) -> None:
        state = os.lstat(path)
        if self.wanted(path, state):
            self.found.append(_describe(path, state, self.algorithm))

    def message(self) -> str:
        """How it went."""
        if self.skipped:
            return "Not all paths examined, check warnings for details"
        return "Limit of matches reached" if self.full else "All paths examined"


def _conditions(ask: Any) -> _Wanted:
    """The conditions that are asked for. Raises Failure."""
    wanted = _Wanted(ask.file_type, ask.hidden)
    wanted.add(_names(ask.patterns or [".*" if ask.use_regex else "*"], ask.excludes or [], ask.use_regex))
    wanted.add(_aged(_amount("age", ask.age, _SECONDS), ask.age_stamp))
    wanted.add(_sized(_amount("size", ask.size, _BYTES), ask.file_type))
    wanted.add(_moded(ask.mode, ask.exact_mode))
    if ask.file_type == "file":
        wanted.add(_containing(ask.contains, ask.read_whole_file, ask.encoding))
    return wanted


class _Wanted:
    """All conditions together."""

    def __init__(self, file_type: str, hidden: bool) -> None:
        self.kind = _KINDS.get(file_type)
        self.hidden = hidden
        self.tests = []  # type: list[Callable[[str, os.stat_result], bool]]

    def add(self, test: Callable[[str, os.stat_result], bool] | None) -> None:
        """One condition more; None is none."""
        if test is not None:
            self.tests.append(test)

    def __call__(self, path: str, state: os.stat_result) -> bool:
        """Whether an object fulfils them."""
        if not self.hidden and os.path.basename(path).startswith("."):
            return False
        if self.kind is not None and not self.kind(state.st_mode):
            return False
        return all(test(path, state) for test in self.tests)


def _walk(
    top: str, recurse: bool, follow: bool, depth: int | None, skipped: dict[str, str]
) -> Iterator[tuple[int, str | None]]:
    """How many objects each folder holds (with None), and each object's path (with 0); a link back is not gone into."""

    def failed(error: OSError) -> None:
        skipped[str(error.filename)] = os_reason(error)

    for root, folders, files in os.walk(top, onerror=failed, followlinks=follow):
        if follow and os.path.islink(root) and _is_within(os.path.dirname(root), os.path.realpath(root)):
            del folders[:]
            continue
        yield len(files) + len(folders), None
        below = root[len(top.rstrip("/")) :].count("/") + 1
        if depth and below > depth:
            del folders[:]
            continue
        for name in files + folders:
            yield 0, os.path.normpath(os.path.join(root, name))
        if not recurse:
            del folders[:]


def _is_within(path: str, folder: str) -> bool:
    return (os.path.realpath(path) + "/").startswith(folder.rstrip("/") + "/")


def _amount(name: str, text: str | None, units: dict[str, int]) -> int | None:
    if text is None:
        return None
    match = re.match("(-?[0-9]+)([{}])?$".format("".join(units)), str(text).lower())
    if match is None:
        raise Failure(
            "failed to process {}: {!r} is not a number with a unit of {}".format(name, text, ", ".join(units))
        )
    return int(match.group(1)) * units.get(match.group(2) or "", 1)


def _names(patterns: list[str], excludes: list[str], use_regex: bool) -> Callable[[str, os.stat_result], bool]:
    try:
        wanted, unwanted = [
            [re.compile(text if use_regex else fnmatch.translate(text)) for text in texts]
            for texts in (patterns, excludes)
        ]
    except re.error as error:
        raise Failure("patterns and excludes must be regular expressions: {}".format(error)) from None

    def test(path: str, _state: os.stat_result) -> bool:
        name = os.path.basename(path)
        return any(one.match(name) for one in wanted) and not any(one.match(name) for one in unwanted)

    return test


def _aged(age: int | None, stamp: str) -> Callable[[str, os.stat_result], bool] | None:
    if age is None:
        return None
    now = time.time()

    def test(_path: str, state: os.stat_result) -> bool:
        passed = now - float(getattr(state, "st_" + stamp))
        return passed >= age if age >= 0 else passed <= -age

    return test


def _sized(size: int | None, file_type: str) -> Callable[[str, os.stat_result], bool] | None:
    if size is None or file_type not in ("file", "any"):
        return None

    def test(_path: str, state: os.stat_result) -> bool:
        if not stat.S_ISREG(state.st_mode):
            return True
        return state.st_size >= size if size >= 0 else state.st_size <= -size

    return test


def _moded(mode: Any, exact: bool) -> Callable[[str, os.stat_result], bool] | None:
    if mode is None:
        return None
    if not isinstance(mode, str):
        raise Failure("mode must be a text, quoted in YAML, not the number {}".format(mode))
    bits = parse_mode(mode, 0)

    def test(_path: str, state: os.stat_result) -> bool:
        have = stat.S_IMODE(state.st_mode)
        return have == bits if exact else bool(have & bits)

    return test


def _not_read(path: str, encoding: str | None, error: Exception) -> str:
    """Why what a file contains could not be told."""
    if isinstance(error, LookupError):
        return str(error)
    return "Failed to read the file {} due to an encoding error. current encoding: {}".format(path, encoding or "utf-8")


def _containing(pattern: str | None, whole: bool, encoding: str | None) -> Callable[[str, os.stat_result], bool] | None:
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise Failure("contains is no regular expression: {}".format(error)) from None

    def test(path: str, _state: os.stat_result) -> bool:
        with open(path, encoding=encoding or "utf-8") as stream:
            if whole:
                return compiled.search(stream.read()) is not None
            return any(compiled.match(line) for line in stream)

    return test


def _describe(path: str, state: os.stat_result, algorithm: str | None) -> dict[str, Any]:
    mode = state.st_mode
    data = {
        "path": path,
        "mode": plain_mode_text(mode),
        "uid": state.st_uid,
        "gid": state.st_gid,
        "size": state.st_size,
        "inode": state.st_ino,
        "dev": state.st_dev,
        "nlink": state.st_nlink,
        "atime": state.st_atime,
        "mtime": state.st_mtime,
        "ctime": state.st_ctime,
        "pw_name": user_name(state.st_uid),
        "gr_name": group_name(state.st_gid),
        "isuid": bool(mode & stat.S_ISUID),
        "isgid": bool(mode & stat.S_ISGID),
    }  # type: dict[str, Any]
    for name in ("DIR", "CHR", "BLK", "REG", "FIFO", "LNK", "SOCK"):
        data["is" + name.lower()] = getattr(stat, "S_IS" + name)(mode)
    for bit in _BITS:
        data[bit.lower()] = bool(mode & getattr(stat, "S_I" + bit))
    if algorithm is not None and stat.S_ISREG(mode):
        data["checksum"] = digest_file(path, algorithm)
    return data
