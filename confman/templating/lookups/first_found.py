"""`first_found`: the first of some files that exists."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator, Mapping
from typing import Any

from confman.errors import UndefinedVariable
from confman.templating.filters.values import kind
from confman.templating.functions import takes_undefined
from confman.templating.lookups.base import LookupFailed, LookupTask
from confman.templating.lookups.options import boolean
from confman.templating.undefined import Undefinable, Undefined

_DEFAULTS: dict[str, Any] = {"files": [], "paths": [], "skip": False}


@takes_undefined
def first_found(
    task: LookupTask, terms: list[Any], *, files: Any = (), paths: Any = (), skip: Any = False
) -> list[str]:
    """The first of some files that exists.

    Terms are names, lists of them, or mappings with `files`, `paths` and `skip` of their own. Without a match the
    result is empty if `skip` (the last one), else LookupFailed is raised. In a loop, undefined names are left out.
    """
    options = _settled({"files": files, "paths": paths, "skip": skip}, omit=False)
    names = list(_candidates(task, _settled(terms, omit=task.as_loop) or [options["files"]], options))
    for name in names:
        path = task.find(task.kind if task.as_loop else "", name)
        if path is not None:
            return [os.path.normpath(path.absolute())]
    if boolean("skip", options["skip"]):
        return []
    tried = ", ".join(names[:10])
    raise LookupFailed(f"No file was found when using first_found: tried {tried or 'none'}", hint="or give skip: true")


def _candidates(task: LookupTask, terms: list[Any], options: dict[str, Any]) -> Iterator[str]:
    """Names to try, in their order. The options of a mapping hold for what follows it, too."""
    for term in terms:
        if isinstance(term, list | tuple):
            yield from _candidates(task, list(term), options)
            continue
        if isinstance(term, Mapping):
            _take(task, term, options)
        elif not isinstance(term, str):
            raise LookupFailed(f"Invalid term supplied. A string, dict or list is required, not {kind(term)!r}.")
        names = _split("files", term if isinstance(term, str) else options["files"], ",;")
        for folder in _split("paths", options["paths"], ",:;") or [""]:
            yield from (f"{folder.rstrip('/')}/{name}" if folder else name for name in names)


def _take(task: LookupTask, term: Mapping[str, Any], options: dict[str, Any]) -> None:
    """Let the options of a term be those in force; what a term leaves out has its default again."""
    for name in term:
        if name not in _DEFAULTS:
            task.warn(f"first_found has no option {name!r}: it is ignored")
    options.update({name: term.get(name, default) for name, default in _DEFAULTS.items()})


def _split(name: str, value: Any, separators: str) -> list[str]:
    """The texts of a list, each split at separators."""
    if isinstance(value, str):
        return re.split(f"[{separators}]", str(value)) if value else []
    if not isinstance(value, list | tuple):
        raise LookupFailed(f"first_found: {name!r} must be a list of texts, not {kind(value)}")
    return [part for item in value for part in _split(name, item, separators)]


def _missing(value: Any) -> bool:
    return isinstance(value, Undefined) and isinstance(value.error(), UndefinedVariable)


def _settled(value: Any, *, omit: bool) -> Any:
    """A copy; parts that name an unknown variable are left out if `omit`, else they raise Undefinable as others do."""
    if isinstance(value, Undefined):
        raise Undefinable(value)
    if isinstance(value, Mapping):
        return {key: _settled(item, omit=omit) for key, item in value.items() if not (omit and _missing(item))}
    if isinstance(value, list | tuple):
        return [_settled(item, omit=omit) for item in value if not (omit and _missing(item))]
    return value
