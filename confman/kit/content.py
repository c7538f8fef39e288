"""Contents to be written: bytes in memory, a file on this host, or a blob that is pulled from the controller."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from confman.kit.checksum import digest_bytes, digest_file, file_chunks
from confman.kit.spec import Blob

if TYPE_CHECKING:
    from collections.abc import Iterable


class Data(Blob):
    """A content in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)
        self.sha1 = digest_bytes(data)

    def chunks(self) -> Iterable[bytes]:
        """The content, as one chunk."""
        return (self._data,)


class FileData(Blob):
    """The content of a file on this host. Raises OSError when it cannot be looked at."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.size = os.stat(path).st_size
        self.sha1 = digest_file(path)

    def chunks(self) -> Iterable[bytes]:
        """The content in pieces."""
        return file_chunks(self.path)


def write_all(descriptor: int, blob: Blob, system: Any = os) -> int:
    """Write a content to an open file; the number of bytes. Raises OSError."""
    return write_chunks(descriptor, blob.chunks(), system)


def write_chunks(descriptor: int, chunks: Iterable[bytes], system: Any = os) -> int:
    """Write pieces to an open file, each in full; the number of bytes. Raises OSError."""
    size = 0
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            view = view[system.write(descriptor, view) :]
        size += len(chunk)
    return size
