"""Results about files, and the small acts on files that several modules share."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from confman.kit.attributes import Attributes, new_mode, put_on
from confman.kit.change import Change, Failure
from confman.kit.paths import folder_of, missing_folders, place_of, state_of
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator


def make_folders(path: str, wish: Attributes | None = None) -> Iterator[Change]:
    """A change for every folder that is missing on the way to and including `path`."""
    for folder in missing_folders(path):
        yield folder_change(folder, wish or Attributes())


def folder_change(path: str, wish: Attributes) -> Change:
    """The making of one folder, private until it has its attributes."""
    return Change(
        "directory",
        path,
        before=None,
        after="directory",
        do=lambda: make_folder(path, wish),
        diff={"before": {"path": path, "state": "absent"}, "after": {"path": path, "state": "directory"}},
    )


def make_folder(path: str, wish: Attributes, exact: bool = False) -> None:
    """Make a folder whose parent exists. One that another made meanwhile is fine. Raises Failure.

    exact: the path is a real one; a link found in it is an error.
    """
    try:
        with folder_of(path if exact else place_of(path, True)) as (parent, name):
            asked = wish.asked()
            os.mkdir(name, 0o700 if asked else 0o777, dir_fd=parent)
            if not asked:
                return
            inherited = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode & stat.S_ISGID
            descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
            try:
                put_on(descriptor, path, wish, new_mode(is_directory=True) | inherited)
            except Failure:
                os.rmdir(name, dir_fd=parent)
                raise
            finally:
                os.close(descriptor)
    except FileExistsError:
        if not os.path.isdir(path):
            raise Failure("{} already exists and is not a directory".format(path), path=path) from None
    except OSError as error:
        raise Failure("cannot make directory {}: {}".format(path, os_reason(error)), path=path) from None


def remove_path(path: str) -> None:
    """Remove a file, a link or a whole folder; what is gone already is fine. Raises Failure."""
    try:
        if state_of(path) == "directory":
            shutil.rmtree(path)
        else:
            with suppress(FileNotFoundError):
                os.unlink(path)
    except OSError as error:
        raise Failure("cannot remove {}: {}".format(path, os_reason(error)), path=path) from None
