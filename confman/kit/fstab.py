"""File systems: lines of fstab, and what is mounted."""

from __future__ import annotations

import re

from confman.kit.change import Failure
from confman.kit.textlines import lines_of

MOUNTS = "/proc/self/mountinfo"
_FIELDS = 4


class Entry:
    """A line of fstab: what is mounted where, kind, options, dump and pass."""

    __slots__ = ("dump", "kind", "options", "order", "path", "source")

    def __init__(self, source: str, path: str, kind: str, options: str, dump: str = "0", order: str = "0") -> None:
        self.source = source
        self.path = path
        self.kind = kind
        self.options = options
        self.dump = dump
        self.order = order

    def line(self) -> str:
        """The line, without its end."""
        return " ".join(
            [escape(self.source), escape(self.path), self.kind, escape(self.options), self.dump, self.order]
        )

    def same(self, other: Entry) -> bool:
        """Whether two lines say the same."""
        return self.line() == other.line()


def escape(text: str) -> str:
    """A field as fstab holds it: white space and backslashes as octal numbers."""
    return "".join("\\{:03o}".format(ord(sign)) if sign in " \t\n\\" else sign for sign in text)


def unescape(text: str) -> str:
    """What a field of fstab or of the kernel's list means."""
    return re.sub(r"\\([0-3][0-7]{2})", lambda match: chr(int(match.group(1), 8)), text)


def parse_line(line: str) -> Entry | None:
    """A line of fstab; None for comments, blank lines and what has too few fields."""
    fields = line.split()
    if len(fields) < _FIELDS or line.lstrip().startswith("#"):
        return None
    source, path, kind, options = fields[:4]
    rest = [*fields[4:6], "0", "0"][:2] if len(fields) < 6 else fields[4:6]
    return Entry(unescape(source), unescape(path), kind, unescape(options), *rest)


def find_entry(text: str, path: str, kind: str | None = None, source: str | None = None) -> Entry | None:
    """The last line about a mount point; of swap areas, which share "none", that of the source."""
    found = [entry for entry in map(parse_line, lines_of(text)) if entry and _about(entry, path, kind, source)]
    return found[-1] if found else None


def _about(entry: Entry, path: str, kind: str | None, source: str | None) -> bool:
    if entry.path != path:
        return False
    return path not in ("none", "swap", "-") or (entry.source == source and kind in (None, entry.kind))


def put_entry(text: str, wanted: Entry) -> str:
    """The fstab with the entry in place of the one about its mount point, or at its end."""
    lines: list[str] = []
    done = False
    for line in lines_of(text):
        entry = parse_line(line)
        if entry is None or not _about(entry, wanted.path, wanted.kind, wanted.source):
            lines.append(line)
        elif not done:
            lines.append(line if entry.same(wanted) else wanted.line())
            done = True
    if not done:
        lines.append(wanted.line())
    return "\n".join(lines) + "\n"


def drop_entry(text: str, path: str, source: str | None = None) -> str:
    """The fstab without the lines about a mount point."""
    lines = []  # type: list[str]
    for line in lines_of(text):
        entry = parse_line(line)
        if entry is None or not _about(entry, path, None, source):
            lines.append(line)
    return "\n".join(lines) + "\n" if lines else ""


class Mount:
    """Something mounted: where, kind, source and options of the mount; root: the folder of it that is mounted."""

    __slots__ = ("kind", "options", "path", "root", "source")

    def __init__(self, path: str, kind: str, source: str, options: str, root: str) -> None:
        self.path = path
        self.kind = kind
        self.source = source
        self.options = options
        self.root = root


def parse_mounts(text: str) -> dict[str, Mount]:
    """What is mounted, by mount point, from the text of mountinfo; of several on one point the last."""
    found = {}  # type: dict[str, Mount]
    for line in lines_of(text):
        head, dash, tail = line.partition(" - ")
        before, after = head.split(), tail.split()
        if dash and len(before) >= 6 and len(after) >= 2:
            path = unescape(before[4])
            found[path] = Mount(path, after[0], unescape(after[1]), before[5], unescape(before[3]))
    return found


def mounted() -> dict[str, Mount]:
    """What is mounted now. Raises Failure."""
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as stream:
            return parse_mounts(stream.read())
    except OSError as error:
        raise Failure("cannot read {}: {}".format(MOUNTS, error.strerror)) from None
