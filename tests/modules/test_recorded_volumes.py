"""Volume groups and logical volumes, which no lab host can have: with recorded programs of LVM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.modules.recorded import Programs, call, foretold

GROUPS = "data;2\nempty;0\n"
VOLUMES = "  root;400.00;-wi-a-----\n  [pool];100.00;twi-a-----\n  thin;50.00;Vwi---tz--\n"
AUTO = {"--help": ("--setautoactivation y|n", 0)}


@pytest.fixture
def lvm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Programs that know the groups data (on sda, 1,000 MB, 200 MB free) and empty, and a device sdb in use elsewhere."""
    programs = Programs(tmp_path, monkeypatch)
    for name in ("sda", "sdb", "sdc"):
        (tmp_path / name).touch()
    show = "--noheadings --nosuffix --separator ; -o"
    programs.add(
        "vgs",
        {
            f"{show} vg_name,lv_count": (GROUPS, 0),
            f"{show} lv_attr,autoactivation data": ("-wi-a-----;enabled\n-wi-------;enabled\n", 0),
            f"{show} vg_name,vg_size,vg_free,vg_extent_size --units m data": ("  data;1000;200;4\n", 0),
            f"{show} vg_name,vg_size,vg_free,vg_extent_size --units g data": ("  data;1;0.2;0.004\n", 0),
            f"{show} vg_name,vg_size,vg_free,vg_extent_size": ("", 5),
        },
    )
    size = f"{show} dev_size,pv_size,pe_start,vg_extent_size --units b {tmp_path}"
    programs.add(
        "pvs",
        {
            f"{show} pv_name,vg_name": (f"  {tmp_path}/sda;data\n  {tmp_path}/sdb;other\n", 0),
            f"{size}/sda": ("9000000;4000000;1000000;1000\n", 0),
        },
    )
    programs.add(
        "lvs",
        {
            f"{show} lv_name,lv_size,lv_attr -a --units m data": (VOLUMES, 0),
            f"{show} lv_name,lv_size,lv_attr -a --units g data": ("root;0.39;-wi-a-----\n", 0),
        },
    )
    for name in ("vgcreate", "vgchange"):
        programs.add(name, AUTO)
    for (
        name
    ) in "vgremove vgextend vgreduce pvcreate pvresize pvchange lvcreate lvremove lvextend lvreduce lvchange".split():
        programs.add(name)
    return programs


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"vg": "data", "pvs": ["{}/sda"]}, []),
        (
            {"vg": "new", "pvs": ["{}/sdc"], "pesize": "32", "pv_options": "--metadatasize 1m", "vg_options": "-l 9"},
            ["pvcreate --metadatasize 1m -f {}/sdc", "vgcreate -l 9 -s 32 new {}/sdc"],
        ),
        (
            {"vg": "new", "pvs": ["{}/sdc"], "state": "inactive"},
            ["pvcreate -f {}/sdc", "vgcreate --setautoactivation n -s 4 new {}/sdc"],
        ),
        (
            {"vg": "data", "pvs": ["{}/sdc"]},
            ["pvcreate -f {}/sdc", "vgextend data {}/sdc", "vgreduce --force data {}/sda"],
        ),
        ({"vg": "data", "pvs": ["{}/sdc"], "remove_extra_pvs": False}, ["pvcreate -f {}/sdc", "vgextend data {}/sdc"]),
        ({"vg": "data", "pvs": ["{}/sda"], "pvresize": True}, ["pvresize {}/sda"]),
        (
            {"vg": "data", "pvs": ["{}/sda"], "reset_vg_uuid": True, "reset_pv_uuid": True},
            ["vgchange -u data", "pvchange -u {}/sda"],
        ),
        ({"vg": "data", "state": "active"}, ["vgchange --activate y data"]),
        ({"vg": "data", "state": "inactive"}, ["vgchange --setautoactivation n data", "vgchange --activate n data"]),
        ({"vg": "data", "state": "absent", "force": True}, ["vgremove --force data"]),
        ({"vg": "empty", "state": "absent"}, ["vgremove --force empty"]),
        ({"vg": "none", "state": "absent"}, []),
    ],
)
def test_volume_groups(lvm: Programs, tmp_path: Path, arguments: dict[str, Any], acts: list[str]) -> None:
    if "pvs" in arguments:
        arguments = {**arguments, "pvs": [each.format(tmp_path) for each in arguments["pvs"]]}
    result, done = foretold(lvm, "lvg", arguments)
    assert done == [act.format(tmp_path) for act in acts]
    assert result["vg"] == arguments["vg"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vg": "new"}, "No physical volumes given."),
        ({"vg": "new", "pvs": ["/none"]}, "Device /none not found."),
        ({"vg": "data", "pvs": ["{}/sdb"]}, "is already in other volume group"),
        ({"vg": "data", "state": "absent"}, "Refuse to remove non-empty volume group data without force=true"),
        ({"vg": "data", "pvs": ["{}/sdc"], "pv_options": "'"}, "pv_options cannot be parted into words"),
    ],
)
def test_volume_groups_that_cannot_be(lvm: Programs, tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    if "pvs" in arguments:
        arguments = {**arguments, "pvs": [each.format(tmp_path) for each in arguments["pvs"]]}
    assert message in call("lvg", arguments)["msg"]
    assert lvm.acts() == []


@pytest.mark.parametrize(
    ("arguments", "acts"),
    [
        ({"lv": "root", "size": "400"}, []),
        ({"lv": "root", "size": "397m"}, []),
        ({"lv": "root"}, []),
        ({"lv": "root", "size": "0.5g"}, ["lvextend -L 0.5g data/root"]),
        (
            {"lv": "root", "size": "500", "resizefs": True, "pvs": ["/dev/sda"]},
            ["lvextend --resizefs -L 500m data/root /dev/sda"],
        ),
        ({"lv": "root", "size": "+8"}, ["lvextend -L +8m data/root"]),
        ({"lv": "root", "size": "-8", "force": True}, ["lvreduce --force -L -8m data/root"]),
        ({"lv": "root", "size": "300", "force": True}, ["lvreduce --force -L 300m data/root"]),
        ({"lv": "root", "size": "300", "shrink": False}, []),
        ({"lv": "root", "size": "60%VG"}, ["lvextend -l 60%VG data/root"]),
        ({"lv": "root", "size": "40%VG"}, []),
        ({"lv": "root", "size": "+50%FREE"}, ["lvextend -l +50%FREE data/root"]),
        ({"lv": "root", "size": "100%FREE"}, []),
        ({"lv": "root", "active": False}, ["lvchange -an data/root"]),
        ({"lv": "thin", "thinpool": "pool"}, ["lvchange -ay data/thin"]),
        (
            {"lv": "new", "size": "20", "opts": "-r 16", "pvs": ["/dev/sda"]},
            ["lvcreate --yes -n new -L 20m -r 16 data /dev/sda"],
        ),
        ({"lv": "new", "size": "100%FREE"}, ["lvcreate --yes -n new -l 100%FREE data"]),
        ({"lv": "root", "snapshot": "snap", "size": "50%ORIGIN"}, ["lvcreate --yes -l 50%ORIGIN -s -n snap data/root"]),
        ({"lv": "thin", "snapshot": "snap"}, ["lvcreate --yes -s -n snap data/thin"]),
        ({"thinpool": "more", "size": "1g"}, ["lvcreate --yes -L 1g -T data/more"]),
        ({"lv": "slim", "thinpool": "pool", "size": "10"}, ["lvcreate --yes -n slim -V 10m -T data/pool"]),
        ({"lv": "root", "state": "absent", "force": True}, ["lvremove --force data/root"]),
        ({"lv": "none", "state": "absent"}, []),
        ({"vg": "none", "lv": "none", "state": "absent"}, []),
    ],
)
def test_logical_volumes(lvm: Programs, arguments: dict[str, Any], acts: list[str]) -> None:
    _result, done = foretold(lvm, "lvol", {"vg": "data", **arguments})
    assert done == acts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"vg": "none", "lv": "x", "size": "1"}, "Volume group none does not exist."),
        ({"lv": "x"}, "No size given."),
        ({"lv": "x", "size": "many"}, "Bad size specification of 'many'"),
        ({"lv": "x", "size": "-5"}, "Bad size specification of '-5' for creating LV"),
        ({"lv": "x", "size": "101%VG"}, "Size percentage cannot be larger than 100%"),
        ({"lv": "x", "size": "10%ALL"}, "Specify extents as a percentage of VG|PVS|FREE|ORIGIN"),
        ({"lv": "x", "size": "10%ORIGIN"}, "Percentage of ORIGIN supported only for snapshot volumes"),
        ({"lv": "x", "thinpool": "none", "size": "1"}, "Thin pool LV none does not exist in volume group data."),
        ({"lv": "x", "thinpool": "pool", "size": "10%VG"}, "Thin volume sizing with percentage not supported."),
        ({"lv": "none", "snapshot": "s", "size": "1"}, "Snapshot origin LV none does not exist in volume group data."),
        ({"lv": "pool", "snapshot": "s", "size": "1"}, "Snapshots of thin pool LVs are not supported."),
        ({"lv": "root", "size": "100"}, "Sorry, no shrinking of root without force=true."),
        ({"lv": "root", "size": "-400", "force": True}, "Sorry, no shrinking of root to 0 permitted."),
        ({"lv": "root", "size": "90%VG"}, "could not be extended. Not enough free space left"),
        ({"lv": "root", "state": "absent"}, "Sorry, no removal of logical volume root without force=true."),
    ],
)
def test_logical_volumes_that_cannot_be(lvm: Programs, arguments: dict[str, Any], message: str) -> None:
    result = call("lvol", {"vg": "data", **arguments})
    assert result["failed"]
    assert message in result["msg"]
    assert lvm.acts() == []


def test_what_lvm_refuses_is_told(lvm: Programs) -> None:
    lvm.add("lvcreate", default=("no room\n", 5))
    result = call("lvol", {"vg": "data", "lv": "x", "size": "1"})
    assert result["msg"] == "Creating logical volume 'x' failed: no room"
    lvm.add("lvextend", default=("Reached maximum COW size\n", 0))
    assert call("lvol", {"vg": "data", "lv": "root", "size": "+4"})["msg"].endswith("it has its maximum size")
