"""Where files of tasks are found."""

from __future__ import annotations

from pathlib import Path

from confman.language.reading import Place


def find_tasks_file(name: str, place: Place) -> Path | None:
    """A file of tasks by its written name: beside the current file, in the role, beside the playbook."""
    sub = "handlers" if place.handlers else "tasks"
    candidates = [place.folder / name]
    if place.role:
        role = Path(place.role.path)
        candidates += [role / sub / name, role / "tasks" / name, role / name]
    candidates += [place.playbook_folder / sub / name, place.playbook_folder / name]
    return next((path for path in candidates if path.is_file()), None)
