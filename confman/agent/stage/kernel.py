"""What the kernel offers for a stage and the standard library lacks: namespaces, mounts, capabilities. Linux only."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from typing import Any

NEWNS, NEWUTS, NEWIPC, NEWPID, NEWNET = 0x00020000, 0x04000000, 0x08000000, 0x20000000, 0x40000000
"""Kinds of namespaces (clone(2))."""
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND = 1, 2, 4, 8, 32, 4096
REC, PRIVATE, NOATIME = 16384, 1 << 18, 1024
"""Flags of mounts (mount(2))."""
DETACH = 2
_PDEATHSIG, _SET_NAME, _CAPBSET_DROP = 1, 15, 24
_LAST_CAPABILITY = 63
KEPT_CAPABILITIES = frozenset(
    [
        0,  # chown
        1,  # dac_override
        3,  # fowner
        4,  # fsetid
        5,  # kill
        6,  # setgid
        7,  # setuid
        8,  # setpcap
        10,  # net_bind_service
        15,  # ipc_owner
        18,  # sys_chroot
        23,  # sys_nice
        24,  # sys_resource
        28,  # lease
        29,  # audit_write
        31,  # setfcap
    ]
)
"""Capabilities that root keeps on a stage: what concerns files and users, nothing that reaches kernel or devices."""
_UP = 0x1
_GET_FLAGS, _SET_FLAGS = 0x8913, 0x8914


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: Any) -> None:
    """Call a function of the C library. Raises OSError with what it was for."""
    function = getattr(_libc(), name, None)
    if function is None:
        raise OSError(0, "the C library has no {}".format(name))
    if function(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, "{}: {}".format(name, os.strerror(number)))


def unshare(kinds: int) -> None:
    """Leave the namespaces of these kinds for new ones (children do, for process numbers). Raises OSError."""
    _call("unshare", ctypes.c_int(kinds))


def join(descriptor: int, kind: int) -> None:
    """Enter the namespace that a descriptor of /proc/PID/ns/* stands for. Raises OSError."""
    _call("setns", ctypes.c_int(descriptor), ctypes.c_int(kind))


def mount(source: str, target: str, kind: str, flags: int = 0, options: str = "") -> None:
    """Mount something. Raises OSError that names the target."""
    try:
        _call(
            "mount",
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() or None,
            ctypes.c_ulong(flags),
            os.fsencode(options) or None,
        )
    except OSError as error:
        raise OSError(error.errno, "cannot mount {} on {}: {}".format(kind or source, target, error.strerror)) from None


def pivot(folder: str) -> None:
    """Make a mounted folder the root of this mount namespace and forget the old one. Raises OSError."""
    os.chdir(folder)
    # The same place for both: the old root lies on top of the new one, and is taken away.
    _call("pivot_root", b".", b".")
    _call("umount2", b".", ctypes.c_int(DETACH))
    os.chdir("/")


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends."""
    _call("prctl", ctypes.c_int(_PDEATHSIG), ctypes.c_ulong(9), 0, 0, 0)


def name_process(name: str) -> None:
    """Set what /proc/self/comm says."""
    _call("prctl", ctypes.c_int(_SET_NAME), ctypes.c_char_p(name.encode()[:15]), 0, 0, 0)


def drop_capabilities() -> None:
    """Let no program that is started from here on have more than `KEPT_CAPABILITIES`."""
    for number in range(_LAST_CAPABILITY + 1):
        if number not in KEPT_CAPABILITIES:
            try:
                _call("prctl", ctypes.c_int(_CAPBSET_DROP), ctypes.c_ulong(number), 0, 0, 0)
            except OSError:
                # This kernel does not know as many.
                break


def raise_loopback() -> None:
    """Bring up `lo` in a new network namespace. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        wanted = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(own, _GET_FLAGS, wanted))[1]
        fcntl.ioctl(own, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))
