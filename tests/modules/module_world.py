"""A small language for file trees: what is there before a case, and what has to be there after it.

A tree maps paths below the root to: a text (a file with that content), null (a folder), or a mapping with any of
content, base64, dir, link, hard, fifo, absent, mode, owner (a number), group (a number), mtime, xattr.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from pathlib import Path
from typing import Any


def build(root: Path, tree: dict[str, Any]) -> None:
    """Make a tree, in its order."""
    for name, given in (tree or {}).items():
        entry = spec(given)
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path, entry, root)
        if "xattr" in entry:
            for key, value in entry["xattr"].items():
                os.setxattr(path, key, value.encode())
        if "owner" in entry or "group" in entry:
            os.chown(path, entry.get("owner", -1), entry.get("group", -1), follow_symlinks=False)
        if "mode" in entry:
            path.chmod(int(entry["mode"], 8))
        if "mtime" in entry:
            os.utime(path, (entry["mtime"], entry["mtime"]))


def _make(path: Path, entry: dict[str, Any], root: Path) -> None:
    if "link" in entry:
        path.symlink_to(fill(entry["link"], root))
    elif "hard" in entry:
        path.hardlink_to(root / entry["hard"])
    elif entry.get("dir"):
        path.mkdir(exist_ok=True)
    elif entry.get("fifo"):
        os.mkfifo(path)
    elif "base64" in entry:
        path.write_bytes(base64.b64decode(entry["base64"]))
    else:
        path.write_text(fill(entry.get("content", ""), root))


def spec(given: Any) -> dict[str, Any]:
    """An entry of a tree in its long form."""
    if given is None:
        return {"dir": True}
    return given if isinstance(given, dict) else {"content": given}


def faults(root: Path, tree: dict[str, Any]) -> list[str]:
    """What in the file system is not as the tree says."""
    found = []
    for name, given in (tree or {}).items():
        path, entry = root / name, spec(given)
        if entry.get("absent"):
            if os.path.lexists(path):
                found.append(f"{name} is there")
            continue
        if not os.path.lexists(path):
            found.append(f"{name} is not there")
            continue
        found += [f"{name}: {fault}" for fault in _entry_faults(path, entry, root)]
    return found


def _entry_faults(path: Path, entry: dict[str, Any], root: Path) -> list[str]:
    state = path.lstat()
    have: dict[str, Any] = {
        "mode": f"{stat.S_IMODE(state.st_mode):04o}",
        "owner": state.st_uid,
        "group": state.st_gid,
        "dir": stat.S_ISDIR(state.st_mode),
        "fifo": stat.S_ISFIFO(state.st_mode),
        "mtime": state.st_mtime,
    }
    if path.is_symlink():
        have["link"] = str((path).readlink())
    elif path.is_file():
        have["content"] = path.read_bytes().decode("utf-8", "surrogateescape")
        have["base64"] = base64.b64encode(path.read_bytes()).decode()
    faults = []
    for key, value in entry.items():
        want = fill(value, root)
        if key == "hard":
            if not path.samefile(root / value):
                faults.append(f"is not the same file as {value}")
        elif key == "xattr":
            faults += [f"xattr {k}" for k, v in value.items() if os.getxattr(path, k) != v.encode()]
        elif have.get(key) != want:
            faults.append(f"{key} is {have.get(key)!r}, not {want!r}")
    return faults


def fill(value: Any, root: Path) -> Any:
    """A value with {root} replaced in all its texts."""
    if isinstance(value, str):
        return value.replace("{root}", str(root))
    if isinstance(value, list):
        return [fill(item, root) for item in value]
    if isinstance(value, dict):
        return {fill(key, root): fill(item, root) for key, item in value.items()}
    return value


def tree_hash(root: Path) -> str:
    """A digest over every object below a folder: kind, mode, owner, times of change, content."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(folders + files):
            path = Path(folder, name)
            state = path.lstat()
            digest.update(
                repr((str(path), state.st_mode, state.st_uid, state.st_gid, state.st_mtime_ns, state.st_ino)).encode()
            )
            if stat.S_ISREG(state.st_mode):
                digest.update(path.read_bytes())
            elif stat.S_ISLNK(state.st_mode):
                digest.update(str((path).readlink()).encode())
    return digest.hexdigest()
