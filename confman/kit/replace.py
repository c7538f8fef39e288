"""The one way in which files are written.

The new content goes to a private temporary file beside the old one, gets everything the old one carried
(owner, group, mode, extended attributes, access list, label), is checked by the `validate` command, flushed
to disk, and takes the old one's name in one step; then the folder is flushed. At every instant the name
means the old content in full or the new in full, and is readable by nobody who could not read it before.

A symbolic link is followed to its real file unless the link itself is to be replaced. Other names (hard
links) of an old file keep the old content. A file that cannot get a new inode (bind mounted, busy), or one in
a folder that takes no new files when `unsafe_writes` allows it, is overwritten in place.
Writers of one folder wait for each other by a lock on the folder.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
from binascii import hexlify
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from confman.kit.attributes import Attributes, new_mode, put_on
from confman.kit.backup import backup_file
from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.content import Data, write_all
from confman.kit.locks import alone
from confman.kit.metadata import read_xattrs, take_over
from confman.kit.paths import folder_of, kind_of, place_of
from confman.kit.space import ensure_space
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.kit.spec import Blob

_IN_PLACE = (errno.EBUSY, errno.ETXTBSY)
_UNSAFE = (errno.EPERM, errno.EACCES, errno.EXDEV, errno.EROFS, errno.EBUSY, errno.ETXTBSY)
_NOFOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC


class How:
    """How a file is to be written.

    wish: attributes it shall have. backup: keep a copy of the old one beside it. validate: a command with %s
    for the new file, which must succeed. follow: write through a symbolic link instead of replacing it.
    unsafe_writes: overwrite in place where the safe way is refused. keep: take over what the old one carried.
    exact: the path is a real one, absolute and without links; a link found in it is an error.
    """

    __slots__ = ("backup", "exact", "follow", "keep", "unsafe_writes", "validate", "wish")

    def __init__(
        self,
        wish: Attributes | None = None,
        backup: bool = False,
        validate: str | None = None,
        unsafe_writes: bool = False,
        follow: bool = True,
        keep: bool = True,
        exact: bool = False,
    ) -> None:
        self.wish = wish or Attributes()
        self.backup = backup
        self.validate = validate
        self.unsafe_writes = unsafe_writes
        self.follow = follow
        self.keep = keep
        self.exact = exact
        if validate is not None and "%s" not in validate:
            raise Failure("validate must contain %s: {}".format(validate))


def replace_file(path: str, content: Blob | bytes, how: How | None = None, system: Any = os) -> dict[str, Any]:
    """Give `path` a content. Returns {"backup_file": ...} if a copy was kept. Raises Failure; then the old is whole.

    `system` stands for the os module, so that tests can make any step fail.
    """
    blob = Data(content) if isinstance(content, bytes) else content
    return _Writer(path, how or How(), system).write(lambda _old: blob)


def edit_file(
    path: str, edit: Callable[[bytes | None], bytes], how: How | None = None, system: Any = os
) -> dict[str, Any]:
    """Rewrite a file from what it holds now (None: it is not there), alone with it. Otherwise as `replace_file`."""
    return _Writer(path, how or How(), system).write(lambda old: Data(edit(old)), read=True)


def read_file(path: str) -> bytes | None:
    """The content of the regular file that `path` leads to; None when there is nothing. Raises Failure."""
    try:
        # a fifo must not make us wait for its other end
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            kind = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(kind):
                raise Failure("{} is a {}, not a file".format(path, kind_of(kind)), path=path)
            return stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Failure("cannot read {}: {}".format(path, os_reason(error)), path=path) from None


class _Writer:
    """One replacement, step by step."""

    def __init__(self, path: str, how: How, system: Any) -> None:
        self.path = path
        self.place = path if how.exact else place_of(path, how.follow)
        self.how = how
        self.system = system
        self.folder = -1
        self.name = ""

    def write(self, make: Callable[[bytes | None], Blob], read: bool = False) -> dict[str, Any]:
        with folder_of(self.place) as (self.folder, self.name), alone(self.folder):
            old = self._old()
            try:
                blob = make(self._content() if read and old is not None else None)
                ensure_space(self.folder, os.path.dirname(self.place), self._room(blob, old))
                return self._write(blob, old)
            except OSError as error:
                raise self._failure(error) from None

    def _old(self) -> os.stat_result | None:
        try:
            old = os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISREG(old.st_mode) or (stat.S_ISLNK(old.st_mode) and not self.how.follow):
            return old
        raise Failure("{} is a {}, not a file; it was left alone".format(self.path, kind_of(old.st_mode)))

    def _content(self) -> bytes:
        descriptor = os.open(self.name, os.O_RDONLY | _NOFOLLOW, dir_fd=self.folder)
        with os.fdopen(descriptor, "rb") as stream:
            return stream.read()

    def _room(self, blob: Blob, old: os.stat_result | None) -> int:
        return blob.size + (old.st_size if old is not None and self.how.backup else 0)

    def _write(self, blob: Blob, old: os.stat_result | None) -> dict[str, Any]:
        try:
            temporary = self._temporary()
        except OSError as error:
            if not (self.how.unsafe_writes and error.errno in _UNSAFE and old is not None):
                raise
            return self._in_place(blob, self._backup(old))
        try:
            self._fill(temporary, blob, old)
            data = self._backup(old)
            try:
                self.system.rename(temporary, self.name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
            except OSError as error:
                if error.errno not in (_UNSAFE if self.how.unsafe_writes else _IN_PLACE):
                    raise
                # the temporary file stays until the end: it is the whole new content should we be interrupted
                data = self._in_place(blob, data)
                self.system.unlink(temporary, dir_fd=self.folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=self.folder)
            raise
        self._flush_folder()
        return data

    def _temporary(self) -> str:
        """A new, empty, private file beside the old one; its name, which no program takes for a configuration."""
        for _attempt in range(100):
            name = ".cm-{}.tmp~".format(hexlify(os.urandom(6)).decode())
            try:
                descriptor = self.system.open(
                    name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600, dir_fd=self.folder
                )
            except FileExistsError:
                continue
            os.close(descriptor)
            return name
        raise Failure("cannot make a temporary file in {}".format(os.path.dirname(self.place)))

    def _fill(self, name: str, blob: Blob, old: os.stat_result | None) -> None:
        descriptor = self.system.open(name, os.O_WRONLY | _NOFOLLOW, dir_fd=self.folder)
        try:
            write_all(descriptor, blob, self.system)
            put_on(descriptor, self.path, self.how.wish, self._base_mode(descriptor, old), self.system)
            self.system.fsync(descriptor)
        finally:
            os.close(descriptor)
        if self.how.validate is not None:
            self._validate(os.path.join(os.path.dirname(self.place), name))

    def _base_mode(self, descriptor: int, old: os.stat_result | None) -> int:
        if old is None or not self.how.keep or not stat.S_ISREG(old.st_mode):
            return new_mode()
        return take_over(descriptor, old, read_xattrs(self.place), self.system)

    def _validate(self, temporary: str) -> None:
        done = validate(self.how.validate or "", temporary)
        if done.rc != 0:
            said = (done.err or done.out).strip().replace(temporary, self.path)
            raise Failure(
                "failed to validate: rc:{} error:{}".format(done.rc, said), exit_status=done.rc, **done.data()
            )

    def _backup(self, old: os.stat_result | None) -> dict[str, Any]:
        if old is None or not self.how.backup or not os.path.exists(self.place):
            return {}
        return {"backup_file": backup_file(self.place, self.system)}

    def _in_place(self, blob: Blob, data: dict[str, Any]) -> dict[str, Any]:
        descriptor = self.system.open(self.name, os.O_WRONLY | _NOFOLLOW, dir_fd=self.folder)
        try:
            size = write_all(descriptor, blob, self.system)
            self.system.ftruncate(descriptor, size)
            if self.how.wish.asked():
                put_on(descriptor, self.path, self.how.wish, stat.S_IMODE(os.fstat(descriptor).st_mode), self.system)
            self.system.fsync(descriptor)
        finally:
            os.close(descriptor)
        return data

    def _flush_folder(self) -> None:
        """Make the new name last. File systems that cannot flush a folder say EINVAL; the file itself is flushed."""
        try:
            descriptor = os.open(".", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.folder)
        except OSError:
            return
        try:
            self.system.fsync(descriptor)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
                raise
        finally:
            os.close(descriptor)

    def _failure(self, error: OSError) -> Failure:
        folder = os.path.dirname(self.place)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return Failure("no space left for {} on {}: {}".format(self.path, folder, os_reason(error)), path=self.path)
        hint = ""
        if error.errno == errno.EPERM and os.geteuid() == 0:
            hint = " (it or its folder may be immutable or append-only: see lsattr)"
        return Failure("cannot write {}: {}{}".format(self.path, os_reason(error), hint), path=self.path)


def validate(command: str, path: str) -> Completed:
    """Run a validation command on a file: `%s` in it is the path. No shell is involved. Raises Failure."""
    if "%s" not in command:
        raise Failure("validate must contain %s: {}".format(command))
    try:
        argv = [part.replace("%s", path).replace("%%", "%") for part in shlex.split(command)]
    except ValueError as error:
        raise Failure("validate cannot be split into arguments ({}): {}".format(error, command)) from None
    return run(argv, timeout=600)
