"""Where files of tasks are found."""

from __future__ import annotations

from pathlib import Path

from confman.errors import ContentNotFound
from confman.language.reading import Place
from confman.model.source import Source


def find_tasks_file(name: str, place: Place, *, dynamic: bool = False) -> Path | None:
    """A file of tasks by its written name: beside the current file, in the role, beside the playbook.

    What a task includes while the play runs (`dynamic`) is looked for in the role first.
    """
    return next((path for path in _candidates(name, place, dynamic=dynamic) if path.is_file()), None)


def tasks_not_found(name: str, source: Source, place: Place) -> ContentNotFound:
    """What to tell where there is no file of tasks of that name, in the words that scripts look for."""
    path = place.playbook_folder / name
    text = f"Could not find or access '{path}' on the Ansible Controller"
    folders = dict.fromkeys(str(each.parent) for each in _candidates(name, place, dynamic=False))
    hint = f"looked for {name!r} in {', '.join(folders)}"
    return ContentNotFound(f"{text}: Unable to retrieve file contents.\n{text}.", source=source, hint=hint)


def _candidates(name: str, place: Place, *, dynamic: bool) -> list[Path]:
    sub = "handlers" if place.handlers else "tasks"
    candidates = [place.folder / name]
    if place.role:
        role = Path(place.role.path)
        of_role = [role / sub / name, role / "tasks" / name, role / name]
        candidates = [*of_role, *candidates] if dynamic else [*candidates, *of_role]
    return [*candidates, place.playbook_folder / sub / name, place.playbook_folder / name]
