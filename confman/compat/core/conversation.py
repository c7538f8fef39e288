"""A thread in which a plugin runs, and its conversation with the generator of the action."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Any

from confman.errors import ConfmanError
from confman.model.records import dataclass
from confman.model.request import Background


class Abandoned(BaseException):
    """The task is over; the plugin's thread ends. Not an Exception, so that no plugin swallows it."""


@dataclass(frozen=True)
class _Turn:
    """What comes out of the thread: a wish, or the end."""

    wish: Any = None
    over: bool = False
    value: Any = None
    error: BaseException | None = None


class Conversation:
    """Runs `work(ask)` in a thread; ask(wish) waits for the answer that the action's generator gives."""

    def __init__(self, work: Callable[[Callable[[Any], Any]], Any]) -> None:
        self._work = work
        self._turns: queue.SimpleQueue[_Turn] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def steps(self) -> Generator[Any, Any, Any]:
        """The wishes one after the other; returns what the work returned, raises what it raised."""
        thread = threading.Thread(target=self._run, name="plugin", daemon=True)
        thread.start()
        turn: _Turn = yield Background(self._turns.get)
        try:
            while not turn.over:
                try:
                    answer = yield turn.wish
                except ConfmanError as error:
                    answer = error
                self._answers.put(answer)
                turn = yield Background(self._turns.get)
        except BaseException:
            self._answers.put(Abandoned())
            raise
        if turn.error is not None:
            raise turn.error
        return turn.value

    def _run(self) -> None:
        try:
            self._turns.put(_Turn(over=True, value=self._work(self._ask)))
        except Abandoned:
            pass
        except BaseException as error:  # handed to the generator, which raises it
            self._turns.put(_Turn(over=True, error=error))

    def _ask(self, wish: Any) -> Any:
        self._turns.put(_Turn(wish))
        answer = self._answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer
