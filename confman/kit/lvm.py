"""Volume groups and their volumes, as the programs of LVM tell of them."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import check, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Sequence

AUTO = "--setautoactivation"
_TIMEOUT = 600
_SIZE = re.compile(r"^([+-]?)(\d+(?:\.\d+)?)([bskmgtpe]?)$", re.IGNORECASE)
_SHARE = re.compile(r"^([+-]?)(\d+)%(\w+)$")
_WHOLES = ("VG", "PVS", "FREE", "ORIGIN")


def act(what: str, program: str, *words: str) -> None:
    """Run a program that changes something. Raises Failure saying that `what` failed."""
    done = check([need(program), *words], what, timeout=_TIMEOUT)
    if "Reached maximum COW size" in done.out:
        raise Failure("{}: it has its maximum size".format(what), **done.data())


def report(program: str, fields: str, *words: str) -> list[list[str]] | None:
    """The rows of vgs, lvs or pvs; None when it fails, since what it is asked for is not there."""
    argv = [need(program), "--noheadings", "--nosuffix", "--separator", ";", "-o", fields, *words]
    done = run(argv, timeout=_TIMEOUT)
    return [line.strip().split(";") for line in done.out.splitlines() if line.strip()] if done.rc == 0 else None


def group(name: str) -> dict[str, Any] | None:
    """A volume group: how many logical volumes it has (`volumes`), and its devices; None when there is none."""
    for found, volumes in report("vgs", "vg_name,lv_count") or ():
        if found == name:
            return {"volumes": int(volumes), "devices": [pv for pv, of in devices().items() if of == name]}
    return None


def devices() -> dict[str, str]:
    """Every physical volume by its real path, with the volume group that it is in, or ""."""
    return {os.path.realpath(name): of for name, of in report("pvs", "pv_name,vg_name") or ()}


def knows_auto(program: str) -> bool:
    """Whether this LVM can say for a group whether it is activated by itself."""
    return AUTO in run([need(program), "--help"], timeout=_TIMEOUT).out


class Size:
    """A size as LVM's programs take it. sign: "", + or -; whole: what a percentage is of, or ""."""

    def __init__(self, text: str) -> None:
        share, size = _SHARE.match(text), _SIZE.match(text)
        if share:
            self.sign, number, self.whole = share.groups()
            self.unit = ""
        elif size:
            self.sign, number, self.unit = size.groups()
            self.unit, self.whole = self.unit or "m", ""
        else:
            raise Failure("Bad size specification of '{}'".format(text))
        self.number = float(number)
        self.text = number
        if self.whole and self.number > 100:
            raise Failure("Size percentage cannot be larger than 100%")
        if self.whole and self.whole not in _WHOLES:
            raise Failure("Specify extents as a percentage of VG|PVS|FREE|ORIGIN")

    def words(self, signed: bool = True, option: str = "L") -> list[str]:
        """The option of LVM's programs that says it."""
        value = "{}%{}".format(self.text, self.whole) if self.whole else self.text + self.unit
        return ["-l" if self.whole else "-" + option, (self.sign if signed else "") + value]


class Volumes:
    """The logical volumes of a group, with sizes in a unit; `there` is false when there is no such group."""

    def __init__(self, name: str, unit: str) -> None:
        units = ["--units", unit.lower()]
        groups = report("vgs", "vg_name,vg_size,vg_free,vg_extent_size", *units, name)
        rows = report("lvs", "lv_name,lv_size,lv_attr", "-a", *units, name) if groups else None
        self.there = groups is not None and rows is not None
        size, free, extent = (groups or [["", "0", "0", "1"]])[0][1:4]
        self.size, self.free, self.extent = float(size), float(free), float(extent)
        self.found = {row[0].strip("[]"): row for row in rows or ()}

    def size_of(self, name: str) -> float | None:
        """How large a volume is; None when there is none."""
        return float(self.found[name][1]) if name in self.found else None

    def attribute(self, name: str, at: int) -> str:
        """One of the letters that lvs tells about a volume: 0 its kind, 4 its state."""
        return self.found[name][2][at] if name in self.found else ""

    def wanted(self, size: Size, have: float) -> float:
        """How large a volume shall be, that is `have` now."""
        if not size.whole:
            return {"": size.number, "+": have + size.number, "-": have - size.number}[size.sign]
        share = size.number * (self.free if size.whole == "FREE" else self.size) / 100
        asked = {"": share, "+": have + share, "-": have - share}[size.sign]
        return asked - asked % self.extent


def names_of(paths: Sequence[str]) -> list[str]:
    """Devices by their real paths. Raises Failure when one is not there."""
    for path in paths:
        if not os.path.exists(path):
            raise Failure("Device {} not found.".format(path), _lacks=path)
    return [os.path.realpath(path) for path in paths]
