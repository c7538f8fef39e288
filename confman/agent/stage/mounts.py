"""Which mounts of a host a stage shows, and how: read from /proc/self/mountinfo (proc(5))."""

from __future__ import annotations

import os

LAYERED = frozenset(
    "ext2 ext3 ext4 xfs btrfs f2fs jfs reiserfs bcachefs zfs overlay tmpfs ramfs vfat exfat squashfs erofs "
    "iso9660 udf".split()
)
"""File systems over which a layer is laid that takes all writes."""
KERNEL = frozenset(
    "proc sysfs devtmpfs devpts cgroup cgroup2 mqueue debugfs tracefs securityfs bpf pstore configfs efivarfs "
    "hugetlbfs binfmt_misc rpc_pipefs fusectl autofs nsfs selinuxfs".split()
)
"""What the kernel shows as files: a stage has its own, or none. Everything else (networks, FUSE) is shown read-only."""
OWN = ("/proc", "/sys", "/dev")
"""Folders that a stage makes for itself."""
BASES = ("/mnt", "/media", "/srv", "/opt", "/home", "/boot")
"""Folders over which a stage may lay its own store, where no other process sees it."""


class Mount:
    """One mount: where it is and what kind of file system it has."""

    __slots__ = ("kind", "number", "parent", "path")

    def __init__(self, number: int, parent: int, path: str, kind: str) -> None:
        self.number = number
        self.parent = parent
        self.path = path
        self.kind = kind

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mount) and (self.number, self.path, self.kind) == (
            other.number,
            other.path,
            other.kind,
        )

    def __hash__(self) -> int:
        return hash((self.number, self.path))

    def __repr__(self) -> str:
        return "Mount({}, {}, {!r}, {!r})".format(self.number, self.parent, self.path, self.kind)

    @property
    def layered(self) -> bool:
        """Whether writes go into a layer over it."""
        return self.kind in LAYERED


def parse_mounts(text: str) -> list[Mount]:
    """The mounts of a mountinfo table, in its order; lines that are none are left out."""
    found = []  # type: list[Mount]
    for line in text.splitlines():
        left, dash, right = line.partition(" - ")
        words, kinds = left.split(" "), right.split(" ")
        if dash and len(words) >= 6 and words[0].isdigit() and words[1].isdigit() and kinds[0]:
            found.append(Mount(int(words[0]), int(words[1]), unescape(words[4]), kinds[0]))
    return found


def unescape(text: str) -> str:
    """A path of mountinfo with its octal escapes (space, tab, line end, backslash) undone."""
    parts = text.split("\\")
    done = [parts[0]]
    for part in parts[1:]:
        code = part[:3]
        if len(code) == 3 and all(digit in "01234567" for digit in code) and int(code, 8) < 256:
            done.append(chr(int(code, 8)) + part[3:])
        else:
            done.append("\\" + part)
    return "".join(done)


def visible(mounts: list[Mount]) -> list[Mount]:
    """The mounts that a path can reach, outer ones first: none that another one hides."""
    shown = {}  # type: dict[str, Mount]
    for mount in mounts:
        for path in [path for path in shown if below(path, mount.path)]:
            # What was mounted earlier at or under this place is hidden by it.
            if path == mount.path or shown[path].parent != mount.number:
                del shown[path]
        shown[mount.path] = mount
    return sorted(shown.values(), key=lambda mount: (mount.path.rstrip("/").count("/"), mount.path))


def staged(mounts: list[Mount]) -> list[Mount]:
    """The mounts that a stage repeats: those with files of the host."""
    return [
        mount
        for mount in visible(mounts)
        if mount.kind not in KERNEL and not any(below(mount.path, folder) for folder in OWN)
    ]


def below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return folder in ("/", path) or path.startswith(folder + "/")


def choose_base(mounts: list[Mount]) -> str:
    """A folder over which the store may be laid: no mount is at it or in it. Raises OSError when there is none."""
    for folder in BASES:
        if os.path.isdir(folder) and not os.path.islink(folder) and not any(below(m.path, folder) for m in mounts):
            return folder
    raise OSError(0, "no folder of {} is free of mounts".format(", ".join(BASES)))


def escape_option(path: str) -> str:
    """A path as an option of overlay takes it."""
    return path.replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:")
