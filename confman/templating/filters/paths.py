"""Filters of paths; all but `realpath`, `expanduser`, `expandvars` and `fileglob` look at the text alone."""

from __future__ import annotations

import glob
import ntpath
import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confman.errors import TemplateError
from confman.templating.filters.values import is_sequence, kind

if TYPE_CHECKING:
    from collections.abc import Callable


def _of_path(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of one path that says what it wants when it is given something else."""

    def convert(path: Any, *args: Any) -> Any:
        if not isinstance(path, str):
            raise TemplateError(f"{name} expects a path as text, got {kind(path)}")
        return function(str(path), *args)

    convert.__name__ = name
    convert.__doc__ = f"The {name} of a path."
    return convert


basename = _of_path("basename", posixpath.basename)
dirname = _of_path("dirname", posixpath.dirname)
expanduser = _of_path("expanduser", os.path.expanduser)
expandvars = _of_path("expandvars", os.path.expandvars)
normpath = _of_path("normpath", posixpath.normpath)
realpath = _of_path("realpath", os.path.realpath)
relpath = _of_path("relpath", os.path.relpath)
splitext = _of_path("splitext", posixpath.splitext)
win_basename = _of_path("win_basename", ntpath.basename)
win_dirname = _of_path("win_dirname", ntpath.dirname)
win_splitdrive = _of_path("win_splitdrive", ntpath.splitdrive)


def path_join(paths: Any) -> str:
    """The members of a list joined to one path; an absolute member begins anew. A text is returned as it is."""
    if isinstance(paths, str):
        return str(paths)
    if not is_sequence(paths):
        raise TemplateError(f"|path_join expects string or sequence, got {kind(paths)}")
    members = [str(path) if isinstance(path, str) else path for path in paths]
    return str(posixpath.join(*members))


def commonpath(paths: Any) -> str:
    """The longest path that all paths of a list have in common."""
    if not is_sequence(paths):
        raise TemplateError(f"|commonpath expects a list, got {kind(paths)}")
    return str(posixpath.commonpath(list(paths)))


def fileglob(pattern: Any) -> list[str]:
    """The files on the controller that match a shell pattern."""
    if not isinstance(pattern, str):
        raise TemplateError(f"fileglob expects a pattern as text, got {kind(pattern)}")
    return [path for path in glob.glob(str(pattern)) if Path(path).is_file()]  # noqa: PTH207  # absolute patterns too
