"""Reads what an include names, while the play runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from confman.engine.means import Job
from confman.errors import ErrorGroup, LanguageError
from confman.language.linking import link_role, load_tasks
from confman.language.reading import Place, Reading
from confman.language.roles import role_use
from confman.language.tasks_file import find_tasks_file
from confman.model.play import Block, Task
from confman.model.program import Step
from confman.model.values import SourcedDict
from confman.templating.engine import Engine


@dataclass
class Includer:
    """Loads tasks files and roles for `include_tasks` and `include_role`."""

    reading: Callable[[], Reading]
    engine: Engine
    folder: str

    def include(
        self, step: Step, _host: str, result: dict[str, Any], job: Job
    ) -> tuple[tuple[Block | Task, ...], str]:
        """The tasks that an include names and the path to show. Raises ConfmanError."""
        reading = self.reading()
        layers = tuple(job.scope.layers)
        place = Place(
            reading,
            Path(step.task.source.path).parent,
            Path(self.folder),
            role=step.role,
            layers=layers,
            collections=step.own.collections,
        )
        if step.kind == "include_tasks":
            found = self._tasks(step, result, place)
        else:
            found = self._role(step, result, place)
        if reading.problems:
            raise ErrorGroup(reading.problems) if len(reading.problems) > 1 else reading.problems[0]
        return found

    def _tasks(self, step: Step, result: dict[str, Any], place: Place) -> tuple[tuple[Block | Task, ...], str]:
        name = str(result["include"])
        path = find_tasks_file(name, place)
        if path is None:
            raise LanguageError(f"Could not find or access '{name}'", source=step.task.source)
        return load_tasks(path, place), str(path)

    def _role(self, step: Step, result: dict[str, Any], place: Place) -> tuple[tuple[Block | Task, ...], str]:
        task = replace(step.task, args=SourcedDict(result["_include"]))
        use = role_use(task, place)
        if use is None:
            return (), ""
        block = link_role(use, place)
        return (block,), use.name
