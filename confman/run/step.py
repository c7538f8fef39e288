"""`--step`: somebody says of each task whether it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confman.model.request import Ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from confman.model.event import TaskInfo


class Stepper:
    """Asks once about each task while it is on. An answer of `c` turns it off."""

    def __init__(self, prompt: Callable[[Ask], Awaitable[str | None]], *, on: bool) -> None:
        self._prompt = prompt
        self.on = on
        self._declined: set[int] = set()

    async def allows(self, task: TaskInfo) -> bool:
        """Whether a task that is about to begin is to be run; meta tasks always are."""
        if not self.on or task.action.rsplit(".", 1)[-1] == "meta":
            return True
        word = "RUNNING HANDLER" if task.handler else "TASK"
        answer = (await self._prompt(Ask(f"Perform task: {word}: {task.name} (N)o/(y)es/(c)ontinue: ")) or "").strip()
        if answer.lower() in {"c", "continue"}:
            self.on = False
            return True
        if answer.lower() in {"y", "yes"}:
            return True
        self._declined.add(task.id)
        return False

    def declined(self, task: TaskInfo) -> bool:
        """Whether somebody said no to a task."""
        return task.id in self._declined
