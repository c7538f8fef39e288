"""Bases for labs without root: trees whose files belong to the user's subordinate ids.

Files of the machine's real root have no owner in a user namespace and could not be changed there, so such a lab has
copies of its own, made once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from confman.lab.files import LabError, read, write
from confman.lab.usermap import run_inside

_COPIED = ("bin", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr", "var")
_LEFT_OUT = (
    "usr/src", "usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale", "usr/lib/debug",
    "usr/lib/modules", "var/cache/*", "var/log/*", "var/tmp/*", "var/spool/*/*", "var/lib/docker", "var/lib/containers",
    "var/lib/containerd", "var/lib/libvirt", "var/lib/snapd", "etc/ssh/ssh_host_*",
)  # fmt: skip
"""What no host needs, or none may have."""
_EMPTY = {
    "root": 0o700,
    "tmp": 0o1777,
    "var/tmp": 0o1777,
    **dict.fromkeys(("home", "opt", "srv", "mnt", "boot", "proc", "sys", "dev", "run", "etc/sudoers.d"), 0o755),
}
"""Folders that are there, with nothing in them."""
_SUDOERS = "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"


def copy_own(folder: Path, say: Callable[[str], object]) -> None:
    """A copy of what this user can read of the machine's own root. Raises LabError."""
    names = [name for name in _COPIED if os.path.lexists(f"/{name}")]
    size, free = _size(names), shutil.disk_usage(folder.parent).free
    if size * 1.2 > free:
        raise LabError(
            f"a copy of this machine's root takes {size >> 20} MB, {folder.parent} has {free >> 20} MB; "
            "--bases names another folder, --base debian12 takes less"
        )
    say(f"copying this machine's root, {size >> 20} MB, to {folder} (once; remove the folder to have it copied again)")
    left_out = [f"--exclude={pattern}" for pattern in _LEFT_OUT]
    words = ["tar", "-C", "/", "-c", "--numeric-owner", "--one-file-system", "--ignore-failed-read", *left_out, *names]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as packer:
        assert packer.stdout is not None
        unpack(packer.stdout.fileno(), folder, own=True)
        packer.stdout.close()
        packer.communicate()


def _size(names: Sequence[str]) -> int:
    left_out = [f"--exclude=/{pattern.removesuffix('/*')}" for pattern in _LEFT_OUT]
    words = [
        "du",
        "-scx",
        "--block-size=1",
        *left_out,
        *(f"/{name}" for name in names if not os.path.islink(f"/{name}")),
    ]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600).stdout
    return int(said.splitlines()[-1].split()[0]) if said else 0


def unpack(archive: int, folder: Path, *, own: bool = False) -> None:
    """Unpack an open tar file as subordinate ids; `own` adds what only the machine's root can read. Raises LabError."""
    folder.mkdir(parents=True)

    def inside() -> None:
        words = ["tar", "-x", "-C", str(folder), "--numeric-owner", "--same-owner", "-p", "--delay-directory-restore"]
        devices = ["--exclude=./dev/*", "--exclude=dev/*"]
        done = subprocess.run([*words, *devices], stdin=archive, check=False, capture_output=True, text=True)
        if done.returncode:
            raise LabError(done.stderr[-800:])
        if own:
            write_anew(folder)

    if not run_inside(inside):
        remove(folder)
        raise LabError(f"{folder} could not be filled")


def write_anew(root: Path) -> None:
    """The files that only root can read, as a fresh machine has them; and the folders that were not copied."""
    rows = {name: [line.split(":") for line in read(root / "etc" / name).splitlines()] for name in ("passwd", "group")}
    shadow = int(next((fields[2] for fields in rows["group"] if fields[0] == "shadow"), "0"))
    texts = {
        "shadow": "".join(f"{fields[0]}:*:19000:0:99999:7:::\n" for fields in rows["passwd"]),
        "gshadow": "".join(f"{fields[0]}:*::{fields[3]}\n" for fields in rows["group"] if len(fields) == 4),
    }
    for name, text in texts.items():
        write(root / "etc" / name, text, 0o640)
        os.chown(root / "etc" / name, 0, shadow)
    write(root / "etc/sudoers", _SUDOERS, 0o440)
    for name, mode in _EMPTY.items():
        (root / name).mkdir(exist_ok=True)
        (root / name).chmod(mode)


def remove(folder: Path) -> None:
    """Remove a copy: its files are not the user's to remove. Raises LabError."""
    if folder.exists():
        run_inside(lambda: shutil.rmtree(folder, ignore_errors=True))


def check_owner(folder: Path) -> None:
    """Refuse a base that somebody else made. Raises LabError."""
    owner = folder.stat().st_uid
    if owner != os.getuid():
        raise LabError(f"{folder} belongs to user {owner}: hosts could not change its files (--bases names another)")
