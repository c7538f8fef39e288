"""File systems: the programs that make, measure and grow them, and what these say."""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import check, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBER = {"lvm": "LVM2_member"}
"""Kinds that blkid calls otherwise."""


class Kind:
    """How a kind of file system is handled.

    make: the program and its options. uuid: its option for a UUID. measure: the command that tells of the size, before
    the device; size: bytes from its output. grow: the command before the device. mounted: both want the mount point.
    change: the command that changes the UUID; the new one comes before the device, where `change_takes` it.
    """

    def __init__(
        self,
        make: tuple[str, ...],
        uuid: str = "",
        measure: tuple[str, ...] = (),
        size: Callable[[str], int | None] | None = None,
        grow: tuple[str, ...] = (),
        mounted: bool = False,
        change: tuple[str, ...] = (),
    ) -> None:
        self.make = make
        self.uuid = uuid
        self.measure = measure
        self.size = size
        self.grow = grow
        self.mounted = mounted
        self.change = change


def _product(text: str, *patterns: str) -> int | None:
    """The product of the numbers that patterns find; None when one of them finds nothing."""
    total = 1
    for pattern in patterns:
        match = re.search(pattern, text, re.MULTILINE)
        if match is None:
            return None
        total *= int(match.group(1))
    return total


def ext_size(text: str) -> int | None:
    """Bytes from `tune2fs -l`."""
    return _product(text, r"^Block count:\s*(\d+)", r"^Block size:\s*(\d+)")


def xfs_size(text: str) -> int | None:
    """Bytes from xfs_info."""
    return _product(text, r"^data\s.*bsize=(\d+)", r"^data\s.*blocks=(\d+)")


def btrfs_size(text: str) -> int | None:
    """Bytes from `btrfs filesystem usage -b`."""
    return _product(text, r"Device size:\s*(\d+)")


def f2fs_size(text: str) -> int | None:
    """Bytes from dump.f2fs."""
    return _product(text, r"Info: sector size = (\d+)", r"Info: total FS sectors = (\d+)")


def fat_size(text: str) -> int | None:
    """Bytes from `fatresize --info`."""
    return _product(text, r"^(?:Cur s|S)ize:\s*(\d+)")


def lvm_size(text: str) -> int | None:
    """Bytes from `pvs -o pv_size --units b --nosuffix`."""
    return _product(text, r"^\s*(\d+)")


_BCACHEFS = re.compile(r"Size:\s+([\d.]+)\s+([KMGTPE]?)(i?)B")


def bcachefs_size(text: str) -> int | None:
    """Bytes from `bcachefs show-super`."""
    match = _BCACHEFS.search(text)
    if match is None:
        return None
    base = 1024 if match.group(3) else 1000
    return int(float(match.group(1)) * base ** " KMGTPE".index(match.group(2) or " "))


def _ext(name: str) -> Kind:
    return Kind((name, "-F"), "-U", ("tune2fs", "-l"), ext_size, ("resize2fs",), change=("tune2fs", "-U"))


KINDS = {
    "ext2": _ext("mkfs.ext2"),
    "ext3": _ext("mkfs.ext3"),
    "ext4": _ext("mkfs.ext4"),
    "ext4dev": _ext("mkfs.ext4"),
    "xfs": Kind(
        ("mkfs.xfs", "-f"), "", ("xfs_info",), xfs_size, ("xfs_growfs",), mounted=True, change=("xfs_admin", "-U")
    ),
    "btrfs": Kind(
        ("mkfs.btrfs", "-f"),
        "",
        ("btrfs", "filesystem", "usage", "-b"),
        btrfs_size,
        ("btrfs", "filesystem", "resize", "max"),
        mounted=True,
    ),
    "bcachefs": Kind(
        ("mkfs.bcachefs", "--force"), "-U", ("bcachefs", "show-super"), bcachefs_size, ("bcachefs", "device", "resize")
    ),
    "f2fs": Kind(("mkfs.f2fs", "-f"), "", ("dump.f2fs",), f2fs_size, ("resize.f2fs",)),
    "vfat": Kind(("mkfs.vfat",), "", ("fatresize", "--info"), fat_size, ("fatresize", "-s", "max")),
    "reiserfs": Kind(("mkfs.reiserfs", "-q")),
    "ocfs2": Kind(("mkfs.ocfs2", "-Fx")),
    "swap": Kind(("mkswap", "-f")),
    "ufs": Kind(("newfs",)),
    "lvm": Kind(
        ("pvcreate", "-f"),
        "-u",
        ("pvs", "--noheadings", "-o", "pv_size", "--units", "b", "--nosuffix"),
        lvm_size,
        ("pvresize",),
        change=("pvchange", "-u"),
    ),
}
"""By the names that users write."""


def kind_on(device: str) -> str:
    """What blkid finds on a device: ext4, LVM2_member ...; "" for nothing."""
    argv = [need("blkid"), "-c", os.devnull, "-o", "value", "-s", "TYPE", device]
    return run(argv, timeout=120).out.strip()


def device_size(device: str) -> int:
    """Bytes of a device, or of a file. Raises Failure for what is neither."""
    found = os.stat(device)
    if stat.S_ISREG(found.st_mode):
        return found.st_size
    if stat.S_ISBLK(found.st_mode):
        done = check([need("blockdev"), "--getsize64", device], "cannot measure {}".format(device), timeout=60)
        return int(done.out)
    raise Failure("Target device not supported: {} is neither a device nor a file".format(device), dev=device)


def mount_point(device: str) -> str:
    """Where a device is mounted, "" when nowhere."""
    argv = [need("findmnt"), "--mtab", "--noheadings", "--output", "TARGET", "--source", device]
    return run(argv, timeout=60).out.strip().split("\n")[0]


def filesystem_size(kind: Kind, where: str) -> int:
    """Bytes of the file system on a device, or at its mount point. Raises Failure."""
    argv = [need(kind.measure[0]), *kind.measure[1:], where]
    done = check(argv, "cannot measure the file system on {}".format(where), timeout=120)
    found = kind.size(done.out) if kind.size else None
    if found is None:
        raise Failure("unable to process {} output for {}".format(kind.measure[0], where), **done.data())
    return found
