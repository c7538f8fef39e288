"""Signs of life of a link: an agent hears from us now and then, and one that went silent in a call is noticed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from confman.errors import ConnectionFailed
from confman.transport.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.model.call import Target
    from confman.transport.base import Process

PATIENCE = 4
"""How many times longer than the transport's own verdict an agent's silence is borne, on either side."""


class Heart:
    """The beats to one agent, in a task of its own.

    heard: grows with everything that the agent says. While `waiting` is set, an agent that says nothing for `limit`
    seconds has its channel closed, and `silent` tells so. A machine that was asleep is not counted against it.
    """

    def __init__(self, process: Process, target: Target, heard: Callable[[], int]) -> None:
        self._process = process
        self._heard = heard
        self._interval = target.keepalive
        self._steps = PATIENCE * target.keepalive_count
        self.limit = self._interval * self._steps
        self.waiting = False
        self.silent = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to beat, once the agent can read."""
        if self._task is None and self.limit > 0:
            self._task = asyncio.create_task(self._beat())

    def stop(self) -> None:
        """Beat no more; may be called twice."""
        if self._task is not None:
            self._task.cancel()

    async def _beat(self) -> None:
        frame = encode({"op": "beat", "limit": self.limit})
        quiet, heard = 0, self._heard()
        with contextlib.suppress(ConnectionFailed):
            while quiet < self._steps:
                await self._process.write(frame)
                await asyncio.sleep(self._interval)
                quiet = quiet + 1 if self.waiting and heard == self._heard() else 0
                heard = self._heard()
            self.silent = True
            await self._process.close()
