"""What a file carries besides its content, taken over to the file that replaces it."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

_NOT_OURS = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL, errno.ENOENT)


def read_xattrs(path: str) -> dict[str, bytes]:
    """All extended attributes of a path, access lists, labels and capabilities among them; links are not followed."""
    found = {}  # type: dict[str, bytes]
    try:
        names = os.listxattr(path, follow_symlinks=False)
    except OSError:
        return found
    for name in names:
        try:
            found[name] = os.getxattr(path, name, follow_symlinks=False)
        except OSError:
            continue
    return found


def take_over(descriptor: int, old: os.stat_result, xattrs: dict[str, bytes], system: Any = os) -> int:
    """Give an open, still private file the owner, group and extended attributes of the old one.

    Returns the permission bits it may have: those of the old one, less what would be granted to others than
    before because owner or group could not be kept. Raises OSError for anything but lacking rights.
    """
    bits = stat.S_IMODE(old.st_mode)
    new = os.fstat(descriptor)
    if new.st_gid != old.st_gid and not _chown(descriptor, -1, old.st_gid, system):
        bits &= ~(stat.S_IRWXG | stat.S_ISGID)
    if new.st_uid != old.st_uid and not _chown(descriptor, old.st_uid, -1, system):
        bits &= ~stat.S_ISUID
    for name, value in xattrs.items():
        try:
            system.setxattr(descriptor, name, value)
        except OSError as error:
            if error.errno not in _NOT_OURS:
                raise
            if name == "system.posix_acl_access":
                # without its list the group bits, which were the list's mask, would be the group's own rights
                bits &= ~stat.S_IRWXG
    return bits


def _chown(descriptor: int, uid: int, gid: int, system: Any) -> bool:
    try:
        system.fchown(descriptor, uid, gid)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
        return False
    return True
