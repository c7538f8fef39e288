"""Turns a write while planning into an error, by the interpreter's audit events (Python 3.8 and newer)."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from confman.kit.change import Failure

WRITES = {
    "os.chflags": (0, None),
    "os.chmod": (0, 2),
    "os.chown": (0, 3),
    "os.link": (1, 3),
    "os.mkdir": (0, 2),
    "os.remove": (0, 1),
    "os.removexattr": (0, None),
    "os.rename": (1, 3),
    "os.rmdir": (0, 1),
    "os.setxattr": (0, None),
    "os.symlink": (1, 2),
    "os.truncate": (0, None),
    "os.utime": (0, 3),
}  # type: dict[str, tuple[int, int | None]]
"""Audit events that always change the system: where their arguments hold the path, and the folder it is relative to."""
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
HARMLESS = ("/dev/null", "/dev/tty", "/dev/full", "/dev/ptmx")


class Guard:
    """Callable as the runner wants it: guard(True) arms, guard(False) disarms. Only the arming thread is watched."""

    def __init__(self) -> None:
        self.violations = []  # type: list[str]
        self._thread = 0
        self._installed = False

    def __call__(self, armed: bool) -> None:
        """Arm or disarm."""
        if armed and not self._installed and hasattr(sys, "addaudithook"):
            sys.addaudithook(self._hook)
            self._installed = True
        self._thread = threading.get_ident() if armed else 0

    def take(self) -> list[str]:
        """What was written while armed since the last call of this, oldest first, and forget it."""
        found, self.violations = self.violations, []
        return found

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        # This runs for every audited event of the process: the cheap tests come first.
        if not self._thread or (event != "open" and event not in WRITES):
            return
        if self._thread != threading.get_ident():
            return
        path = _written(event, arguments)
        if path is None or _allowed(path):
            return
        text = "wrote while planning: {} {}".format(event, path)
        self.violations.append(text)
        raise Failure(text)


def _written(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The absolute path that an event writes to; None when it does not write."""
    if event == "open":
        path, _mode, flags = arguments
        # An integer is a descriptor: what it is was judged when it was opened.
        if isinstance(path, int) or not flags & WRITE_FLAGS:
            return None
        return _absolute(path, -1)
    at, folder_at = WRITES[event]
    folder = -1 if folder_at is None or folder_at >= len(arguments) else arguments[folder_at]
    return _absolute(arguments[at], folder)


def _absolute(path: Any, folder: int) -> str:
    """A path, or what a descriptor stands for, without symbolic names such as `..`."""
    if isinstance(path, int):
        return _opened(path)
    text = os.fsdecode(path)
    if os.path.isabs(text):
        return os.path.normpath(text)
    return os.path.normpath(os.path.join(os.getcwd() if folder < 0 else _opened(folder), text))


def _opened(descriptor: int) -> str:
    try:
        return os.readlink("/proc/self/fd/%d" % descriptor)
    except OSError:
        return "descriptor %d" % descriptor


def _allowed(path: str) -> bool:
    # a memfd is memory of this process with a name that leads nowhere
    if path in HARMLESS or path.startswith(("/proc/self/", "/memfd:")):
        return True
    scratch = sys.modules.get("confman.kit.scratch")
    folders = scratch.FOLDERS if scratch is not None else ()
    return any(path == folder or path.startswith(folder + os.sep) for folder in folders)
