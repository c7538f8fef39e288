"""Sizes and hashes of blobs, computed once per content of a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confman.errors import TargetError

if TYPE_CHECKING:
    from pathlib import Path

    from confman.model.call import Blob

CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Digest:
    """Size in bytes, hex digests."""

    size: int
    sha1: str
    sha256: str


class Digests:
    """Remembers the digests of files as long as their size, time and inode stay the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], Digest] = {}

    def of(self, blob: Blob) -> Digest:
        """The digest of a blob. Reads the file when it changed; raises TargetError when it cannot be read."""
        if isinstance(blob.content, bytes):
            return _of_bytes(blob.content)
        try:
            info = blob.content.stat()
            key = (str(blob.content), info.st_size, info.st_mtime_ns, info.st_ino)
            if key not in self._known:
                self._known[key] = _of_file(blob.content)
            return self._known[key]
        except OSError as error:
            raise TargetError(f"cannot read {blob.content}: {error.strerror}") from error


def _of_bytes(content: bytes) -> Digest:
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Digest(len(content), sha1, hashlib.sha256(content).hexdigest())


def _of_file(path: Path) -> Digest:
    sha1, sha256, size = hashlib.sha1(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            sha1.update(part)
            sha256.update(part)
            size += len(part)
    return Digest(size, sha1.hexdigest(), sha256.hexdigest())
