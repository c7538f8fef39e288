"""Modules about files and devices where this machine lacks what they are about: with recorded programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.modules import timezone
from tests.modules.recorded import Programs, call, foretold


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Where recorded programs are."""
    return Programs(tmp_path, monkeypatch)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A file that stands for a device of 64 MiB."""
    path = tmp_path / "disk.img"
    path.touch()
    with path.open("r+b") as stream:
        stream.truncate(64 << 20)
    return path


XFS = "data     =    bsize=4096   blocks=8192, imaxpct=25\n"
BTRFS = "Overall:\n    Device size:   33554432\n"


@pytest.mark.parametrize(
    ("kind", "measure", "told", "acts"),
    [
        ("xfs", "xfs_info", XFS, ["xfs_growfs /mnt/data"]),
        ("xfs", "xfs_info", XFS.replace("8192", "16384"), []),
        ("btrfs", "btrfs", BTRFS, ["btrfs filesystem resize max /mnt/data"]),
        ("vfat", "fatresize", "FAT: fat16\nSize: 1000\n", ["fatresize -s max {image}"]),
        ("f2fs", "dump.f2fs", "Info: sector size = 512\nInfo: total FS sectors = 100 (x)\n", ["resize.f2fs {image}"]),
    ],
)
def test_file_systems_grow(
    programs: Programs, image: Path, kind: str, measure: str, told: str, acts: list[str]
) -> None:
    programs.add("blkid", {"-c": (kind + "\n", 0)})
    programs.add("findmnt", {"--mtab": ("/mnt/data\n", 0)})
    for name in ("xfs_growfs", "resize.f2fs"):
        programs.add(name)
    answers = {"/mnt/data": (told, 0), "filesystem usage": (told, 0), "--info": (told, 0), str(image): (told, 0)}
    programs.add(measure, answers)
    _result, done = foretold(programs, "filesystem", {"dev": str(image), "fstype": kind, "resizefs": True})
    assert done == [act.format(image=image) for act in acts]


@pytest.mark.parametrize(
    ("arguments", "found", "acts"),
    [
        ({"fstype": "lvm", "uuid": "u-1"}, "", ["pvcreate -f -u u-1 --norestorefile {image}"]),
        ({"fstype": "lvm"}, "LVM2_member", []),
        ({"fstype": "lvm", "uuid": "x"}, "LVM2_member", ["pvchange -u {image}"]),
        (
            {"fstype": "xfs", "uuid": "u-2", "opts": "-L 'a b'"},
            "",
            ["mkfs.xfs -f -L a b {image}", "xfs_admin -U u-2 {image}"],
        ),
        ({"fstype": "ext4dev"}, "ext4", []),
        ({"state": "absent"}, "ext4", ["wipefs --all {image}"]),
        ({"state": "absent"}, "", []),
    ],
)
def test_file_systems_are_made(
    programs: Programs, image: Path, arguments: dict[str, Any], found: str, acts: list[str]
) -> None:
    programs.add("blkid", {"-c": (found, 0)})
    for name in ("pvcreate", "pvchange", "mkfs.xfs", "xfs_admin", "wipefs"):
        programs.add(name)
    _result, done = foretold(programs, "filesystem", {"dev": str(image), **arguments})
    assert done == [act.format(image=image) for act in acts]


def test_what_cannot_be_measured(programs: Programs, image: Path) -> None:
    programs.add("blkid", {"-c": ("vfat", 0)})
    programs.add("fatresize", {"--info": ("?", 0)})
    result = call("filesystem", {"dev": str(image), "fstype": "vfat", "resizefs": True})
    assert result["msg"] == f"unable to process fatresize output for {image}"


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        (
            {"state": "present", "entity": "ada", "etype": "group", "permissions": "r"},
            ["nfs4_setfacl -a A:g:ada:rtcy {path}"],
        ),
        ({"state": "present", "entity": "bob", "etype": "user", "permissions": "r"}, []),
        (
            {"state": "absent", "entity": "bob", "etype": "user", "permissions": "r"},
            ["nfs4_setfacl -x A::bob:rtcy {path}"],
        ),
    ],
)
def test_lists_of_nfs(programs: Programs, image: Path, arguments: dict[str, Any], acts: list[str]) -> None:
    programs.add("nfs4_getfacl", {"/": ("# file: x\nA::bob:rtcy\nA::OWNER@:rw\n", 0)})
    programs.add("nfs4_setfacl", {"--test": ("A::x\n", 0)})
    result, done = foretold(programs, "acl", {"path": str(image), "use_nfsv4_acls": True, **arguments})
    assert done == [act.format(path=image) for act in acts]
    assert result["acl"] == ["A::bob:rtcy", "A::OWNER@:rw"]


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for /etc of a Red Hat without systemd, and for the zones."""
    for name in ("Asia/Tokyo", "Europe/Vienna"):
        path = tmp_path / "zones" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "localtime").symlink_to(tmp_path / "zones" / "Europe/Vienna")
    (tmp_path / "clock").write_text('ZONE="Europe/Vienna"\nUTC=true\n')
    (tmp_path / "adjtime").write_text("0.0 0 0.0\n0\nUTC\n")
    for name, place in (("_ZONES", "zones"), ("_LINK", "localtime"), ("_CLOCK", "clock"), ("_ADJTIME", "adjtime")):
        monkeypatch.setattr(timezone, name, str(tmp_path / place))
    return tmp_path


def test_the_zone_by_files(programs: Programs, clock: Path) -> None:
    programs.add("timedatectl", default=("", 1))
    programs.add("hwclock")
    foreseen = call("timezone", {"name": "Asia/Tokyo"}, check=True)
    assert foreseen["changed"]
    assert (clock / "localtime").resolve().name == "Vienna"
    programs.acts()
    result = call("timezone", {"name": "Asia/Tokyo", "hwclock": "local"})
    assert result["changed"]
    assert (clock / "localtime").resolve().name == "Tokyo"
    assert (clock / "clock").read_text() == 'ZONE="Asia/Tokyo"\nUTC=true\n'
    assert "hwclock --systohc --localtime" in programs.acts()
    assert not call("timezone", {"name": "Asia/Tokyo", "hwclock": "UTC"}, check=True)["changed"]


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"name": "Asia/Tokyo"}, ["timedatectl set-timezone Asia/Tokyo"]),
        ({"name": "Europe/Vienna", "hwclock": "UTC"}, []),
        ({"hwclock": "local"}, ["timedatectl set-local-rtc 1"]),
    ],
)
def test_the_zone_by_systemd(programs: Programs, clock: Path, arguments: dict[str, Any], acts: list[str]) -> None:
    assert clock.is_dir()
    programs.add("timedatectl", {"show": ("Timezone=Europe/Vienna\nLocalRTC=no\n", 0)})
    assert foretold(programs, "timezone", arguments)[1] == acts
