"""Facts of mounts, from the tables one asks for."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Raw, Warn
from confman.kit.commands import find_program, run
from confman.kit.facts.storage import sizes
from confman.kit.mounttables import parse_mount, parse_table
from confman.kit.patience import within
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_STATIC = ("/etc/fstab", "/etc/vfstab", "/etc/filesystems")
_DYNAMIC = ("/etc/mtab", "/proc/mounts", "/etc/mnttab")
_GROUPS = {"all": _DYNAMIC + _STATIC, "static": _STATIC, "dynamic": _DYNAMIC}


def mount_facts(
    devices: list[str] | None = None,
    fstypes: list[str] | None = None,
    sources: list[str] | None = None,
    mount_binary: Raw | None = "mount",
    timeout: float | None = None,
    on_timeout: Literal["error", "ignore", "warn"] = "error",
    include_aggregate_mounts: bool | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Tell what is mounted, or is to be; nothing is changed.

    Args:
        devices: Patterns, one of which the device must match.
        fstypes: Patterns, one of which the kind of file system must match.
        sources: Where to look: files, `mount` (the output of `mount_binary`), `static` (the tables that an
            administrator writes), `dynamic` (those that the system keeps) or `all`, which is the default.
        mount_binary: The program that is run for the source `mount`, and when no dynamic source says anything;
            null: none.
        timeout: Seconds that each question to a file system or program may take; null: no limit.
        on_timeout: What to do with those that take longer: fail, warn and leave them out, or just leave them out.
        include_aggregate_mounts: Give all mounts, those behind others too, in `aggregate_mounts`. Without a choice,
            such mounts are warned of.

    Returns:
        ansible_facts: mount_points, a mapping of each mount point's first entry, and aggregate_mounts. An entry has
            mount, device, fstype, options, uuid, sizes as in `ansible_mounts`, and ansible_context (source,
            source_data).

    Examples:
        - mount_facts:
            devices: "[!/]*"
        - mount_facts:
            fstypes: [nfs, nfs4]
            timeout: 10
            on_timeout: warn
        - mount_facts:
            sources: [/usr/etc/fstab, mount]
            mount_binary: /sbin/mount

    Platforms: any with Python 3.6.
    """
    ask = SimpleNamespace(**locals())
    if timeout is not None and timeout <= 0:
        raise Failure("argument 'timeout' must be a positive number or null, not {}".format(timeout))
    if mount_binary is not None and not isinstance(mount_binary, str):
        raise Failure("argument 'mount_binary' must be a string or null, not {}".format(mount_binary))
    search = _Search(ask)
    found = list(search.mounts())
    points = {}  # type: dict[str, dict[str, Any]]
    for each in found:
        points.setdefault(each["mount"], each)
    repeated = _repeated(found)
    if repeated and include_aggregate_mounts is None:
        search.warnings.append(
            "mount_facts: ignoring repeat mounts in the following sources: {}. You can disable this warning by "
            "configuring the 'include_aggregate_mounts' option as True or False.".format(", ".join(repeated))
        )
    for text in search.warnings:
        yield Warn(text)
    return {"ansible_facts": {"mount_points": points, "aggregate_mounts": found if include_aggregate_mounts else []}}


def _repeated(mounts: list[dict[str, Any]]) -> list[str]:
    """The sources that name a mount point twice, each with its mount points."""
    points = {}  # type: dict[str, list[str]]
    for each in mounts:
        points.setdefault(each["ansible_context"]["source"], []).append(each["mount"])
    return ["{} ({})".format(name, paths) for name, paths in points.items() if len(set(paths)) < len(paths)]


class _Search:
    """Looks through the sources; `warnings` fills meanwhile."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.warnings = []  # type: list[str]
        self.uuids = None  # type: dict[str, str] | None

    def mounts(self) -> Iterator[dict[str, Any]]:
        """What is asked for, in the order of the sources."""
        for source, text, row in self._rows():
            device, uuid = row["device"], None
            if device.startswith("UUID="):
                uuid = device[len("UUID=") :]
                device = self._by_uuid(uuid) or device
            if not (_matches(device, self.ask.devices) and _matches(row["fstype"], self.ask.fstypes)):
                continue
            what = "Timed out getting mount size for mount {} (type {})".format(row["mount"], row["fstype"])
            row.update(self._bounded(partial(sizes, row["mount"]), what) or {})
            row["uuid"] = uuid or self._by_device().get(device)
            row["ansible_context"] = {"source": source, "source_data": text}
            yield row

    def _rows(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        sources = self._sources()
        fall_back = bool(self.ask.mount_binary) and bool(set(sources) & set(_DYNAMIC))
        for source in _once(sources):
            rows = self._printed() if source == "mount" else parse_table(_content(source))
            if rows and source in ("mount", *_DYNAMIC):
                fall_back = False
            for text, row in rows:
                yield source, text, row
        for text, row in self._printed() if fall_back else ():
            yield "mount", text, row

    def _sources(self) -> list[str]:
        asked = self.ask.sources or ["all"]
        if "" in asked:
            raise Failure("sources contains an empty string")
        names = [name for word in asked for name in _GROUPS.get(word, (word,))]
        if len(set(names)) < len(names):
            self.warnings.append(
                "mount_facts option 'sources' contains duplicate entries, repeat sources will be ignored: {}".format(
                    names
                )
            )
        return names

    def _printed(self) -> list[tuple[str, dict[str, Any]]]:
        """The rows of what the program prints. Raises Failure when there is none or it fails."""
        program = find_program(str(self.ask.mount_binary))
        if program is None:
            raise Failure("Failed to find required executable {!r}".format(self.ask.mount_binary))
        said = self._bounded(lambda: run([program]), "Timed out running {}".format(program))
        if said is None:
            return []
        if said.rc != 0:
            raise Failure("Failed to execute {}: {}".format(program, said.err.strip()), **said.data())
        return parse_mount(said.out)

    def _bounded(self, question: Callable[[], Any], what: str) -> Any:
        """An answer, or None if it takes too long and that is no failure. Raises Failure."""
        done, answer = within(self.ask.timeout, question)
        if done:
            return answer
        text = "{} after {:g} seconds".format(what, self.ask.timeout)
        if self.ask.on_timeout == "error":
            raise Failure(text)
        if self.ask.on_timeout == "warn":
            self.warnings.append(text)
        return None

    def _by_uuid(self, uuid: str) -> str | None:
        path = os.path.join("/dev/disk/by-uuid", uuid)
        if os.path.exists(path):
            return os.path.realpath(path)
        program = find_program("blkid")
        said = program and self._bounded(lambda: run([program, "--uuid", uuid]), "Timed out running blkid")
        return said.out.strip() or None if said and said.rc == 0 else None

    def _by_device(self) -> dict[str, str]:
        """The UUID of each device, looked up once."""
        if self.uuids is None:
            program = find_program("lsblk")
            argv = [str(program), "--list", "--noheadings", "--paths", "--output", "NAME,UUID", "--exclude", "2"]
            said = program and self._bounded(lambda: run(argv), "Timed out running lsblk")
            pairs = [line.split() for line in said.out.splitlines()] if said and said.rc == 0 else []
            self.uuids = dict(pair for pair in pairs if len(pair) == 2)
            self.uuids.update(_links())
        return self.uuids


def _once(sources: list[str]) -> list[str]:
    """The sources without those that lead where an earlier one leads."""
    places = {}  # type: dict[str, str]
    for source in sources:
        places.setdefault(source if source == "mount" else os.path.realpath(source), source)
    return list(places.values())


def _matches(text: str, patterns: list[str] | None) -> bool:
    return any(fnmatch(text, pattern) for pattern in patterns or ["*"])


def _content(path: str) -> str:
    """What a table holds; nothing when it is missing or cannot be read."""
    try:
        with open(path, "rb") as stream:
            return to_text(stream.read())
    except OSError:
        return ""


def _links() -> dict[str, str]:
    folder = "/dev/disk/by-uuid"
    try:
        return {os.path.realpath(os.path.join(folder, name)): name for name in os.listdir(folder)}
    except OSError:
        return {}
