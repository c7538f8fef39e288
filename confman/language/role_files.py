"""The files of roles: where roles are, and what their parts hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError
from confman.language.reading import Place
from confman.language.reserved import reserved
from confman.model.values import source_of

_MAIN = ("main.yml", "main.yaml", "main.json", "main")
_SUFFIXES = ("", ".yml", ".yaml", ".json")


def find_role(name: str, place: Place) -> Path | None:
    """The folder of a role: by collection name, beside the playbook, in the role path, or as a path."""
    parts = name.split(".")
    if len(parts) >= 3 and "/" not in name:
        found = _in_collection(parts[0], parts[1], ".".join(parts[2:]), place)
        if found:
            return found
    for collection in place.collections:
        owner, _, short = collection.partition(".")
        found = _in_collection(owner, short, name, place)
        if found:
            return found
    candidates = [folder / name for folder in role_folders(place)]
    candidates.append(Path(name).expanduser())
    found_path = next((path for path in candidates if path.is_dir()), None)
    return found_path.resolve() if found_path else None


def _in_collection(owner: str, collection: str, role: str, place: Place) -> Path | None:
    for root in (str(place.playbook_folder / "collections"), *place.reading.collection_paths):
        path = Path(root).expanduser() / "ansible_collections" / owner / collection / "roles" / role.replace(".", "/")
        if path.is_dir():
            return path.resolve()
    return None


def role_folders(place: Place) -> list[Path]:
    """Where roles are looked for."""
    folders = [place.playbook_folder / "roles"]
    folders += [Path(path).expanduser() for path in place.reading.role_paths]
    if place.role:
        folders.append(Path(place.role.path).parent)
    folders.append(place.playbook_folder)
    return folders


def part_file(folder: Path, part: str, name: str) -> Path | None:
    """A file of a role's folder by its name without suffix."""
    base = folder / part
    names = [f"{name}{suffix}" for suffix in (_SUFFIXES if Path(name).suffix else (*_SUFFIXES[1:], ""))]
    return next((path for path in map(base.joinpath, names) if path.is_file()), None)


def load_part(folder: Path, part: str, name: str, place: Place) -> Any:
    """The value of a file of a role, None when there is none."""
    path = part_file(folder, part, name)
    if path is None:
        return None
    try:
        return place.reading.load(path)
    except ConfmanError as error:
        place.reading.problems.append(error)
        return None


def variables(folder: Path, part: str, chosen: str, place: Place) -> Mapping[str, Any]:
    """defaults or vars: one file, or every file of a folder `main/`, later ones winning; read once."""
    key = (folder, part, chosen)
    if key not in place.reading.variables:
        place.reading.variables[key] = _read_variables(folder, part, chosen, place)
    return place.reading.variables[key]


def _read_variables(folder: Path, part: str, chosen: str, place: Place) -> Mapping[str, Any]:
    base = folder / part / (chosen or "main")
    if base.is_dir():
        merged: dict[str, Any] = {}
        for path in sorted(base.rglob("*")):
            if path.is_file() and path.suffix in {".yml", ".yaml", ".json", ""}:
                merged.update(mapping(place.reading.load(path), str(path), place))
        return merged
    value = load_part(folder, part, chosen or "main", place)
    if value is None and chosen:
        place.reading.problem(f"could not find {chosen!r} in the {part} of the role at {folder}", None)
    found = mapping(value, f"{part} of {folder.name}", place)
    for text, where in reserved(found):
        place.reading.warn(text, where)
    return found


def mapping(value: Any, what: str, place: Place) -> Mapping[str, Any]:
    """A part of a role as a mapping; nothing is an empty one, and what is none is noted."""
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    place.reading.problem(f"{what} must hold a mapping", source_of(value), "write `name: value` lines")
    return {}
