"""What a task asked of a host, in a few characters: equal for two runs that asked the same."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from confman.model.call import Blob, Call
from confman.model.request import Reach


def signature(sent: Iterable[Reach]) -> str:
    """The signature of requests: of modules, arguments and contents of files, not of ways to the host."""
    hasher = hashlib.blake2b(digest_size=12)
    for reach in sent:
        call = reach.request
        if isinstance(call, Call):
            told = sorted((name, _told(value)) for name, value in call.arguments.items())
            hasher.update(repr((call.module, told)).encode("utf-8", "surrogateescape"))
    return hasher.hexdigest()


def of_items(items: Iterable[Mapping[str, Any]]) -> str:
    """The signature of a task by those of its items; "" where none asked anything."""
    found = [str(item["_signature"]) for item in items if item.get("_signature")]
    if len(found) < 2:
        return found[0] if found else ""
    return hashlib.blake2b("".join(found).encode("ascii"), digest_size=12).hexdigest()


def _told(value: Any) -> str:
    if not isinstance(value, Blob):
        return repr(value)
    if isinstance(value.content, bytes):
        return hashlib.blake2b(value.content, digest_size=12).hexdigest()
    return _of_file(value.content, value.content.stat().st_mtime_ns)


@functools.lru_cache(maxsize=1024)
def _of_file(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=12)).hexdigest()
