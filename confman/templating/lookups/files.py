"""Lookups of files on the controller: file, unvault, fileglob."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING, Any

from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import boolean, text_term

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 64 * 1024 * 1024


def found(task: LookupTask, folder: str, name: str) -> Path:
    """The file of that name, looked for as the task does. Raises LookupFailed when there is none."""
    path = task.find(folder, name)
    if path is None:
        places = ", ".join(str(place) for place in task.folders)
        raise LookupFailed(f"Unable to access the file {name!r}: not found", hint=f"looked for it below {places}")
    return path


def read_text(task: LookupTask, path: Path, encoding: str = "utf-8") -> str:
    """A file's text, vaulted ones opened; bytes that are not UTF-8 survive as surrogates.

    Raises LookupFailed when it is too large or not in another encoding.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LookupFailed(f"{path} is larger than {MAX_BYTES >> 20} MB")
        return task.read(path).decode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    except UnicodeDecodeError as error:
        raise LookupFailed(f"{path} is not {encoding} text: {error.reason} at byte {error.start}") from error
    except LookupError as error:
        raise LookupFailed(f"there is no encoding {encoding!r}") from error
    except OSError as error:
        raise LookupFailed(f"Unable to access the file {str(path)!r}: {error.strerror}") from error


def file(task: LookupTask, terms: list[Any], *, rstrip: Any = True, lstrip: Any = False) -> list[str]:
    """The contents of files, without white space at the end (rstrip) and at the beginning (lstrip)."""
    result = []
    for term in terms:
        content = read_text(task, found(task, "files", text_term("file", term)))
        if boolean("lstrip", lstrip):
            content = content.lstrip()
        result.append(content.rstrip() if boolean("rstrip", rstrip) else content)
    return result


def unvault(task: LookupTask, terms: list[Any]) -> list[str]:
    """The contents of vaulted files, as they are."""
    return [read_text(task, found(task, "files", text_term("unvault", term))) for term in terms]


def fileglob(task: LookupTask, terms: list[Any]) -> list[str]:
    """The files that match patterns; only the last part of a path may hold wildcards."""
    result: list[str] = []
    for term in terms:
        folder, pattern = os.path.split(text_term("fileglob", term))
        for place in _glob_folders(task, folder):
            matches = [str(path) for path in _glob(place, pattern) if path.is_file()]
            if matches:
                result += matches
                break
    return result


def _glob_folders(task: LookupTask, folder: str) -> list[Path]:
    if not folder:
        return [place for base in task.folders for place in (base / "files", base)]
    path = task.find("files", folder)
    return [] if path is None else [path]


def _glob(folder: Path, pattern: str) -> list[Path]:
    if not pattern or not folder.is_dir():
        return []
    hidden = pattern.startswith(".")
    return sorted(path for path in folder.glob(pattern) if hidden or not path.name.startswith("."))
