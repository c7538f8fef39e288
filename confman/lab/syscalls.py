"""The system calls that Python has no names for."""

from __future__ import annotations

import ctypes
import os
import signal

NEWTIME = 0x80
NEWNS = 0x20000
NEWCGROUP = 0x02000000
NEWUTS = 0x04000000
NEWIPC = 0x08000000
NEWUSER = 0x10000000
NEWPID = 0x20000000
NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

_MNT_DETACH = 2
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def unshare(flags: int) -> None:
    """Leave the namespaces in `flags` for new ones. Raises OSError."""
    _check(_libc.unshare(flags), f"unshare {flags:#x}")


def setns(descriptor: int, flag: int) -> None:
    """Enter the namespace of an open file. Raises OSError."""
    _check(_libc.setns(descriptor, flag), f"setns {flag:#x}")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else os.fsencode(text)


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mount something on `target`. Raises OSError that names it."""
    result = _libc.mount(_bytes(source), _bytes(target), _bytes(kind), ctypes.c_ulong(flags), _bytes(data))
    _check(result, f"mount {kind or 'bind'} on {target}")


def bind_read_only(source: str, target: str, flags: int = MS_NOSUID | MS_NODEV | MS_NOEXEC) -> None:
    """Show `source` at `target`, not to be written. Raises OSError."""
    mount(source, target, None, MS_BIND)
    mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY | flags)


def unmount(path: str) -> None:
    """Take a mount away, when its last user is gone. Raises OSError."""
    _check(_libc.umount2(os.fsencode(path), _MNT_DETACH), f"umount {path}")


def pivot_to_here() -> None:
    """Make the current directory the root and let go of the old one. Raises OSError."""
    number = _PIVOT_ROOT[os.uname().machine]
    _check(_libc.syscall(number, b".", b"."), "pivot_root")
    unmount(".")
    os.chdir("/")


def set_host_name(name: str) -> None:
    """The name of this uts namespace. Raises OSError."""
    data = name.encode()
    _check(_libc.sethostname(data, len(data)), "sethostname")


def die_with_parent() -> None:
    """Be killed when the parent ends, however it ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def keep_capabilities(kept: frozenset[int]) -> None:
    """Give up all capabilities but these, for good."""
    for number in range(64):
        if number not in kept:
            _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
