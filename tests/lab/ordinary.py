"""Commands as an ordinary user of this machine, who exists for these commands only.

Everything happens in a mount namespace of its own: the user's name and subordinate ids, and ways to the programs where
they lie in somebody's private folder. The machine is not changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from confman.lab import syscalls as sys_

UID = 4242
NAME = "ordinary"


def shown(home: Path) -> list[Path]:
    """The folders that the commands need: this project, its Python, and the user's home."""
    project = Path(__file__).resolve().parents[2]
    return [project, Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), home]


def _open_ways(home: Path) -> None:
    """Where a private folder stands before what is needed, show what is needed only."""
    folders = {path for path in shown(home) if any(not parent.stat().st_mode & 1 for parent in path.parents)}
    handles = {path: os.open(path, os.O_PATH) for path in folders}
    for private in {next(each for each in reversed(path.parents) if not each.stat().st_mode & 1) for path in folders}:
        sys_.mount("ways", str(private), "tmpfs", 0, "mode=755")
    for path in sorted(handles):
        if not path.exists():
            path.mkdir(parents=True)
            sys_.mount(f"/proc/self/fd/{handles[path]}", str(path), None, sys_.MS_BIND | sys_.MS_REC)


def _replace(path: str, folder: Path, text: str) -> None:
    mine = folder / path.replace("/", "_")
    mine.write_text(text)
    mine.chmod(0o644)
    sys_.mount(str(mine), path, None, sys_.MS_BIND)


def _become(home: Path, prepare: Callable[[], None]) -> None:
    sys_.unshare(sys_.NEWNS)
    sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
    files = home.parent
    for name, line in (
        ("passwd", f"{NAME}:x:{UID}:{UID}::{home}:/bin/bash\n"),
        ("group", f"{NAME}:x:{UID}:\n"),
        ("subuid", f"{NAME}:300000:65536\n"),
        ("subgid", f"{NAME}:300000:65536\n"),
    ):
        old = Path("/etc", name)
        old.touch()
        _replace(str(old), files, (old.read_text() if name in {"passwd", "group"} else "") + line)
    _open_ways(home)
    prepare()
    os.setgroups([])
    os.setgid(UID)
    os.setuid(UID)


def open_folder(folder: Path) -> Path:
    """A folder for tests, where others may go too."""
    for each in (folder, *folder.parents):
        if each.stat().st_mode & 0o005 != 0o005 and each.name.startswith(("pytest-", "popen-", "ordinary", "test_")):
            each.chmod(0o755)
    return folder


def as_ordinary_user(
    words: Sequence[str], home: Path, *, prepare: Callable[[], None] = lambda: None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """A command run as that user; `prepare` is called before, as root, in the user's view of the files."""
    if not home.exists():
        home.mkdir(parents=True)
        shutil.chown(home, UID, UID)
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env=environment,
        cwd="/",
        preexec_fn=lambda: _become(home, prepare),
    )
