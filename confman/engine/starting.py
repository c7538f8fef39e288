"""`--start-at-task`: a program that begins in its middle."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from confman.language.keywords import short_name
from confman.model.program import Program

if TYPE_CHECKING:
    from confman.model.play import Play, RoleContext, Task


def is_named(task: Task, role: RoleContext | None, pattern: str) -> bool:
    """Whether a task's name (alone, or behind its role's) is `pattern` or matches it."""
    name = task.name or task.action
    names = [name, f"{role.name} : {name}"] if role else [name]
    return pattern in names or any(fnmatchcase(each, pattern) for each in names)


def start_at(program: Program, pattern: str) -> Program | None:
    """The program from the first task of that name on, facts gathered before; None when there is no such task."""
    steps = program.steps
    wanted = [i for i, step in enumerate(steps) if not step.implicit and is_named(step.task, step.role, pattern)]
    if not wanted:
        return None
    found = wanted[0]
    first = steps[program.start]
    if found == program.start or short_name(first.task.action) != "gather_facts":
        return Program(steps, found)
    gather = replace(first, ok=found)
    return Program((*steps[: program.start], gather, *steps[program.start + 1 :]), program.start)


class StartAt:
    """Narrows the programs of plays, in order, to what comes from a task on; "" leaves them as they are."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._found_in: Play | None = None

    def narrow(self, play: Play, program: Program) -> Program:
        """The program of a batch of a play: none before the task was found, all of it in the plays after."""
        if not self.pattern or (self._found_in is not None and self._found_in is not play):
            return program
        found = start_at(program, self.pattern)
        if found is not None:
            self._found_in = play
        return found or Program(program.steps)
