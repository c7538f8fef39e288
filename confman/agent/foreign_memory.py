"""Files that are on no disk: code and arguments for programs that want paths."""

from __future__ import annotations

import os
import shutil
import tempfile

FOLDERS = ("/dev/shm", "/run", "")  # noqa: S108 - a folder of our own is made inside
"""Where files are kept for systems that cannot keep them in memory; "" is the usual place for temporary files."""


def memory_file(name: str, content: bytes, *, foreign: bool = False) -> str:
    """A path by which this process and its children can read (and execute) `content`.

    name: what listings of processes show. foreign: other processes of the same user can read it by this path too,
    as long as this process lives. Where the system has no files in memory, one is made in a folder that only this
    user may enter; `forget_files` removes it.
    """
    descriptor = _anonymous(name)
    if descriptor is None:
        return _in_folder(name, content)
    _write(descriptor, content)
    os.set_inheritable(descriptor, True)
    return "/proc/{}/fd/{}".format(os.getpid() if foreign else "self", descriptor)


def _anonymous(name: str) -> int | None:
    create = getattr(os, "memfd_create", None)
    if create is None or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        found = create(name)  # type: int
    except OSError:
        return None
    return found


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


PREFIX = ".confman-"


def _in_folder(name: str, content: bytes) -> str:
    base = next(folder for folder in FOLDERS if not folder or os.access(folder, os.W_OK | os.X_OK))
    folder = tempfile.mkdtemp(prefix=PREFIX, dir=base or None)
    path = os.path.join(folder, name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o700)
    try:
        _write(descriptor, content)
    finally:
        os.close(descriptor)
    return path


def forget_files(paths: list[str]) -> None:
    """Remove what `memory_file` made, by the paths that it gave."""
    for path in paths:
        if path.startswith("/proc/"):
            os.close(int(path.rsplit("/", 1)[1]))
        else:
            shutil.rmtree(os.path.dirname(path), ignore_errors=True)
