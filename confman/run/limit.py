"""`timeout`: what an action asks for is answered in its time or not at all."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from confman.errors import TimedOut
from confman.model.call import Call
from confman.model.request import Reach, Within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Limit:
    """The time that the requests of one action have together; none until a `Within` sets it."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._deadline = 0.0

    def wait(self, seconds: float) -> None:
        """Do not count so many seconds: nobody had begun."""
        self._deadline += seconds

    async def keep(self, request: Any, answer: Callable[[Any], Awaitable[Any]]) -> Any:
        """What `answer` gives to a request. Raises TimedOut when the time was up before."""
        if isinstance(request, Within):
            self._seconds = request.seconds
            self._deadline = time.monotonic() + request.seconds
            return None
        if not self._seconds:
            return await answer(request)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimedOut(self._seconds)
        if isinstance(request, Reach) and isinstance(request.request, Call):
            return await self._call(request, request.request, left, answer)
        try:
            async with asyncio.timeout(left):
                return await answer(request)
        except TimeoutError:
            raise TimedOut(self._seconds) from None

    async def _call(self, request: Reach, call: Call, left: float, answer: Callable[[Any], Awaitable[Any]]) -> Any:
        """The same for a module, which is ended on its host so that the agent there lives on."""
        result = await answer(replace(request, request=replace(call, timeout=left)))
        if result.get("failed") and "timedout" in result:
            raise TimedOut(self._seconds)
        return result
