"""`filetree`: what lies below a folder on the controller."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.templating.filters.regex import compile_pattern
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import text_list, text_term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_ENTRIES = 100_000
_STATES: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISLNK, "link"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISREG, "file"),
)


def filetree(task: LookupTask, terms: list[Any], *, exclude: Any = ()) -> list[Any]:
    """The entries below folders, each with root, path, state, mode ...; of equal paths the first one counts.

    exclude: regular expressions (one, or a list of them) of names to leave out.
    """
    patterns = [exclude] if isinstance(exclude, str) else text_list("exclude", list(exclude))
    left_out = [compile_pattern(pattern).match for pattern in patterns]
    result: dict[str, Any] = {}
    for term in terms:
        found = task.find("files", text_term("filetree", term))
        if found is None:
            continue
        root = found.absolute()
        for path in _entries(root):
            if not any(matches(path.name) for matches in left_out):
                relative = str(path.relative_to(root))
                result.setdefault(relative, _described(root, path, relative))
            if len(result) > MAX_ENTRIES:
                raise LookupFailed(f"filetree: more than {MAX_ENTRIES} entries below {root}")
    return list(result.values())


def _entries(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in [*folders, *sorted(files)]:
            yield Path(folder) / name


def _described(root: Path, path: Path, relative: str) -> dict[str, Any]:
    status = path.lstat()
    state = next((name for is_kind, name in _STATES if is_kind(status.st_mode)), "other")
    described = {
        "root": f"{root}/",
        "path": relative,
        "state": state,
        "uid": status.st_uid,
        "gid": status.st_gid,
        "owner": _name(pwd.getpwuid, status.st_uid),
        "group": _name(grp.getgrgid, status.st_gid),
        "mode": f"0{stat.S_IMODE(status.st_mode):o}",
        "size": status.st_size,
        "mtime": status.st_mtime,
        "ctime": status.st_ctime,
    }
    if state == "file":
        described["src"] = str(path)
    elif state == "link":
        described["src"] = str(path.readlink())
    return described


def _name(of: Callable[[int], Any], number: int) -> Any:
    try:
        return of(number)[0]
    except KeyError:
        return number
