"""A search for shared libraries that starts no programs."""

from __future__ import annotations

import contextlib
import ctypes.util
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = (
    "usr/local/lib*", "usr/local/lib/*-linux-*", "usr/lib/*-linux-*", "usr/lib*", "lib/*-linux-*", "lib*",
    "opt/homebrew/lib", "opt/local/lib",
)  # fmt: skip


def library(name: str, root: Path = Path("/")) -> str | None:
    """The file of a shared library in one of the usual folders, None if none has it."""
    suffix = "dylib" if sys.platform == "darwin" else "so*"
    found = (str(path) for folder in FOLDERS for path in sorted(root.glob(f"{folder}/lib{name}.{suffix}")))
    return next(found, None)


@contextlib.contextmanager
def quick_search() -> Iterator[None]:
    """Inside, `ctypes.util.find_library` looks into folders.

    Python's own search starts ldconfig and compilers, which takes longer than to load all of asyncssh; asyncssh
    searches for liboqs and nettle, with which it can do more and without which it does well.
    """
    usual = ctypes.util.find_library
    ctypes.util.find_library = library
    try:
        yield
    finally:
        ctypes.util.find_library = usual
