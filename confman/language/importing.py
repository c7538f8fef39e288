"""`import_playbook`: where the other playbook is, and what the import puts on its plays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from confman.language.key_values import as_arguments
from confman.language.reading import Place
from confman.model.play import Block, Play
from confman.model.values import SourcedDict


def playbook_file(name: str, place: Place) -> Path | None:
    """A playbook to import: beside the one that names it, or of a collection."""
    path = place.folder / name
    if path.is_file():
        return path
    return collection_playbook(name, (str(place.playbook_folder / "collections"), *place.reading.collection_paths))


def collection_playbook(name: str, roots: Iterable[str]) -> Path | None:
    """The file of a playbook `ns.collection.name` (with `.yml` or without) below the first root that has it."""
    found = _NAMED.fullmatch(name)
    if found is None:
        return None
    owner, collection, inside, suffix = found.groups()
    for root in roots:
        folder = Path(root).expanduser() / "ansible_collections" / owner / collection / "playbooks"
        for each in (suffix,) if suffix else (".yml", ".yaml", ""):
            candidate = folder / (inside.replace(".", "/") + each)
            if candidate.is_file():
                return candidate
    return None


_NAMED = re.compile(r"(\w+)\.(\w+)\.([\w-]+(?:\.[\w-]+)*?)(\.ya?ml)?")


def with_import_keywords(play: Play, node: SourcedDict, own: Mapping[str, Any] | None) -> Play:
    """An imported play with the import's vars, tags and condition put on it."""
    keywords = SourcedDict(play.keywords, source=play.source)
    if own:
        keywords["vars"] = as_arguments({**(keywords.get("vars") or {}), **own})
    if "tags" in node:
        keywords["tags"] = [*as_list(keywords.get("tags")), *as_list(node["tags"])]
    if "when" not in node:
        return replace(play, keywords=keywords)
    when = {"when": node["when"]}

    def under(items: tuple[Any, ...]) -> tuple[Block, ...]:
        return (Block(items, when, play.source),) if items else ()

    return replace(
        play,
        keywords=keywords,
        pre_tasks=under(play.pre_tasks),
        roles=under(play.roles),
        tasks=under(play.tasks),
        post_tasks=under(play.post_tasks),
    )


def as_list(value: Any) -> list[Any]:
    """Words, separated by commas or in a list, as a list; nothing is an empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else str(value).split(",")
