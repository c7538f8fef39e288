"""Opening paths without being led astray by a symbolic link that someone else put there.

A real path (no links in it) is opened component by component, none of which may be a link. So a folder that
was swapped for a link between looking and acting gives an error, not a write elsewhere.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATH_ONLY = getattr(os, "O_PATH", os.O_RDONLY)
_FOLDER = _PATH_ONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def place_of(path: str, follow: bool) -> str:
    """Where a write to `path` lands: the link's target if `follow`, else the name itself in its real folder."""
    if follow:
        return os.path.realpath(path)
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def open_folder(real: str) -> int:
    """A descriptor of a folder given by its real path. Raises OSError (ELOOP or ENOTDIR: a link is in the way)."""
    here = os.open("/", _FOLDER)
    try:
        for part in os.path.abspath(real).split("/"):
            if part:
                below = os.open(part, _FOLDER, dir_fd=here)
                os.close(here)
                here = below
    except BaseException:
        os.close(here)
        raise
    return here


@contextmanager
def folder_of(place: str) -> Iterator[tuple[int, str]]:
    """The descriptor of the folder of a `place_of` path, and the name in it. Raises Failure."""
    folder, name = os.path.split(place)
    try:
        descriptor = open_folder(folder)
    except FileNotFoundError:
        raise Failure("Destination directory {} does not exist".format(folder)) from None
    except OSError as error:
        raise Failure("cannot open directory {}: {}".format(folder, os_reason(error))) from None
    try:
        yield descriptor, name
    finally:
        os.close(descriptor)


@contextmanager
def opened(place: str) -> Iterator[tuple[int, str]]:
    """The object itself (never what a link points to): its descriptor, and a path that means this very object.

    The path is /proc/self/fd/N where there is /proc, which follows no link; else `place`. Raises OSError.
    """
    folder, name = os.path.split(place)
    parent = open_folder(folder)
    try:
        descriptor = os.open(name or ".", _PATH_ONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    finally:
        os.close(parent)
    try:
        handle = "/proc/self/fd/{}".format(descriptor)
        yield descriptor, handle if os.path.exists(handle) else place
    finally:
        os.close(descriptor)


def lstat_or_none(path: str) -> os.stat_result | None:
    """The state of the object itself, or None when it is not there. Raises Failure when it cannot be seen."""
    return _stat_or_none(path, os.lstat)


def stat_or_none(path: str) -> os.stat_result | None:
    """The state of what the path leads to, or None when it leads nowhere. Raises Failure."""
    return _stat_or_none(path, os.stat)


def _stat_or_none(path: str, look: Callable[[str], os.stat_result]) -> os.stat_result | None:
    try:
        return look(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else str(error)
        raise Failure("cannot look at {}: {}".format(path, reason), path=path) from None


def state_of(path: str) -> str:
    """absent, link, directory, hard (a file with several names) or file (anything else)."""
    found = lstat_or_none(path)
    if found is None:
        return "absent"
    if stat.S_ISLNK(found.st_mode):
        return "link"
    if stat.S_ISDIR(found.st_mode):
        return "directory"
    return "hard" if found.st_nlink > 1 else "file"


KINDS = (
    (stat.S_ISREG, "regular file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "fifo"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "character device"),
    (stat.S_ISBLK, "block device"),
)


def kind_of(mode: int) -> str:
    """What an st_mode is, in words."""
    return next((name for test, name in KINDS if test(mode)), "special file")


def missing_folders(path: str) -> list[str]:
    """The folders that must be made so that `path` is one, outermost first."""
    missing = []  # type: list[str]
    path = path.rstrip("/") or "/"
    while path and not os.path.isdir(path):
        if os.path.lexists(path) and not os.path.isdir(path):
            raise Failure("{} already exists and is not a directory".format(path), path=path)
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing
