"""Whether this kernel lets an ordinary user have what hosts are made of: tried, not guessed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from confman.lab import syscalls as sys_
from confman.lab.files import LabError, read
from confman.lab.usermap import enter

_HINTS = (
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)
"""Settings that forbid user namespaces, by distribution, and what allows them."""


def kernel_refuses() -> str:
    """What the kernel does not let this user have, in words; "" when it lets all."""
    reading, writing = os.pipe()
    folder = tempfile.mkdtemp(prefix="confman-lab-")
    try:
        with open(reading, encoding="utf-8", closefd=True) as answers:
            try:
                pid = enter(lambda: _steps(Path(folder), writing), sys_.NEWNS | sys_.NEWNET)
            except LabError as error:
                return f"user namespaces: {error}{_hint()}"
            finally:
                os.close(writing)
            said = answers.read()
            os.waitpid(pid, 0)
    finally:
        Path(folder).rmdir()
    return "" if said == "all" else (said or "user namespaces: the trial ended early") + _hint()


def _hint() -> str:
    found = [advice for path, value, advice in _HINTS if read(path).strip() == value]
    return f" (as root: {', '.join(found)})" if found else ""


def _steps(folder: Path, answers: int) -> None:
    steps: tuple[tuple[str, Callable[[Path], None]], ...] = (
        ("tmpfs in a user namespace", _tmpfs),
        ("user.* attributes on tmpfs (Linux 6.6 or later)", _attributes),
        ("overlay in a user namespace (Linux 5.11 or later)", _overlay),
        ("a pid namespace", lambda _folder: sys_.unshare(sys_.NEWPID)),
        ("/proc and /sys of its own in a user namespace", _kernel_views),
    )
    for words, step in steps:
        try:
            step(folder)
        except OSError as error:
            os.write(answers, f"{words}: {error}".encode())
            return
    os.write(answers, b"all")


def _tmpfs(folder: Path) -> None:
    sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
    sys_.mount("confman-lab", str(folder), "tmpfs")


def _attributes(folder: Path) -> None:
    os.setxattr(folder, "user.overlay.trial", b"y")


def _overlay(folder: Path) -> None:
    for name in ("upper", "work", "layer", "lower", "here"):
        (folder / name).mkdir()
    layers = f"lowerdir={folder}/layer:{folder}/lower,upperdir={folder}/upper,workdir={folder}/work,userxattr"
    sys_.mount("overlay", str(folder / "here"), "overlay", 0, layers)


def _kernel_views(folder: Path) -> None:
    """Only a process of the new pid namespace may mount its /proc."""
    pid = os.fork()
    if pid == 0:
        try:
            for kind in ("proc", "sysfs"):
                sys_.mount(kind, str(folder / "here"), kind, sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC)
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, os.strerror(code))
