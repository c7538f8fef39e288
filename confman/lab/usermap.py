"""User namespaces for ordinary users: their subordinate ids, and processes that are root of such a namespace."""

from __future__ import annotations

import os
import pwd
import subprocess
import traceback
from collections.abc import Callable

from confman.lab import syscalls as sys_
from confman.lab.files import LabError, read
from confman.model.records import dataclass

NEEDED = 65535
"""How many subordinate ids a host takes: all that a distribution gives out, up to `nogroup`."""


@dataclass(frozen=True)
class IdMap:
    """Ids inside: 0 is the user, 1 and on are the subordinate ones from `start`."""

    user: int
    start: int

    def words(self) -> list[str]:
        """As newuidmap and newgidmap take it."""
        return [str(number) for number in (0, self.user, 1, 1, self.start, NEEDED)]


def subordinate(text: str, name: str, number: int) -> int | None:
    """Where the first range that is long enough starts, in what /etc/subuid says for a user; None without one."""
    for line in text.splitlines():
        owner, _, numbers = line.partition(":")
        start, _, length = numbers.partition(":")
        if owner in {name, str(number)} and start.isdigit() and length.isdigit() and int(length) >= NEEDED:
            return int(start)
    return None


def user_name() -> str:
    """The name of the user that runs this, or the number where it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def own_maps() -> tuple[IdMap | None, IdMap | None]:
    """The user's maps for users and for groups, as far as there are ranges for them."""
    starts = (subordinate(read(f"/etc/{name}"), user_name(), os.getuid()) for name in ("subuid", "subgid"))
    users, groups = (
        None if start is None else IdMap(number, start)
        for start, number in zip(starts, (os.getuid(), os.getgid()), strict=True)
    )
    return users, groups


def enter(inside: Callable[[], object], flags: int = 0) -> int:
    """Start a process that is root of a user namespace of its own, and of those in `flags`; its pid.

    It calls `inside` and ends with 0, or with 70 and a traceback; it ends with this process, too.

    Raises LabError when there may be no such namespace.
    """
    asking, told = os.pipe()
    mapped, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(asking)
        os.close(go)
        _child(inside, flags, told, mapped)
    os.close(told)
    os.close(mapped)
    try:
        _wait_and_map(pid, asking)
        os.write(go, b"y")
    except LabError:
        os.close(go)
        os.waitpid(pid, 0)
        raise
    else:
        os.close(go)
    finally:
        os.close(asking)
    return pid


def _wait_and_map(pid: int, asking: int) -> None:
    said = os.read(asking, 1000)
    if said != b"ready":
        raise LabError(said.decode() or "the process in the user namespace ended at once")
    for program, each in zip(("newuidmap", "newgidmap"), own_maps(), strict=True):
        if each is None:
            raise LabError(f"{program}: no range of subordinate ids for {user_name()}")
        words = [program, str(pid), *each.words()]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
        if done.returncode:
            raise LabError(f"{' '.join(words)}: {done.stderr.strip()}")


def _child(inside: Callable[[], object], flags: int, told: int, mapped: int) -> None:
    code = 70
    try:
        try:
            sys_.unshare(sys_.NEWUSER | flags)
        except OSError as error:
            os.write(told, str(error).encode())
            os._exit(code)
        os.write(told, b"ready")
        os.close(told)
        if os.read(mapped, 1):
            os.close(mapped)
            os.setgroups([])
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
            sys_.die_with_parent()
            inside()
            code = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    os._exit(code)


def run_inside(inside: Callable[[], object]) -> bool:
    """Whether `inside` ended well as root of a user namespace. Raises LabError when there may be none."""
    _, status = os.waitpid(enter(inside), 0)
    return os.waitstatus_to_exitcode(status) == 0
