"""What was made of our sources for targets, kept between runs: making it again costs more than a small run."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.vault.storage import make_private

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1
"""Raised when what is kept changes its shape."""
_STEM = f"payload-{FORMAT}-{sys.version_info.major}.{sys.version_info.minor}"


class Store:
    """A folder of ours alone with one file an entry; without a folder, nothing is kept.

    What is in it runs as root on hosts: it is used only where nobody else can write.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder if folder is not None and _is_ours(folder) else None

    def load(self, name: str) -> Any:
        """What was kept under a name; None when there is nothing, or a file that it was made of has changed since."""
        if self._folder is None:
            return None
        try:
            entry = json.loads(self._path(name).read_bytes())
            return entry["value"] if all(_mark(path) == mark for path, mark in entry["files"].items()) else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def save(self, name: str, files: Iterable[Path], value: Any) -> None:
        """Keep what JSON can carry under a name; `files` are what it was made of. A full disk is no error."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            entry = {"files": {str(path): _mark(str(path)) for path in files}, "value": value}
            descriptor, fresh = tempfile.mkstemp(dir=self._folder, prefix=f"{_STEM}-")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(entry, file)
            Path(fresh).replace(self._path(name))

    def _path(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{_STEM}-{name}.json"


def _mark(path: str) -> list[int]:
    """What changes when a file does. Raises OSError when it is not there."""
    found = Path(path).stat()
    return [found.st_mtime_ns, found.st_size, found.st_ino]


def _is_ours(folder: Path) -> bool:
    """Whether a folder, made if need be, is this user's and nobody else can write to it."""
    try:
        make_private(folder)
        found = folder.stat()
    except OSError:
        return False
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o022
