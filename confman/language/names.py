"""Whether there is a module or action of the name that a task gives, where the task stands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from confman.errors import ConfmanError
from confman.language.keywords import nearest
from confman.language.reading import Place
from confman.model.source import Source
from confman.model.values import SourcedDict


def within(node: SourcedDict, place: Place) -> Place:
    """The place as the `collections` of a block or task make it."""
    named = node.get("collections")
    if not isinstance(named, list):
        return place
    return replace(place, collections=tuple(dict.fromkeys([*map(str, named), *place.collections])))


def collection_around(folder: Path) -> tuple[str, ...]:
    """The collection that a folder belongs to (none or one): its playbooks name its content shortly."""
    parts = folder.parts
    if "ansible_collections" not in parts:
        return ()
    inside = parts[len(parts) - parts[::-1].index("ansible_collections") :]
    return (f"{inside[0]}.{inside[1]}",) if len(inside) > 1 else ()


def is_known(action: str, place: Place, source: Source | None) -> bool:
    """Whether a task may name this module or action; if not, that is noted."""
    try:
        if _exists(action, place):
            return True
        message = (
            f"couldn't resolve module/action {action!r}. "
            "This often indicates a misspelling, missing collection, or incorrect module path."
        )
        place.reading.problem(message, source, nearest(action, place.reading.near()))
    except ConfmanError as error:
        error.source = error.source or source
        place.reading.problems.append(error)
    return False


def _exists(action: str, place: Place) -> bool:
    """Whether a module of that name is ours, in a collection, or lies beside the playbook or in a role."""
    collections = () if "." in action else place.collections
    if any(place.reading.known(name) for name in (*(f"{each}.{action}" for each in collections), action)):
        return True
    roles = [Path(role.path) for role in (place.role, *place.contexts) if role is not None]
    folders = [place.playbook_folder, place.folder, *roles]
    parts = ("library", "action_plugins")
    return any(
        (folder / part / f"{action}.py").is_file() or (folder / part / action).is_file()
        for folder in folders
        for part in parts
    )
