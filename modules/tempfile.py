"""Temporary files and folders."""

from __future__ import annotations

import os
import tempfile as library
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Generator


@rules(check=False, verify=False)
def tempfile(
    state: Literal["file", "directory"] = "file",
    path: Path | None = None,
    prefix: str = "ansible.",
    suffix: str = "",
) -> Generator[Change, None, dict[str, Any]]:
    """Make a temporary file or folder, with a name of its own, that only its owner can read.

    Nothing removes it: that is the playbook's duty.

    Args:
        state: What is made.
        path: The folder it is made in; default: the host's folder for such things.
        prefix: What its name begins with.
        suffix: What its name ends with.

    Returns:
        path: Where it is.

    Examples:
        - tempfile:
            state: directory
            suffix: build
          register: work
        - tempfile:
            suffix: .conf
        - tempfile:
            path: /var/tmp
            prefix: app-

    Platforms: any with Python 3.6.
    """
    for name, part in (("prefix", prefix), ("suffix", suffix)):
        if "/" in part or "\0" in part:
            raise Failure("{} must be a valid file name component, not {!r}".format(name, part))
    yield Change(
        state,
        os.path.join(path or _usual_folder(), prefix + "*" + suffix),
        after=UNKNOWN,
        do=lambda: {"path": _make(state, path, prefix, suffix)},
        once=True,
    )
    return {}


def _make(state: str, folder: str | None, prefix: str, suffix: str) -> str:
    try:
        if state == "directory":
            return library.mkdtemp(prefix=prefix, suffix=suffix, dir=folder)
        descriptor, path = library.mkstemp(prefix=prefix, suffix=suffix, dir=folder)
    except OSError as error:
        raise Failure(
            "cannot make a temporary {} in {}: {}".format(state, folder or _usual_folder(), os_reason(error))
        ) from None
    os.close(descriptor)
    return path


def _usual_folder() -> str:
    """Where temporary files go; looked up without trying to write, as the library's own function does."""
    candidates = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")] + ["/tmp", "/var/tmp", "/usr/tmp"]
    usable = [path for path in candidates if path and os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)]
    return usable[0] if usable else os.getcwd()
