"""Sizes and hashes of blobs, computed once per content of a file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from confman.errors import TargetError
from confman.model.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from confman.model.call import Blob

CHUNK = 1024 * 1024
SMALL = 256 * 1024
"""Bytes that are hashed in less than a millisecond."""

_Key = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class Digest:
    """Size in bytes, hex digests."""

    size: int
    sha1: str
    sha256: str


class Digests:
    """Remembers the digests of files as long as their size, time and inode stay the same."""

    def __init__(self) -> None:
        self._known: dict[_Key, Digest] = {}

    def known(self, blob: Blob) -> Digest | None:
        """The digest of a blob, if it takes no time; raises TargetError when its file cannot be read."""
        content = blob.content
        if isinstance(content, bytes):
            return _of_bytes(content) if len(content) <= SMALL else None
        return self._known.get(self._key(content))

    def of(self, blob: Blob) -> Digest:
        """The digest of a blob. Reads the file when it changed; raises TargetError when it cannot be read."""
        if isinstance(blob.content, bytes):
            return _of_bytes(blob.content)
        key = self._key(blob.content)
        if key not in self._known:
            try:
                self._known[key] = _of_file(blob.content)
            except OSError as error:
                raise _unreadable(blob.content, error) from error
        return self._known[key]

    @staticmethod
    def _key(path: Path) -> _Key:
        try:
            info = path.stat()
        except OSError as error:
            raise _unreadable(path, error) from error
        return str(path), info.st_size, info.st_mtime_ns, info.st_ino


def _unreadable(path: Path, error: OSError) -> TargetError:
    return TargetError(f"cannot read {path}: {error.strerror}")


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
