"""Where files of tasks are found."""

from __future__ import annotations

from pathlib import Path

from confman.language.reading import Place


def find_tasks_file(name: str, place: Place, *, dynamic: bool = False) -> Path | None:
    """A file of tasks by its written name: beside the current file, in the role, beside the playbook.

    What a task includes while the play runs (`dynamic`) is looked for in the role first.
    """
    sub = "handlers" if place.handlers else "tasks"
    candidates = [place.folder / name]
    if place.role:
        role = Path(place.role.path)
        of_role = [role / sub / name, role / "tasks" / name, role / name]
        candidates = [*of_role, *candidates] if dynamic else [*candidates, *of_role]
    candidates += [place.playbook_folder / sub / name, place.playbook_folder / name]
    return next((path for path in candidates if path.is_file()), None)
