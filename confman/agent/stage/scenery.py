"""Builds the root of a stage: layers over the host's file systems, and its own /dev, /proc and /sys."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

from confman.agent.stage.kernel import BIND, NOATIME, NODEV, NOEXEC, NOSUID, PRIVATE, RDONLY, REC, REMOUNT, mount, pivot
from confman.agent.stage.mounts import Mount, choose_base, escape_option, parse_mounts, staged

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LIMIT = 1024 * 1024
"""Bytes of a file that is itself a mount (as containers have) and is copied."""
_READ_ONLY = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi")
_HIDDEN = ("kcore", "kmsg", "keys", "timer_list", "sched_debug", "kallsyms")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2", "ptmx": "pts/ptmx"}
_OPTIONS = ("index=off,redirect_dir=on,metacopy=off,", "")
_OPTIONS_OF_CONTAINERS = ("userxattr,",)
"""What root in a user namespace may have: marks that layers keep at files are of a kind that ordinary users may set."""


LEAST = 32 * 1024 * 1024
"""Bytes without which a stage is of no use."""


def room(wished: int, meminfo: str) -> int:
    """The bytes that a stage may take: they are in memory, of which the host keeps half of what is available.

    meminfo: the text of /proc/meminfo (proc(5)). Raises OSError when that is too little.
    """
    rows = [line.split() for line in meminfo.splitlines() if line.startswith("MemAvailable:")]
    available = int(rows[0][1]) * 1024 if rows else 2 * wished
    if available // 2 < LEAST:
        raise OSError(0, "only {} MB of memory are available".format(available // 1024**2))
    return min(wished, available // 2)


def build(wished: int) -> list[str]:
    """Make the new root of this mount namespace, with at most `wished` bytes of changes; then be in it.

    Returns what could not be shown, as lines for people. Raises OSError when there can be no stage.
    """
    with open("/proc/meminfo", encoding="ascii") as file:
        size = room(wished, file.read())
    mount("none", "/", "", REC | PRIVATE)
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        mounts = parse_mounts(file.read())
    shown = staged(mounts)
    base = choose_base(mounts)
    with _opened(shown) as places:
        mount("confman", base, "tmpfs", NOSUID, "size={},mode=0700".format(size))
        root = os.path.join(base, "root")
        os.mkdir(root)
        missing = [text for each in shown for text in _show(base, root, each, places[each.path])]
    _make_devices(root)
    mount("proc", os.path.join(root, "proc"), "proc", NOSUID | NODEV | NOEXEC)
    _close_proc(os.path.join(root, "proc"))
    mount("/sys", os.path.join(root, "sys"), "", BIND)
    mount("/sys", os.path.join(root, "sys"), "", BIND | REMOUNT | RDONLY | NOSUID | NODEV | NOEXEC)
    pivot(root)
    return missing


@contextlib.contextmanager
def _opened(shown: list[Mount]) -> Iterator[dict[str, int]]:
    """Descriptors of the mounts' roots: the store may hide the paths by which they are found."""
    places = {}  # type: dict[str, int]
    try:
        for each in shown:
            places[each.path] = os.open(each.path, os.O_PATH | os.O_CLOEXEC)
        yield places
    finally:
        for descriptor in places.values():
            os.close(descriptor)


def _show(base: str, root: str, each: Mount, place: int) -> list[str]:
    """Put one mount into the root; what went wrong, unless it is the root itself."""
    source = "/proc/self/fd/{}".format(place)
    target = root if each.path == "/" else root + each.path
    try:
        if not stat.S_ISDIR(os.stat(source).st_mode):
            _copy_file(source, target)
        elif each.layered:
            _lay(base, source, target, str(each.number))
        else:
            mount(source, target, "", BIND)
            mount(source, target, "", BIND | REMOUNT | RDONLY | NOSUID | NODEV)
            return ["{} ({}) cannot be written".format(each.path, each.kind)]
    except OSError as error:
        if each.path == "/":
            raise
        return ["{} is not there: {}".format(each.path, error.strerror)]
    return []


def _lay(base: str, source: str, target: str, name: str) -> None:
    """Lay a layer over a folder."""
    upper, work = (os.path.join(base, name + kind) for kind in (".upper", ".work"))
    os.mkdir(upper)
    os.mkdir(work)
    # The layer's top folder is what people see at the mount point.
    found = os.stat(source)
    os.chown(upper, found.st_uid, found.st_gid)
    os.chmod(upper, stat.S_IMODE(found.st_mode))
    with contextlib.suppress(OSError):
        shutil.copystat(source, upper)
    if not os.path.isdir(target):
        os.makedirs(target)
    lower = os.readlink(source)
    _overlay(lower if os.path.samefile(lower, source) else source, upper, work, target)


def layer_options(upper: str, uid_map: str) -> tuple[str, ...]:
    """The options to try for a layer, the best ones first; `uid_map` is the text of /proc/self/uid_map.

    Raises OSError when a layer could not keep what it must.
    """
    if uid_map.split() == ["0", "0", "4294967295"]:
        return _OPTIONS
    try:
        os.setxattr(upper, "user.overlay.trial", b"y")
        os.removexattr(upper, "user.overlay.trial")
    except OSError as error:
        raise OSError(error.errno, "layers in a user namespace need attributes on tmpfs (Linux 6.6)") from None
    return _OPTIONS_OF_CONTAINERS


def _overlay(lower: str, upper: str, work: str, target: str) -> None:
    where = "lowerdir={},upperdir={},workdir={}".format(*map(escape_option, (lower, upper, work)))
    problem = None  # type: OSError | None
    with open("/proc/self/uid_map", encoding="ascii") as file:
        tried = layer_options(upper, file.read())
    for further in tried:
        try:
            mount("confman", target, "overlay", NODEV | NOATIME, further + where)
        except OSError as error:
            problem = error
        else:
            return
    if problem is not None:
        raise problem


def _copy_file(source: str, target: str) -> None:
    with open(source, "rb") as file:
        content = file.read(FILE_LIMIT)
    with open(target, "wb") as file:
        file.write(content)


def _make_devices(root: str) -> None:
    """A /dev with what every program may use, and no disk."""
    folder = os.path.join(root, "dev")
    mount("confman", folder, "tmpfs", NOSUID | NOEXEC, "size=65536k,mode=0755")
    for name in _DEVICES:
        path = os.path.join(folder, name)
        with open(path, "wb"):
            pass
        # The host's own nodes: to make new ones takes a right that root in a container lacks.
        mount(os.path.join("/dev", name), path, "", BIND)
    for name, target in _LINKS.items():
        os.symlink(target, os.path.join(folder, name))
    for name in ("pts", "shm", "mqueue"):
        os.mkdir(os.path.join(folder, name))
    mount("devpts", os.path.join(folder, "pts"), "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5")
    mount("confman", os.path.join(folder, "shm"), "tmpfs", NOSUID | NODEV | NOEXEC, "size=65536k,mode=1777")


def _close_proc(folder: str) -> None:
    """Take away what in /proc reaches beyond the stage's own processes."""
    for name in _READ_ONLY:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            mount(path, path, "", BIND)
            mount(path, path, "", BIND | REMOUNT | RDONLY | NOSUID | NODEV | NOEXEC)
    null = os.path.join(os.path.dirname(folder), "dev", "null")
    for name in _HIDDEN:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            mount(null, path, "", BIND)
