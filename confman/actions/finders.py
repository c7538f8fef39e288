"""Where the files of a task are: worked out once for all hosts and items that ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from confman.actions.base import Finder
from confman.model.play import RoleContext
from confman.model.program import Step


class Finders:
    """Gives each task its `Finder`. folder: of the playbook; read, load: as the finders have them."""

    def __init__(self, folder: Path, read: Callable[[Path], bytes], load: Callable[[Path], Any]) -> None:
        self._folder = folder
        self._read = read
        self._load = load
        self._known: dict[tuple[str, str, int], tuple[RoleContext | None, Finder]] = {}

    def of(self, step: Step, play: str) -> Finder:
        """The finder of a step. play: the folder of an imported playbook, "" for others."""
        role, written = step.role, step.task.source.path
        known = self._known.get((written, play, id(role)))
        if known is None or known[0] is not role:
            # The role is kept, so that no other one can have its id.
            known = role, self._make(role, Path(written).parent, self._folder / play)
            self._known[written, play, id(role)] = known
        return known[1]

    def _make(self, role: RoleContext | None, *folders: Path) -> Finder:
        roles = (role, *role.parents) if role else ()
        places = (*(Path(each.path) for each in roles), *folders)
        return Finder(tuple(dict.fromkeys(places)), self._read, self._load)
