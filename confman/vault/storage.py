"""Files of vaults on this machine: read whole, replaced safely, private while they hold plain text."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import VaultError
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 256 * 1024 * 1024
"""The largest file that is read: sealing holds it in memory several times over."""

_PRIVATE = 0o600
_CHUNK = 1024 * 1024


def read_whole(path: Path) -> bytes:
    """The content of a file. Raises VaultError when it cannot be read or is larger than 256 MB."""
    source = Source(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise VaultError(f"Cannot read the file: {error.strerror}", source=source) from error
    if len(content) > MOST_BYTES:
        raise VaultError(f"The file is larger than {MOST_BYTES // 2**20} MB", source=source)
    return content


def replace_file(path: Path, content: bytes, *, private: bool = False, wipe: bool = False) -> None:
    """Put `content` in place of a file, or into a new one with mode 0600.

    Symbolic links are followed. The old file is there until the new one is on the disk, and gives it owner, group
    and mode; with `private`, group and others lose their permissions. With `wipe` the old content, if no other name
    has it, is overwritten. Raises VaultError.
    """
    target = Path(os.path.realpath(path))
    source = Source(str(path))
    fresh = target.with_name(f".{target.name[:200]}.{secrets.token_hex(8)}")
    try:
        old = _regular(target)
        try:
            _write_fresh(fresh, content, old, private=private)
            before = os.open(target, os.O_WRONLY | os.O_NOFOLLOW) if wipe and old and old.st_nlink == 1 else None
            try:
                fresh.replace(target)
                _sync_folder(target.parent)
                if before is not None:
                    _overwrite(before)
            finally:
                if before is not None:
                    os.close(before)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        where = f" (folder {target.parent} not writable)" if isinstance(error, PermissionError) else ""
        raise VaultError(f"Cannot write the file: {error.strerror}{where}", source=source) from error


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for plain text, in memory where the machine offers that; overwritten and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="confman-vault-", dir=_in_memory()))
    try:
        yield folder
    finally:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                with suppress(OSError):
                    wipe_file(path)
        shutil.rmtree(folder, ignore_errors=True)


def make_private(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user only. Raises OSError."""
    for each in reversed([folder, *folder.parents]):
        if not each.is_dir():
            each.mkdir(mode=0o700, exist_ok=True)


def wipe_file(path: Path) -> None:
    """Overwrite a file's content and remove it. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        _overwrite(descriptor)
    finally:
        os.close(descriptor)
    path.unlink()


def _in_memory() -> str | None:
    """Where plain text may lie: the user's run-time folder, shared memory; None for the usual temporary folder."""
    for name in (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"):  # noqa: S108 - mkdtemp makes a folder of our own
        if name.startswith("/") and Path(name).is_dir() and os.access(name, os.W_OK | os.X_OK):
            return name
    return None


def _regular(path: Path) -> os.stat_result | None:
    """What is known of the file; None when there is none. Raises VaultError for folders, devices and the like."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise VaultError("This is not a regular file", source=Source(str(path)))
    return found


def _write_fresh(path: Path, content: bytes, old: os.stat_result | None, *, private: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        if old is not None:
            if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(PermissionError):
                    os.fchown(file.fileno(), old.st_uid, old.st_gid)
            mode = stat.S_IMODE(old.st_mode)
            os.fchmod(file.fileno(), mode & 0o700 if private else mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _overwrite(descriptor: int) -> None:
    """Write zeros over the content of an open file, as far as its file system writes in place."""
    left = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    while left > 0:
        left -= os.write(descriptor, bytes(min(left, _CHUNK)))
    os.fsync(descriptor)
