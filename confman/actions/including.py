"""include_vars: variables from files of the controller, for the rest of the play."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, options_of
from confman.errors import ConfmanError
from confman.model.source import Source
from confman.model.values import source_of

_FILE_ONLY = ("file", "_raw_params")
_DIR_ONLY = ("dir", "depth", "files_matching", "ignore_files", "extensions", "ignore_unknown_extensions")
_SPEC = {
    "file": {"type": "str"},
    "dir": {"type": "str"},
    "name": {"type": "str"},
    "depth": {"type": "int", "default": 0},
    "files_matching": {"type": "str"},
    "ignore_files": {"type": "list", "default": []},
    "ignore_unknown_extensions": {"type": "bool", "default": False},
    "extensions": {"type": "list", "default": ["yaml", "yml", "json"]},
    "hash_behaviour": {"type": "str", "choices": ["replace", "merge"]},
    "_raw_params": {"type": "str"},
}


def include_vars(task: ActionTask) -> dict[str, Any]:
    """Read variables from a file or a folder, for the rest of the play."""
    try:
        return _include_vars(task)
    except ActionFailed as failed:
        failed.result.setdefault("message", failed.message)
        raise


def _include_vars(task: ActionTask) -> dict[str, Any]:
    options = options_of(task, _SPEC)
    if set(task.args) & set(_FILE_ONLY) and set(task.args) & set(_DIR_ONLY):
        raise ActionFailed("You are mixing file only and dir only arguments, these are incompatible")
    read: dict[str, Any] = {}
    paths = _paths(task, options)
    for path in paths:
        read.update(_load(task, path))
    facts = {options["name"]: read} if options["name"] else read
    if options["hash_behaviour"] == "merge":
        facts = _merge(_existing(task, facts), facts)
    return {
        "changed": False,
        "ansible_facts": facts,
        "ansible_included_var_files": [str(path) for path in paths],
        "_included_vars": True,
    }


def _existing(task: ActionTask, facts: dict[str, Any]) -> dict[str, Any]:
    """What the host's variables of these names are now."""
    return {name: task.engine.plain(task.scope.find(name)) for name in facts if name in task.scope}


def _paths(task: ActionTask, options: dict[str, Any]) -> list[Path]:
    if options["dir"]:
        return _folder_files(task, options)
    name = (options["file"] or options["_raw_params"] or "").strip()
    if not name:
        raise ActionFailed("Could not find file: include_vars needs a file or a dir")
    return [task.files.find("vars", name)]


def _folder_files(task: ActionTask, options: dict[str, Any]) -> list[Path]:
    # In a role its vars folder is meant; elsewhere a name is taken as it is first.
    places = task.files.candidates("vars", options["dir"])
    places.sort(key=lambda path: task.role is None and path not in task.files.candidates("", options["dir"]))
    folder = next((path for path in places if path.exists()), None)
    if folder is None:
        raise ActionFailed(f"{places[0]} directory does not exist")
    if not folder.is_dir():
        raise ActionFailed(f"{folder} is not a directory")
    return _known([path for path in _below(folder, options["depth"]) if _wanted(path, options)], options)


def _known(found: list[Path], options: dict[str, Any]) -> list[Path]:
    """The files whose extension is one of those asked for. Raises ActionFailed for others unless they are ignored."""
    unknown = [path for path in found if path.suffix[1:] not in options["extensions"]]
    if unknown and not options["ignore_unknown_extensions"]:
        raise ActionFailed(f"{unknown[0]} does not have a valid extension: {', '.join(options['extensions'])}")
    return [path for path in found if path not in unknown]


def _below(folder: Path, depth: int) -> list[Path]:
    """The files of a folder and of those below it, to a depth (0: all), links followed; folder by folder."""
    found = []
    seen: set[str] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        level = len(Path(here).relative_to(folder).parts) + 1
        if real in seen or (depth and level >= depth):
            folders.clear()
        if real not in seen:
            found.append((here, sorted(names)))
        seen.add(real)
    return [Path(here, name) for here, names in sorted(found) for name in names if os.path.exists(Path(here, name))]


def _wanted(path: Path, options: dict[str, Any]) -> bool:
    return not _ignored(path.name, options["ignore_files"]) and _matches(options["files_matching"] or "", path.name)


def _ignored(name: str, patterns: list[str]) -> bool:
    return any(_matches(f"{pattern}$", name) for pattern in patterns)


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error as error:
        raise ActionFailed(f"Invalid regular expression: {pattern}") from error


def _load(task: ActionTask, path: Path) -> dict[str, Any]:
    try:
        value = task.files.load(path)
    except ConfmanError as error:
        told = {"_source": error.source, "_hint": error.advice} if error.source else {}
        raise ActionFailed(f"{error.message} ({error.source or path})", **told) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        place = source_of(value) or Source(str(path), 1)
        message = f"{path} must be stored as a dictionary/hash"
        raise ActionFailed(message, _source=place, _hint="write `name: value` lines")
    return value


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        else:
            merged[key] = value
    return merged
