"""A secret in a file for a program that reads it from one: in memory, nameless, gone with the block.

Programs take passwords as arguments, from the environment, or from a file; the first two can be seen by others.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from confman.kit.scratch import scratch
from confman.kit.text import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def secret_file(text: str | bytes) -> Iterator[str]:
    """The path of a file that holds a secret and can be read by this user alone, for the length of a `with` block.

    Where memory cannot be had as a file, it is a private file on /dev/shm, or where temporary files go.
    """
    create = getattr(os, "memfd_create", None)
    if create is None:
        with _on_disk(to_bytes(text)) as path:
            yield path
        return
    descriptor = create("secret")
    try:
        os.fchmod(descriptor, 0o600)
        _write(descriptor, to_bytes(text))
        yield "/proc/{}/fd/{}".format(os.getpid(), descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _on_disk(data: bytes) -> Iterator[str]:
    with scratch("/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:  # noqa: S108 - the folder inside is private
        path = os.path.join(folder, "secret")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(descriptor, data)
        finally:
            os.close(descriptor)
        yield path


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
