"""What a machine must have to carry a lab."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_PROGRAMS = {
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "nft": "nftables",
    "nsenter": "util-linux",
    "openssl": "openssl",
}
_NAMESPACES = ("mnt", "pid", "uts", "ipc", "net", "cgroup")


def missing() -> list[str]:
    """What is missing here, in words; empty when a lab can be had."""
    found = []
    if os.geteuid() != 0:
        found.append("it takes root (sudo)")
    for program, package in _PROGRAMS.items():
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            found.append(f"the program {program} is not installed (Debian: apt-get install {package})")
    found += [
        f"the kernel has no {name} namespaces" for name in _NAMESPACES if not Path("/proc/self/ns", name).exists()
    ]
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="ascii") and not shutil.which("modprobe"):
        found.append("the kernel has no overlay file system")
    return found
