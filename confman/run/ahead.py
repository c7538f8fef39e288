"""Tasks that travel to their host with an earlier one, and wait here for their turn with the answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from confman.errors import TargetError
from confman.model.call import Call
from confman.model.event import Message, SentAhead
from confman.model.records import dataclass

if TYPE_CHECKING:
    from confman.engine.following import Prepared
    from confman.engine.state import Start
    from confman.model.event import Event
    from confman.model.request import Reach
    from confman.transport.session import Session

Answer = asyncio.Future["dict[str, Any] | None"]
"""A call's result; None where the host left it out, because one before it did not go well."""


@dataclass(frozen=True)
class Sent:
    """A task that was sent before its turn, and what its host will have answered."""

    task: Prepared
    answer: Answer


class Ahead:
    """Keeps, for each host, what was sent to it ahead of its turn."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._queues: dict[str, deque[Sent]] = {}
        self._readers: dict[str, asyncio.Task[None]] = {}

    def waits(self, host: str) -> bool:
        """Whether something that was sent to a host waits for its turn."""
        return bool(self._queues.get(host))

    async def send(self, host: str, session: Session, first: Reach, tasks: Sequence[Prepared]) -> dict[str, Any]:
        """Send a call with those of the tasks behind it; its result, as soon as it is there. Raises as a call does."""
        answers: list[Answer] = [asyncio.get_running_loop().create_future() for _ in range(len(tasks) + 1)]
        calls = [call for reach in (first, *(task.reach for task in tasks)) if isinstance(call := reach.request, Call)]
        self._emit(SentAhead(host, tuple(task.info for task in tasks)))
        self._queues[host] = deque(Sent(task, answer) for task, answer in zip(tasks, answers[1:], strict=True))
        self._readers[host] = asyncio.create_task(_read(session, first, calls, answers))
        result = await answers[0]
        if result is None:
            raise TargetError("the target left out what it was asked")
        return result

    async def take(self, start: Start) -> Sent | None:
        """The task that a host begins, if it was sent before and the host has done it, or will have."""
        queue = self._queues.get(start.host)
        if not queue:
            return None
        sent = queue.popleft()
        if sent.task.step is start.job.step:
            await asyncio.wait({sent.answer})
            if sent.answer.exception() is not None or sent.answer.result() is not None:
                return sent
        else:
            queue.appendleft(sent)
        await self.forget([start.host])
        return None

    async def forget(self, hosts: Iterable[str]) -> None:
        """Forget what was sent to hosts and is not wanted; tell of what a host has done, or may have done, of it."""
        for host in hosts:
            queue, reader = self._queues.pop(host, None), self._readers.pop(host, None)
            done = [sent.task.info.name for sent in queue or () if not _left_out(sent.answer)]
            if reader is not None:
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reader
            if done:
                text = f"{host}: nobody waits any more for tasks that may have been done there: {', '.join(done)}"
                self._emit(Message("warning", text))


async def _read(session: Session, first: Reach, calls: Sequence[Call], answers: Sequence[Answer]) -> None:
    """Have calls done, and hand out their results; what goes wrong is that of the first one that has none."""
    left = deque(answers)

    def take(result: dict[str, Any] | None) -> None:
        _settle(left.popleft(), result)

    try:
        await session.calls(first.identity, calls, take)
    except Exception as error:  # handed to whoever waits for the answer
        for number, answer in enumerate(left):
            if number:
                _settle(answer, None)
            elif not answer.done():
                answer.set_exception(error)
    finally:
        for answer in left:
            answer.cancel()


def _settle(answer: Answer, result: dict[str, Any] | None) -> None:
    if not answer.done():
        answer.set_result(result)


def _left_out(answer: Answer) -> bool:
    """Whether it is known that a host did not do what it was sent."""
    return answer.done() and not answer.cancelled() and answer.exception() is None and answer.result() is None
