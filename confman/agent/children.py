"""Ending the processes of a call: whole process groups, found by walking /proc."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GRACE = 2.0
"""Seconds between asking (TERM) and forcing (KILL)."""


class Entry:
    """One process: its parent, process group and session."""

    __slots__ = ("group", "parent", "pid", "session")

    def __init__(self, pid: int, parent: int, group: int, session: int) -> None:
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session


def processes() -> list[Entry]:
    """Every process that /proc shows; empty without /proc."""
    found = []  # type: list[Entry]
    try:
        names = os.listdir("/proc")
    except OSError:
        return found
    for name in names:
        if name.isdigit():
            entry = _entry(int(name))
            if entry is not None:
                found.append(entry)
    return found


def descendants(root: int) -> list[Entry]:
    """The living processes below `root`, and those that share a session with one of them but not with `root`."""
    everything = processes()
    below = {}  # type: dict[int, list[Entry]]
    for entry in everything:
        below.setdefault(entry.parent, []).append(entry)
    found = {}  # type: dict[int, Entry]
    waiting = [root]
    while waiting:
        for entry in below.get(waiting.pop(), ()):
            if entry.pid not in found:
                found[entry.pid] = entry
                waiting.append(entry.pid)
    own = os.getsid(0)
    sessions = {entry.session for entry in found.values()} - {own, 0}
    for entry in everything:
        if entry.session in sessions:
            found.setdefault(entry.pid, entry)
    return list(found.values())


def end_children(grace: float = GRACE) -> int:
    """End every descendant of this process and their process groups; gives how many there were.

    TERM first; what lives after `grace` seconds is killed. Returns as soon as all are gone.
    """
    targets = descendants(os.getpid())
    _signal(targets, signal.SIGTERM)
    deadline = time.monotonic() + grace
    left = _alive(targets)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = _alive(targets)
    if left:
        # Children that were born meanwhile are in the same groups.
        _signal(left, signal.SIGKILL)
        _signal(descendants(os.getpid()), signal.SIGKILL)
        _alive(targets)
    return len(targets)


def _entry(pid: int) -> Entry | None:
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            text = file.read(4096)
    except OSError:
        return None
    # The name, in parentheses, may hold anything; the fields after it are plain.
    fields = text[text.rfind(b")") + 1 :].split()
    if len(fields) < 4 or fields[0] in (b"Z", b"X"):
        return None
    return Entry(pid, int(fields[1]), int(fields[2]), int(fields[3]))


def _signal(targets: list[Entry], number: int) -> None:
    own = os.getpgrp()
    for group in {entry.group for entry in targets} - {own, 0, 1}:
        _try(os.killpg, group, number)
    for entry in targets:
        if entry.group == own:
            _try(os.kill, entry.pid, number)


def _try(action: Callable[[int, int], None], pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        action(pid, number)


def _alive(targets: list[Entry]) -> list[Entry]:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except OSError:
            break
    return [entry for entry in targets if _entry(entry.pid) is not None]
