"""Reads what an include names, while the play runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from confman.engine.means import Job
from confman.engine.state import Inclusion
from confman.errors import ContentNotFound, ErrorGroup
from confman.language.linking import link_role, load_tasks
from confman.language.reading import Place, Reading
from confman.language.roles import role_use
from confman.language.tasks_file import find_tasks_file, tasks_not_found
from confman.model.program import Step
from confman.model.records import dataclass
from confman.model.values import SourcedDict
from confman.templating.engine import Engine


@dataclass
class Includer:
    """Loads tasks files and roles for `include_tasks` and `include_role`."""

    reading: Callable[[], Reading]
    engine: Engine

    def include(self, step: Step, result: dict[str, Any], job: Job, *, handler: bool = False) -> Inclusion:
        """What an include names; `handler`: one that is a handler, so that its tasks are handlers too.

        Raises:
            ErrorGroup: it is there and wrong, which ends the run as it does for what is read before.
            ConfmanError: it is not there.
        """
        reading = self.reading()
        place = Place(
            reading,
            Path(step.task.source.path).parent,
            Path(job.means.world.play.folder),
            role=step.role,
            layers=tuple(job.scope.layers),
            handlers=handler and step.kind == "include_tasks",
            collections=step.own.collections,
        )
        resolve = self._tasks if step.kind == "include_tasks" else self._role
        found = resolve(step, result, place)
        missing = [problem for problem in reading.problems if isinstance(problem, ContentNotFound)]
        if len(missing) < len(reading.problems):
            raise ErrorGroup(reading.problems)
        if missing:
            raise missing[0]
        return found

    def _tasks(self, step: Step, result: dict[str, Any], place: Place) -> Inclusion:
        name = str(result["include"])
        path = find_tasks_file(name, place, dynamic=True)
        if path is None:
            raise tasks_not_found(name, step.task.source, place)
        return Inclusion(load_tasks(path, place), str(path))

    def _role(self, step: Step, result: dict[str, Any], place: Place) -> Inclusion:
        args = SourcedDict(result["_include"])
        use = role_use(replace(step.task, args=args), place)
        if use is None:
            return Inclusion((), "")
        block = link_role(use, place)
        shared = tuple(place.contexts) if block.role and block.role.public else ()
        return Inclusion((block,), use.name, tuple(place.role_handlers), shared)
