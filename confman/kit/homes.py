"""Files below a folder that belongs to a user, handled by root without being led astray.

The home itself is taken from the account; every component below it that is a symbolic link is refused, since
its owner could point it anywhere.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from confman.kit.attributes import Attributes
from confman.kit.change import Failure
from confman.kit.files import make_folder
from confman.kit.paths import kind_of, open_folder
from confman.kit.replace import How, replace_file
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from confman.kit.accounts import Account

_LIMIT = 16 << 20


def guarded(path: str, home: str) -> str:
    """The real place of a path: links above the home resolved, those below it left in, to be refused later."""
    path = os.path.abspath(path)
    for top in (home, os.path.realpath(home)):
        if path.startswith(top.rstrip("/") + "/"):
            return os.path.join(os.path.realpath(home), os.path.relpath(path, top))
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def read_guarded(place: str) -> bytes | None:
    """The content of a `guarded` file, None when it is not there. Raises Failure when a link is in the way."""
    folder, name = os.path.split(place)
    try:
        parent = open_folder(folder)
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent)
        finally:
            os.close(parent)
        with os.fdopen(descriptor, "rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise Failure("{} is a {}, not a file".format(place, kind_of(mode)), path=place)
            return stream.read(_LIMIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise link_in_the_way(place, error) from None


def drop_link(place: str) -> None:
    """Remove a `guarded` path that is a symbolic link; anything else stays. Raises Failure."""
    folder, name = os.path.split(place)
    try:
        parent = open_folder(folder)
        try:
            if stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=parent)
        finally:
            os.close(parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise link_in_the_way(place, error) from None


def link_in_the_way(place: str, error: OSError) -> Failure:
    """The failure of a guarded access."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return Failure(
            "{}: a component is a symbolic link or no folder; links of users are not followed".format(place), path=place
        )
    return Failure("cannot open {}: {}".format(place, os_reason(error)), path=place)


def write_guarded(place: str, content: bytes, owner: Account, mode: str) -> None:
    """Write a `guarded` file, owned by its user. Its folder is made, private, if it is missing. Raises Failure."""
    folder = os.path.dirname(place)
    make_private_folder(folder, owner)
    replace_file(place, content, How(Attributes(str(owner.uid), str(owner.gid), mode), exact=True))


def make_private_folder(folder: str, owner: Account) -> None:
    """Make a missing `guarded` folder (0700, owned by the user). Raises Failure."""
    if os.path.islink(folder):
        raise link_in_the_way(folder, OSError(errno.ELOOP, ""))
    if not os.path.lexists(folder):
        make_folder(folder, Attributes(str(owner.uid), str(owner.gid), "0700"), exact=True)
