"""Partitions of disks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, rules
from confman.kit.partitions import Parted, check_size, end_bytes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(required_if=[("state", "present", ("number",)), ("state", "absent", ("number",))])
def parted(
    device: str,
    align: Literal["cylinder", "minimal", "none", "optimal", "undefined"] = "optimal",
    number: int | None = None,
    unit: Literal["s", "B", "KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB", "%", "cyl", "chs", "compact"] = "KiB",
    label: Literal["aix", "amiga", "bsd", "dvh", "gpt", "loop", "mac", "msdos", "pc98", "sun"] = "msdos",
    part_type: Literal["extended", "logical", "primary"] = "primary",
    part_start: str = "0%",
    part_end: str = "100%",
    name: str | None = None,
    flags: list[str] | None = None,
    state: Literal["absent", "present", "info"] = "info",
    fs_type: str | None = None,
    resize: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a partition on a disk, or away from it; or tell what is there.

    Args:
        device: The disk, or a file that is an image of one.
        align: How new partitions are aligned; undefined: as parted does by itself.
        number: The number of the partition.
        unit: What sizes are told in, and those without a unit mean.
        label: The kind of partition table. A disk that has another one gets this, and loses its partitions.
        part_type: The kind of partition, where the table knows kinds.
        part_start: Where it begins; from the end, if negative.
        part_end: Where it ends.
        name: Its name, where the table knows names.
        flags: The flags that it has, and no others.
        state: info: nothing is changed.
        fs_type: The kind of file system that a new partition is marked for.
        resize: Move the end of a partition that is there to `part_end`. Its file system is left as it is.

    Returns:
        disk: The device: dev, size, unit, table, model, logical_block, physical_block.
        partitions: Each with num, begin, end, size, fstype, name, flags and unit.
        script: What parted was told.

    Examples:
        - parted:
            device: /dev/sdb
            unit: MiB
          register: disk
        - parted:
            device: /dev/sdb
            number: 1
            state: present
            label: gpt
            name: data
            part_end: 10GiB
        - parted:
            device: /dev/sdb
            number: 2
            state: present
            part_start: 10GiB
            flags: [lvm]

    Platforms: Linux with parted 3.1 or later.
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    tool = _Tool(ask)
    if state == "absent" and tool.partition() is not None:
        what = "{} {}".format(device, number)
        yield tool.change("partition", what, ["rm", str(number)], before=tool.partition(), after=None)
    elif state == "present":
        yield from _present(tool, ask)
    told = tool.told()
    return dict(told, script="unit '{}' print".format(unit)) if state == "info" else told


def _check(ask: Any) -> None:
    if ask.number is not None and ask.number < 1:
        raise Failure("The partition number must be greater then 0.")
    if ask.name is not None and ('"' in ask.name or "\n" in ask.name):
        raise Failure("the name of a partition cannot hold quotes or new lines: {!r}".format(ask.name))
    check_size("part_start", ask.part_start, ask.unit)
    check_size("part_end", ask.part_end, ask.unit)


class _Tool:
    """parted upon the device, what it tells of it, and what it was told so far."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.parted = Parted(ask.device, ask.unit, ask.align)
        self.found = self.parted.look()
        self.script = []  # type: list[str]

    def partition(self) -> dict[str, Any] | None:
        """The partition that is asked for, as it was when last looked at."""
        return next((each for each in self.found["partitions"] if each["num"] == self.ask.number), None)

    def told(self) -> dict[str, Any]:
        """The result."""
        found = self.found
        return {"disk": found["generic"], "partitions": found["partitions"], "script": " ".join(self.script)}

    def act(self, words: list[str]) -> dict[str, Any]:
        """Run a script, if there is one; the result then."""
        if words:
            self.parted.act(words)
            self.script += [*([] if self.script else ["unit", self.ask.unit]), *words]
            self.found = self.parted.look()
        return self.told()

    def change(self, kind: str, name: str, words: list[str], **more: Any) -> Change:
        """A change that is made by a script."""
        return Change(kind, name, do=lambda: self.act(words), **more)


def _present(tool: _Tool, ask: Any) -> Iterator[Change]:
    what, table = "{} {}".format(ask.device, ask.number), tool.found["generic"]["table"]
    fresh = table != ask.label
    if fresh:
        before = None if table == "unknown" else table
        yield tool.change("partition table", ask.device, ["mklabel", ask.label], before=before, after=ask.label)
    have = None if fresh else tool.partition()
    if have is None:
        words = ["mkpart", ask.part_type, *([ask.fs_type] if ask.fs_type else []), ask.part_start, ask.part_end]
        yield tool.change("partition", what, words, before=None, after="{} to {}".format(ask.part_start, ask.part_end))
    elif ask.resize:
        yield from _resize(tool, ask, what)
    yield from _marks(tool, ask, what, have or {"name": None, "flags": []})


def _marks(tool: _Tool, ask: Any, what: str, have: dict[str, Any]) -> Iterator[Change]:
    """The changes of a partition's name and flags."""
    if ask.name is not None and have["name"] != ask.name:
        words = ["name", str(ask.number), '"{}"'.format(ask.name)]
        yield tool.change("partition name", what, words, before=have["name"], after=ask.name)
    if ask.flags:
        yield from _flags(tool, ask, what, set(have["flags"]))


def _resize(tool: _Tool, ask: Any, what: str) -> Iterator[Change]:
    found = tool.parted.look("B")
    size, sector = int(found["generic"]["size"]), found["generic"]["logical_block"]
    have = next(int(each["end"]) + 1 for each in found["partitions"] if each["num"] == ask.number)
    want, slack = end_bytes(ask.part_end, ask.unit, size, sector)
    if abs(have - want) >= slack:
        words = ["resizepart", str(ask.number), ask.part_end]
        yield tool.change("partition end", what, words, before="{}B".format(have), after=ask.part_end)


def _flags(tool: _Tool, ask: Any, what: str, have: set[str]) -> Iterator[Change]:
    # whoever sets esp sets boot, too
    want = set(ask.flags) | ({"boot"} if "esp" in ask.flags else set())

    def act() -> dict[str, Any]:
        part = tool.partition()
        now = set(part["flags"] if part else ())
        return tool.act(_switch(ask.number, want - now, "on") + _switch(ask.number, now - want, "off"))

    if have != want:
        yield Change("partition flags", what, before=sorted(have), after=sorted(want), do=act)


def _switch(number: int, flags: set[str], word: str) -> list[str]:
    return [each for flag in sorted(flags) for each in ("set", str(number), flag, word)]
