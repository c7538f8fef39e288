"""Room on file systems, asked before writing."""

from __future__ import annotations

import os

from confman.kit.change import Failure
from confman.kit.text import human_size


def mount_point(path: str) -> str:
    """The folder at which the file system of an existing path is mounted."""
    here = os.path.realpath(path)
    while not os.path.ismount(here):
        here = os.path.dirname(here)
    return here


def ensure_space(descriptor: int, folder: str, need: int) -> None:
    """Raise Failure when the file system of an open folder has not `need` bytes for us.

    File systems that do not count (size 0) pass.
    """
    try:
        found = os.statvfs(descriptor)
    except OSError:
        return
    blocks = found.f_bfree if os.geteuid() == 0 else found.f_bavail
    have = blocks * found.f_frsize
    if found.f_blocks and have < need:
        raise no_space(folder, need, have)
    if found.f_files and not found.f_ffree:
        raise Failure("no inodes left on {}".format(mount_point(folder)), path=folder)


def no_space(folder: str, need: int, have: int) -> Failure:
    """The failure that says where room is missing, and how much."""
    return Failure(
        "no space left on {}: need {}, have {}".format(mount_point(folder), human_size(need), human_size(have)),
        path=folder,
    )
