"""Copies that are kept of files about to be replaced."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

from confman.kit.checksum import file_chunks
from confman.kit.content import write_chunks
from confman.kit.metadata import read_xattrs, take_over
from confman.kit.paths import folder_of


def backup_name(path: str) -> str:
    """A name that is not taken for a copy of `path`: path.PID.YYYY-MM-DD@HH:MM:SS~, PID-2 and so on if need be.

    One agent does many tasks in a second: a copy must not replace the one before.
    """
    when = time.strftime("%Y-%m-%d@%H:%M:%S~")
    name = "{}.{}.{}".format(path, os.getpid(), when)
    number = 1
    while os.path.lexists(name):
        number += 1
        name = "{}.{}-{}.{}".format(path, os.getpid(), number, when)
    return name


def backup_file(path: str, system: Any = os) -> str:
    """Copy a file, with everything it carries, beside itself; the name of the copy. Raises OSError, Failure."""
    copy = backup_name(path)
    old = os.lstat(path)
    with folder_of(copy) as (folder, name):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = system.open(name, flags, 0o600, dir_fd=folder)
        try:
            write_chunks(descriptor, file_chunks(path), system)
            system.fchmod(descriptor, take_over(descriptor, old, read_xattrs(path), system))
            system.utime(descriptor, ns=(old.st_atime_ns, old.st_mtime_ns))
            system.fsync(descriptor)
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=folder)
            raise
        finally:
            os.close(descriptor)
    return copy
