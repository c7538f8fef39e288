"""Private temporary folders: the one way to write while planning (downloads, candidates for validation).

Both kinds are 0700, owned by the user the call runs as, and are removed even when the module fails. The agent's
guard lets writes below them pass.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS = []  # type: list[str]
"""Folders in use, newest last; the agent removes what is left after a call."""


@contextlib.contextmanager
def scratch(base: str | None = None) -> Iterator[str]:
    """A folder for the length of a `with` block: gives its absolute path.

    base: where to make it; by default $TMPDIR, /tmp, /var/tmp, /dev/shm, the home, whichever takes it first.
    Raises OSError when none does.
    """
    folder = call_scratch(base)
    try:
        yield folder
    finally:
        _remove(folder)


def call_scratch(base: str | None = None) -> str:
    """A folder that lives until the end of the call, so that a change's action finds what planning put there."""
    problem = None  # type: OSError | None
    for parent in [base] if base else _parents():
        folder = os.path.join(os.path.realpath(parent), "confman-" + os.urandom(12).hex())
        FOLDERS.append(folder)
        try:
            os.mkdir(folder, 0o700)
        except OSError as error:
            FOLDERS.remove(folder)
            problem = problem or error
        else:
            return folder
    raise problem or FileNotFoundError("no folder for temporary files")


def remove_all() -> None:
    """Remove every folder that is left; called by the agent after each call and at its end."""
    for folder in FOLDERS:
        _remove(folder)


def _parents() -> list[str]:
    named = [os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~")]  # noqa: S108 - the folder inside is private
    return [parent for parent in named if parent and os.path.isdir(parent)]


def _remove(folder: str) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    if folder in FOLDERS:
        FOLDERS.remove(folder)
