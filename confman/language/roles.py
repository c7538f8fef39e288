"""Roles: found by name, their files read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from confman.errors import ConfmanError
from confman.language.key_values import as_arguments
from confman.language.keywords import ROLE, nearest
from confman.language.names import collection_around
from confman.language.reading import Place
from confman.language.role_files import load_part, mapping, variables
from confman.model.play import RoleContext, Task
from confman.model.records import dataclass
from confman.model.source import Source
from confman.model.values import source_of


@dataclass(frozen=True)
class RoleUse:
    """One use of a role: which, with what, and which of its files; where it stands, and where its name does."""

    name: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    tasks_from: str = ""
    vars_from: str = ""
    defaults_from: str = ""
    handlers_from: str = ""
    allow_duplicates: bool | None = None
    public: bool | None = None
    source: Source | None = None
    named: Source | None = None
    validate: bool = True
    dependency: bool = False
    included: bool = False


_ENTRY = frozenset("role name tasks_from vars_from defaults_from src version scm".split())


def parse_role_entry(value: Any, place: Place, around: Source | None = None) -> RoleUse | None:
    """An entry of a play's `roles` or of a role's dependencies; `around` is the place of the list."""
    source = source_of(value) or around
    if isinstance(value, str):
        return _named(value, place)
    if not isinstance(value, dict):
        place.reading.problem(
            "a role is a name or a mapping with `role`", source, "e.g. roles: [web, {role: db, x: 1}]"
        )
        return None
    name = value.get("role") or value.get("name")
    if not isinstance(name, str):
        place.reading.problem("this role entry has no `role`", source, _role_hint(value))
        return None
    keywords = as_arguments({key: item for key, item in value.items() if key in ROLE - _ENTRY})
    params = {key: item for key, item in value.items() if key not in ROLE | _ENTRY}
    return RoleUse(_render_name(name, place), keywords, params, source=source, named=source_of(name))


def _role_hint(entry: Mapping[Any, Any]) -> str:
    wrong = next((str(key) for key in entry if nearest(str(key), ["role"])), "")
    return f"write it as role: ..., not {wrong!r}" if wrong else "add role: NAME"


def _named(value: str, place: Place) -> RoleUse | None:
    """A role that is given by its name alone."""
    source = source_of(value)
    if "," in value:
        hint = "write a mapping: role, and its variables"
        place.reading.problem(f"Invalid old style role requirement: {value}", source, hint)
        return None
    return RoleUse(_render_name(value, place), source=source)


def _render_name(name: str, place: Place) -> str:
    try:
        return str(place.reading.render(name, place.layers)).strip()
    except ConfmanError as error:
        place.reading.problems.append(error)
        return str(name)


def role_use(task: Task, place: Place) -> RoleUse | None:
    """What an `import_role` or `include_role` task asks for (its arguments rendered by the caller for the latter)."""
    args = task.args
    name = args.get("name") or args.get("role")
    if not isinstance(name, str):  # told when it was read
        return None
    duplicates, public = args.get("allow_duplicates"), args.get("public")
    return RoleUse(
        _render_name(name, place),
        tasks_from=_render_name(args.get("tasks_from", ""), place),
        vars_from=_render_name(args.get("vars_from", ""), place),
        defaults_from=_render_name(args.get("defaults_from", ""), place),
        handlers_from=_render_name(args.get("handlers_from", ""), place),
        allow_duplicates=True if duplicates is None else truth(duplicates),
        public=None if public is None else truth(public),
        source=task.source,
        named=source_of(name),
        included=True,
        validate=truth(args.get("rolespec_validate", True)),
    )


def context(use: RoleUse, folder: Path, place: Place) -> tuple[RoleContext, Mapping[str, Any]]:
    """What tasks see of a role in this use, and its `meta`."""
    place.reading.on_folder(folder)
    meta = mapping(load_part(folder, "meta", "main", place), "meta", place)
    parents = (place.role, *place.role.parents) if place.role else ()
    duplicates = (
        use.allow_duplicates if use.allow_duplicates is not None else truth(meta.get("allow_duplicates", False))
    )
    collection = _collection_of(use.name) or _collection_at(folder)
    identity = json.dumps(
        [
            str(folder),
            use.included,
            use.tasks_from,
            use.vars_from,
            use.defaults_from,
            dict(use.params),
            dict(use.keywords),
        ],
        default=repr,
        sort_keys=True,
    )
    around = (collection,) if collection else collection_around(place.playbook_folder)
    role = RoleContext(
        name=use.name,
        path=str(folder),
        defaults=variables(folder, "defaults", use.defaults_from, place),
        vars=variables(folder, "vars", use.vars_from, place),
        params=use.params,
        given={} if use.included else dict(use.keywords.get("vars") or {}),
        parents=parents,
        collection=collection,
        collections=tuple(dict.fromkeys((*around, *map(str, meta.get("collections") or ())))),
        key=hashlib.sha256(identity.encode()).hexdigest()[:16],
        allow_duplicates=duplicates,
        dependency=use.dependency,
        public=place.reading.public_roles if use.public is None else use.public,
    )
    return role, meta


def _collection_of(name: str) -> str:
    parts = name.split(".")
    return ".".join(parts[:2]) if len(parts) > 2 else ""


def _collection_at(folder: Path) -> str:
    """The collection that a role's folder is in, "" for none."""
    home = folder.parent.parent
    inside = folder.parent.name == "roles" and home.parent.parent.name == "ansible_collections"
    return f"{home.parent.name}.{home.name}" if inside else ""


def truth(value: Any) -> bool:
    """A yes or no as people write it."""
    return value if isinstance(value, bool) else str(value).strip().lower() in {"1", "true", "yes", "on", "y", "t"}
