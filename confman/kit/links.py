"""Making symbolic and hard links in one step, also over something that is there."""

from __future__ import annotations

import os
from binascii import hexlify
from contextlib import suppress
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.paths import folder_of, place_of
from confman.kit.text import os_reason
from confman.kit.users import gid_of, uid_of

if TYPE_CHECKING:
    from confman.kit.attributes import Attributes


def make_link(path: str, target: str, hard: bool, wish: Attributes | None = None, exact: bool = False) -> None:
    """Make `path` a link to `target`; a file or an empty folder in its place goes. Raises Failure.

    wish: owner and group of a symbolic link itself. exact: the path is a real one; a link found in it is an error.
    """
    try:
        with folder_of(path if exact else place_of(path, False)) as (folder, name):
            temporary = ".cm-{}.tmp~".format(hexlify(os.urandom(6)).decode())
            if hard:
                os.link(os.path.abspath(target), temporary, dst_dir_fd=folder, follow_symlinks=False)
            else:
                os.symlink(target, temporary, dir_fd=folder)
            try:
                _own(temporary, folder, None if hard else wish)
                if os.path.isdir(path) and not os.path.islink(path):
                    os.rmdir(name, dir_fd=folder)
                os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
            finally:
                # renaming a hard link onto its own inode leaves both names
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
    except OSError as error:
        raise Failure("cannot link {} to {}: {}".format(path, target, os_reason(error)), path=path) from None


def _own(name: str, folder: int, wish: Attributes | None) -> None:
    if wish is not None and (wish.owner is not None or wish.group is not None):
        uid = -1 if wish.owner is None else uid_of(wish.owner)
        gid = -1 if wish.group is None else gid_of(wish.group)
        os.chown(name, uid, gid, dir_fd=folder, follow_symlinks=False)
