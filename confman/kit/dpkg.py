"""What dpkg knows: its database of installed packages, and how it compares versions."""

from __future__ import annotations

import os
import re
from itertools import zip_longest

from confman.kit.change import Failure, Unsupported
from confman.kit.text import os_reason

STATUS = "/var/lib/dpkg/status"
_FIELD = re.compile(rb"^(Package|Status|Version|Architecture|Provides|Section|Source):[ \t]*(.*)$", re.MULTILINE)
_PARTS = re.compile(r"([0-9]+)")


class Installed:
    """One entry of the database. state: installed, config-files, unpacked ...; want: install, hold, deinstall ..."""

    __slots__ = ("arch", "name", "provides", "section", "source", "state", "version", "want")

    def __init__(self, fields: dict[str, str]) -> None:
        words = fields.get("Status", "").split()
        self.name = fields.get("Package", "")
        self.arch = fields.get("Architecture", "")
        self.version = fields.get("Version", "")
        self.want = words[0] if words else ""
        self.state = words[-1] if words else ""
        self.section = fields.get("Section", "")
        self.source = fields.get("Source", "").partition(" ")[0] or self.name
        self.provides = [
            part.split()[0].partition(":")[0] for part in fields.get("Provides", "").split(",") if part.strip()
        ]

    @property
    def there(self) -> bool:
        """Whether it is installed and configured."""
        return self.state == "installed"


class Database:
    """All entries. native: the architecture of the system."""

    def __init__(self, entries: list[Installed]) -> None:
        self.by_name = {}  # type: dict[str, list[Installed]]
        self.provided = set()  # type: set[str]
        for entry in entries:
            self.by_name.setdefault(entry.name, []).append(entry)
            if entry.there:
                self.provided.update(entry.provides)
        dpkg = self.by_name.get("dpkg", [])
        self.native = dpkg[0].arch if dpkg else ""

    def find(self, name: str) -> Installed | None:
        """The entry of a package, `name` or `name:arch`; one that is installed goes before one that is not."""
        plain, _colon, arch = name.partition(":")
        arches = {"any": None, "native": (self.native, "all")}.get(arch, (arch,) if arch else (self.native, "all"))
        found = [entry for entry in self.by_name.get(plain, ()) if arches is None or entry.arch in arches]
        return next((entry for entry in found if entry.there), found[0] if found else None)


def parse_status(data: bytes) -> list[Installed]:
    """The entries of a status file."""
    found = []  # type: list[Installed]
    for block in re.split(rb"\n[ \t]*\n", data):
        fields = {key.decode(): value.decode("utf-8", "replace").strip() for key, value in _FIELD.findall(block)}
        if fields.get("Package"):
            found.append(Installed(fields))
    return found


def read_database(path: str = STATUS) -> Database:
    """The database of this system. Raises Unsupported where there is no dpkg."""
    try:
        with open(path, "rb") as stream:
            return Database(parse_status(stream.read()))
    except FileNotFoundError:
        raise Unsupported("{} does not exist: this is no Debian-like system".format(path)) from None
    except OSError as error:
        raise Failure("cannot read {}: {}".format(path, os_reason(error)), path=path) from None


def compare_versions(one: str, other: str) -> int:
    """-1, 0 or 1, as Debian orders versions ([epoch:]upstream[-revision])."""
    left, right = _split(one), _split(other)
    for part in range(3):
        order = _compare_part(left[part], right[part])
        if order:
            return order
    return 0


def _split(version: str) -> tuple[str, str, str]:
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    return (epoch, upstream, revision) if dash else (epoch, rest, "")


def _compare_part(one: str, other: str) -> int:
    """Texts and numbers by turns; the parts at odd places are numbers."""
    pairs = zip_longest(_PARTS.split(one), _PARTS.split(other), fillvalue="")
    for number, (left, right) in enumerate(pairs):
        if number % 2:
            a, b = int(left or 0), int(right or 0)
            order = (a > b) - (a < b)
        else:
            order = _compare_text(left, right)
        if order:
            return order
    return 0


def _compare_text(one: str, other: str) -> int:
    for left, right in zip_longest(one, other, fillvalue=""):
        order = (_weight(left) > _weight(right)) - (_weight(left) < _weight(right))
        if order:
            return order
    return 0


def _weight(char: str) -> int:
    """A tilde goes before the end, the end before letters, letters before the rest."""
    if char == "~":
        return -1
    if not char:
        return 0
    return ord(char) if char.isalpha() else ord(char) + 256


def lock_holder(path: str) -> str:
    """Who holds a lock file: "pid 812 (apt-get)"; "" when nobody can be named."""
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii") as stream:
            pid = parse_locks(stream.read()).get(inode)
        if not pid:
            return ""
        with open("/proc/{}/comm".format(pid), encoding="utf-8", errors="replace") as stream:
            return "pid {} ({})".format(pid, stream.read().strip())
    except OSError:
        return ""


def parse_locks(text: str) -> dict[int, int]:
    """The pid that holds a lock, by inode, from the text of /proc/locks; those that only wait are left out."""
    found = {}  # type: dict[int, int]
    for line in text.split("\n"):
        match = re.match(r"\d+: (?:POSIX|FLOCK|OFDLCK) +\S+ +\S+ +(\d+) +\S+:\S+:(\d+) ", line)
        if match:
            found[int(match.group(2))] = int(match.group(1))
    return found
