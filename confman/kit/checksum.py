"""Digests of files and bytes."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from confman.kit.change import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
CHUNK = 1 << 18
"""Bytes read at once."""


def digest_chunks(chunks: Iterable[bytes], algorithm: str = "sha1") -> str:
    """The hex digest of a stream of bytes. Raises Failure when the algorithm is unknown or forbidden (FIPS)."""
    try:
        hasher = hashlib.new(algorithm)
    except ValueError:
        raise Failure(
            "checksum algorithm {!r} is not available here; there are {}".format(algorithm, ", ".join(ALGORITHMS))
        ) from None
    for chunk in chunks:
        hasher.update(chunk)
    return hasher.hexdigest()


def digest_bytes(data: bytes, algorithm: str = "sha1") -> str:
    """The hex digest of bytes."""
    return digest_chunks((data,), algorithm)


def file_chunks(path: str) -> Iterable[bytes]:
    """A file's content in pieces. Raises OSError."""
    with open(path, "rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            if not chunk:
                return
            yield chunk


def digest_file(path: str, algorithm: str = "sha1") -> str:
    """The hex digest of a file's content. Raises OSError, or Failure for an unknown algorithm."""
    return digest_chunks(file_chunks(path), algorithm)


def md5_or_none(chunks: Iterable[bytes]) -> str | None:
    """The md5 digest, or None where policy (FIPS) forbids md5."""
    try:
        return digest_chunks(chunks, "md5")
    except Failure:
        return None


def parse_checksum(checksum: str) -> tuple[str, str]:
    """`algorithm:digest` taken apart; the digest may be an address. Raises Failure when it is neither."""
    algorithm, separator, value = checksum.partition(":")
    algorithm, value = algorithm.strip().lower(), value.strip()
    if not separator or not algorithm or not value:
        raise Failure("the checksum must read <algorithm>:<digest or url>, not {!r}".format(checksum))
    if "://" in value:
        return algorithm, value
    value = re.sub(r"\W+", "", value).lower()
    if not re.match(r"[0-9a-f]+$", value):
        raise Failure("the checksum {!r} is not hexadecimal".format(checksum))
    return algorithm, value
