"""What a machine must have to carry a lab, for root and for others."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from confman.lab.trial import kernel_refuses
from confman.lab.usermap import IdMap, own_maps, user_name
from confman.model.records import dataclass

_PROGRAMS = {
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "nft": "nftables",
    "nsenter": "util-linux",
    "openssl": "openssl",
}
_WITHOUT_ROOT = {"newuidmap": "uidmap", "newgidmap": "uidmap", "tar": "tar"}
_NAMESPACES = ("mnt", "pid", "uts", "ipc", "net", "cgroup")
SYSTEM_FOLDERS = "/usr/sbin:/sbin"
"""Where programs lie that ordinary users seldom have in their PATH."""


def _is_installed(program: str) -> bool:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}") is not None


@dataclass(frozen=True)
class Machine:
    """What is asked of a machine: `refuses` tells what its kernel does not let an ordinary user have."""

    root: bool
    is_installed: Callable[[str], bool] = _is_installed
    maps: Callable[[], tuple[IdMap | None, IdMap | None]] = own_maps
    refuses: Callable[[], str] = kernel_refuses


def is_root() -> bool:
    """Whether labs are held by real root."""
    return os.geteuid() == 0


def missing(machine: Machine | None = None) -> list[str]:
    """What is missing here, in words; empty when a lab can be had."""
    machine = machine or Machine(is_root())
    programs = _PROGRAMS if machine.root else {**_PROGRAMS, **_WITHOUT_ROOT}
    found = [
        f"the program {program} is not installed (Debian: apt-get install {package})"
        for program, package in programs.items()
        if not machine.is_installed(program)
    ]
    found += [
        f"the kernel has no {name} namespaces" for name in _NAMESPACES if not Path("/proc/self/ns", name).exists()
    ]
    if machine.root:
        return found + _overlay(machine)
    found += _for_others(machine, trial=not found)
    return found + (["root (sudo) needs neither subordinate ids nor a kernel that allows this"] if found else [])


def _overlay(machine: Machine) -> list[str]:
    known = "overlay" in Path("/proc/filesystems").read_text(encoding="ascii")
    return [] if known or machine.is_installed("modprobe") else ["the kernel has no overlay file system"]


def _for_others(machine: Machine, *, trial: bool) -> list[str]:
    """What somebody who is not root needs besides; the kernel is tried when nothing else is missing."""
    found = []
    for each, kind in zip(machine.maps(), ("uid", "gid"), strict=True):
        if each is None:
            advice = f"as root: usermod --add-sub{kind}s 100000-165535 {user_name()}"
            found.append(f"/etc/sub{kind} has no range of 65535 ids for {user_name()} ({advice})")
    if trial and not found:
        refused = machine.refuses()
        found += [f"the kernel does not let this user have {refused}"] if refused else []
    return found
