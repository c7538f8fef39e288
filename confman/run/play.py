"""One play on one batch of hosts: commands performed, outcomes fed back, until nothing is left to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from confman.engine.endings import ended
from confman.engine.following import prepare
from confman.engine.notifying import UnknownHandler
from confman.engine.play import begin, declined, finished
from confman.engine.state import Command, Emit, PlayRun, Refresh, Reset, Start
from confman.engine.task import Outcome
from confman.errors import ConfmanError
from confman.model.event import Event, HostDone, Message, TaskStarted
from confman.model.inventory import Inventory
from confman.run.debugger import Debugger
from confman.run.perform import Performer
from confman.run.step import Stepper


class BatchRunner:
    """Drives a `PlayRun`.

    reread: reads the inventory again. stepper: is asked about each task. record: hears how each task ended.
    """

    def __init__(
        self,
        run: PlayRun,
        performer: Performer,
        reread: Callable[[], Inventory],
        stepper: Stepper,
        record: Callable[[PlayRun, Start, Outcome], object] | None = None,
    ) -> None:
        self.run = run
        self.record = record
        everywhere = run.debug or run.means.settings.task_debugger
        self.debugger = Debugger(performer.prompt, performer.emit, everywhere=everywhere)
        self._started: dict[str, Start] = {}
        self.performer = performer
        self.reread = reread
        self.stepper = stepper
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending = 0
        self._done: asyncio.Queue[tuple[str, Outcome | BaseException | None, float]] = asyncio.Queue()

    async def drive(self) -> None:
        """Run the batch to its end; whatever is under way is ended when this is cancelled."""
        try:
            await self._obey(begin(self.run))
            while self._pending:
                host, outcome, seconds = await self._done.get()
                self._pending -= 1
                if isinstance(outcome, BaseException):
                    raise outcome
                if outcome is None:
                    await self._obey(declined(self.run, host))
                else:
                    await self._conclude(host, outcome, seconds)
        except UnknownHandler as error:
            await self._obey(list(error.before))
            raise
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.performer.forget(self.run.hosts.keys())

    async def _conclude(self, host: str, outcome: Outcome, seconds: float) -> None:
        """Take in a task's end, unless somebody looks at it first and wants the task to be run again."""
        start = self._started[host]
        if not self.debugger.wanted(start, outcome):
            await self._obey(_timed(finished(self.run, host, outcome), host, seconds))
            return
        shown = [Emit(ended(self.run.rounds[host], host, outcome))]
        await self._obey(_timed(shown, host, seconds))
        again = await self.debugger.ask(start, outcome)
        if again is not None:
            self._begin(again)
            return
        told = finished(self.run, host, outcome)
        await self._obey([command for command in told if not _is_end(command, host)])

    async def _obey(self, commands: list[Command]) -> None:
        for command in commands:
            if isinstance(command, Start):
                self._begin(command)
            elif isinstance(command, Emit):
                await self._emit(command.event)
            elif isinstance(command, Reset):
                await self.performer.reset(command.host)
            else:
                assert isinstance(command, Refresh)
                self._refresh()

    def _begin(self, start: Start) -> None:
        self._pending += 1
        self._started[start.host] = start
        if self.stepper.declined(start.info):
            self._done.put_nowait((start.host, None, 0.0))
            return
        task = asyncio.create_task(self._job(start))
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # An interrupt that came in its midst has ended the loop already; asyncio is not to tell of it once more.
            task.exception()

    async def _emit(self, event: Event) -> None:
        if not isinstance(event, TaskStarted) or await self.stepper.allows(event.task):
            self.performer.emit(event)

    def _refresh(self) -> None:
        try:
            self.run.means.world.refresh_inventory(self.reread())
        except ConfmanError as error:
            self.performer.emit(Message("error", error.message, source=error.source, hint=error.hint))

    async def _job(self, start: Start) -> None:
        try:
            outcome, seconds = await self.performer.run(start, lambda first: prepare(self.run, start, first))
            if self.record is not None:
                self.record(self.run, start, outcome)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # handed to drive(), which raises it
            self._done.put_nowait((start.host, error, 0.0))
            return
        self._done.put_nowait((start.host, outcome, seconds))


def _is_end(command: Command, host: str) -> bool:
    return isinstance(command, Emit) and isinstance(command.event, HostDone) and command.event.host == host


def _timed(commands: Sequence[Command], host: str, seconds: float) -> list[Command]:
    """The same commands; the end of the host's task tells how long it took."""
    return [
        Emit(replace(command.event, seconds=round(seconds, 6)))
        if isinstance(command, Emit) and _is_end(command, host)
        else command
        for command in commands
    ]
