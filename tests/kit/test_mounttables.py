"""Tables of mounts in all their forms."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit.mounttables import parse_mount, parse_table
from confman.kit.patience import within

FSTAB = """# comment

/dev/sda1 / ext4 defaults 0 1
UUID=1-2 /a\\040b vfat ro
LABEL=x /c xfs rw 0
"""
VFSTAB = """#device device mount FS fsck mount mount
/dev/dsk/c2t10d0s0 /dev/rdsk/c2t10d0s0 /export/local ufs 3 yes logging
fd - /dev/fd fd - no -
"""
MNTTAB = "rpool/ROOT / zfs rw,dev=2d90002 1600000000\n/dev /dev dev rw,dev=8 1600000001\n"
AIX = """* comment

/:
        dev = /dev/hd4
        vfs = jfs2
        mount = automatic

/home/data:
        dev = "/export/data"
        nodename = server
"""
LINUX_KINDS = "ext3\next4\nnodev\tproc\n*\n"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            FSTAB,
            [
                {"device": "/dev/sda1", "mount": "/", "fstype": "ext4", "options": "defaults", "dump": 0, "passno": 1},
                {"device": "UUID=1-2", "mount": "/a b", "fstype": "vfat", "options": "ro"},
                {"device": "LABEL=x", "mount": "/c", "fstype": "xfs", "options": "rw", "dump": 0},
            ],
        ),
        (
            VFSTAB,
            [
                {
                    "device": "/dev/dsk/c2t10d0s0",
                    "device_to_fsck": "/dev/rdsk/c2t10d0s0",
                    "mount": "/export/local",
                    "fstype": "ufs",
                    "passno": 3,
                    "mount_at_boot": "yes",
                    "options": "logging",
                },
                {
                    "device": "fd",
                    "device_to_fsck": "-",
                    "mount": "/dev/fd",
                    "fstype": "fd",
                    "passno": "-",
                    "mount_at_boot": "no",
                    "options": "-",
                },
            ],
        ),
        (
            MNTTAB,
            [
                {
                    "device": "rpool/ROOT",
                    "mount": "/",
                    "fstype": "zfs",
                    "options": "rw,dev=2d90002",
                    "time": 1600000000,
                },
                {"device": "/dev", "mount": "/dev", "fstype": "dev", "options": "rw,dev=8", "time": 1600000001},
            ],
        ),
        (
            AIX,
            [
                {
                    "mount": "/",
                    "device": "/dev/hd4",
                    "fstype": "jfs2",
                    "attributes": {"dev": "/dev/hd4", "vfs": "jfs2", "mount": "automatic"},
                },
                {
                    "mount": "/home/data",
                    "device": 'server:"/export/data"',
                    "fstype": "unknown",
                    "attributes": {"dev": '"/export/data"', "nodename": "server"},
                },
            ],
        ),
        (LINUX_KINDS, []),
        ("", []),
        ("/dev/sda1 / ext4\n", []),
    ],
)
def test_files(text: str, rows: list[dict[str, Any]]) -> None:
    found = parse_table(text)
    assert [row for _, row in found] == rows
    assert all(line in source for source, _ in found for line in source.splitlines())


LINUX = "proc on /proc type proc (rw,nosuid)\n/dev/sda1 on / type ext4 (rw,relatime,errors=remount-ro)\n"
BSD = "/dev/ada0p2 on / (ufs, local, journaled soft-updates)\ndevfs on /dev (devfs)\nmap auto_home on /home (autofs)\n"
AIX_MOUNT = """  node       mounted        mounted over    vfs       date        options
-------- ---------------  ---------------  ------ ------------ ---------------
         /dev/hd4         /                jfs2   Apr 26 03:48 rw,log=/dev/hd8
server   /export          /mnt             nfs3   Apr 26 03:49 ro
"""


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            LINUX,
            [
                {"device": "proc", "mount": "/proc", "fstype": "proc", "options": "rw,nosuid"},
                {"device": "/dev/sda1", "mount": "/", "fstype": "ext4", "options": "rw,relatime,errors=remount-ro"},
            ],
        ),
        (
            BSD,
            [
                {"device": "/dev/ada0p2", "mount": "/", "fstype": "ufs", "options": "local, journaled soft-updates"},
                {"device": "devfs", "mount": "/dev", "fstype": "devfs"},
            ],
        ),
        (
            AIX_MOUNT,
            [
                {
                    "device": "/dev/hd4",
                    "mount": "/",
                    "fstype": "jfs2",
                    "time": "Apr 26 03:48",
                    "options": "rw,log=/dev/hd8",
                },
                {
                    "device": "server:/export",
                    "mount": "/mnt",
                    "fstype": "nfs3",
                    "time": "Apr 26 03:49",
                    "options": "ro",
                },
            ],
        ),
        ("nothing that is known\n", []),
        ("", []),
    ],
)
def test_what_mount_prints(text: str, rows: list[dict[str, Any]]) -> None:
    assert [row for _, row in parse_mount(text)] == rows


@given(st.text(alphabet=st.sampled_from("/ a:=*#\n\t0123456789()-,"), max_size=200))
def test_anything_can_be_read(text: str) -> None:
    for _, row in parse_table(text) + parse_mount(text):
        assert {"mount", "device", "fstype"} <= set(row)


def test_patience() -> None:
    assert within(None, lambda: 1) == (True, 1)
    assert within(5, lambda: None) == (True, None)
    assert within(0.05, lambda: time.sleep(1)) == (False, None)
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"])
