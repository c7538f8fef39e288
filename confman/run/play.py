"""One play on one batch of hosts: commands performed, outcomes fed back, until nothing is left to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from confman.engine.play import begin, finished
from confman.engine.state import Command, Emit, PlayRun, Refresh, Reset, Start
from confman.engine.task import Outcome
from confman.errors import ConfmanError
from confman.model.event import Message
from confman.model.inventory import Inventory
from confman.run.perform import Performer


class BatchRunner:
    """Drives a `PlayRun`. `reread` reads the inventory again."""

    def __init__(self, run: PlayRun, performer: Performer, reread: Callable[[], Inventory]) -> None:
        self.run = run
        self.performer = performer
        self.reread = reread
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending = 0
        self._done: asyncio.Queue[tuple[str, Outcome | BaseException]] = asyncio.Queue()

    async def drive(self) -> None:
        """Run the batch to its end; whatever is under way is ended when this is cancelled."""
        try:
            await self._obey(begin(self.run))
            while self._pending:
                host, outcome = await self._done.get()
                self._pending -= 1
                if isinstance(outcome, BaseException):
                    raise outcome
                await self._obey(finished(self.run, host, outcome))
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Start):
                self._pending += 1
                task = asyncio.create_task(self._job(command))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            elif isinstance(command, Emit):
                self.performer.emit(command.event)
            elif isinstance(command, Reset):
                await self.performer.sessions.reset(command.host)
            else:
                assert isinstance(command, Refresh)
                self._refresh()

    def _refresh(self) -> None:
        try:
            self.run.means.world.replace_inventory(self.reread())
        except ConfmanError as error:
            self.performer.emit(Message("error", error.message, source=error.source, hint=error.hint))

    async def _job(self, start: Start) -> None:
        try:
            outcome, _seconds = await self.performer.run(start)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  # handed to drive(), which raises it
            self._done.put_nowait((start.host, error))
            return
        self._done.put_nowait((start.host, outcome))
