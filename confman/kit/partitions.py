"""Partition tables, as the program parted tells of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Sequence

SI = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
IEC = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
UNITS = (*SI, *IEC, "s", "%", "cyl", "chs", "compact")
_NUMBER = re.compile(r"^(-?[\d.]+) *([\w%]+)?$")
_CHS = re.compile(r"^(\d+),(\d+),(\d+)$")
_TIMEOUT = 300


class Parted:
    """The program upon one device. unit: what it counts in. align: how it aligns new partitions."""

    def __init__(self, device: str, unit: str, align: str) -> None:
        self.program = need("parted")
        self.device = device
        self.unit = unit
        self.align = [] if align == "undefined" else ["--align", align]

    def _run(self, options: Sequence[str], words: Sequence[str]) -> Completed:
        argv = [self.program, "--script", *options, "--machine", self.device, "--", *words]
        return run(argv, timeout=_TIMEOUT)

    def act(self, words: Sequence[str]) -> None:
        """Run a script that changes something. Raises Failure."""
        fix = ["--fix"] if self._version() >= [3, 4, 64] else []
        done = self._run([*fix, *self.align], ["unit", self.unit, *words])
        if done.rc != 0:
            said = " ".join((done.err + done.out).split())
            raise Failure("parted {}: {}: {}".format(self.device, " ".join(words), said), **done.data())

    def _version(self) -> list[int]:
        match = re.search(r"\s(\d+(?:\.\d+)+)", run([self.program, "--version"], timeout=_TIMEOUT).out)
        return [int(number) for number in match.group(1).split(".")] if match else []

    def look(self, unit: str | None = None) -> dict[str, Any]:
        """The device (`generic`) and its partitions, as numbers of a unit. Raises Failure."""
        done = self._run([], ["unit", unit or self.unit, "print"])
        lines = [line.rstrip(";") for line in done.out.splitlines() if line.endswith(";")]
        if len(lines) < 2 or (done.rc != 0 and "unrecognised disk label" not in done.err):
            said = " ".join((done.err + done.out).split())
            raise Failure("parted cannot read {}: {}".format(self.device, said), _lacks=self.device, **done.data())
        return _read(lines)


def _read(lines: Sequence[str]) -> dict[str, Any]:
    """What `print` says for machines: a line about units, one about the device, and one for each partition."""
    fields = lines[1].split(":")
    size, unit = parse_size(fields[1])
    device = {
        "dev": fields[0],
        "size": size,
        "unit": unit.lower(),
        "table": fields[5],
        "model": fields[6],
        "logical_block": int(fields[3]),
        "physical_block": int(fields[4]),
    }
    rest = list(lines[2:])
    if unit in ("cyl", "chs"):
        shape = rest.pop(0).split(":")
        each, each_unit = parse_size(shape[3])
        cylinders, heads, sectors = map(int, shape[:3])
        counts = {"cylinders": cylinders, "heads": heads, "sectors": sectors}
        device["chs_info"] = dict(counts, cyl_size=each, cyl_size_unit=each_unit.lower())
    return {"generic": device, "partitions": [_partition(line.split(":"), unit) for line in rest]}


def _partition(fields: list[str], unit: str) -> dict[str, Any]:
    if unit == "chs":
        fields = [*fields[:3], "", *fields[3:]]
    return {
        "num": int(fields[0]),
        "begin": parse_size(fields[1])[0],
        "end": parse_size(fields[2])[0],
        "size": parse_size(fields[3])[0] if fields[3] else "",
        "fstype": fields[4],
        "name": fields[5],
        "flags": [flag.strip() for flag in fields[6].split(",") if flag.strip()],
        "unit": unit.lower(),
    }


def parse_size(text: str, unit: str = "") -> tuple[Any, str]:
    """A size and its unit: a float, or a mapping where the unit is chs. Raises Failure."""
    match, triple = _NUMBER.match(text), _CHS.match(text)
    if match:
        return float(match.group(1)), match.group(2) or unit
    if triple:
        cylinder, head, sector = map(int, triple.groups())
        return {"cylinder": cylinder, "head": head, "sector": sector}, "chs"
    raise Failure("Error interpreting parted size output: '{}'".format(text))


def check_size(name: str, text: str, unit: str) -> None:
    """Raise Failure when an argument is no size with a unit that parted knows."""
    if parse_size(text, unit)[1] not in UNITS:
        shape = "The argument '{}' doesn't respect required format. The size unit is case sensitive: {!r}"
        raise Failure("{}; use one of {}".format(shape.format(name, text), ", ".join(UNITS)))


def end_bytes(text: str, unit: str, device: int, sector: int) -> tuple[float, int]:
    """Where an end lies, in bytes from the start of a device of some bytes, and how far off it may be.

    Raises Failure for units that cannot be told in bytes.
    """
    size, unit = parse_size(text, unit)
    if unit == "%":
        return device * size / 100, 2 << 20
    factor = {"s": sector, **SI, **IEC}.get(unit)
    if factor is None:
        raise Failure("part_end {} cannot be compared with what is there: use another unit for resize".format(text))
    end = size * factor + (device if size < 0 else 0)
    return end, sector if unit in ("s", "B") else 1 << 20
