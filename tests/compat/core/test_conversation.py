"""A plugin that blocks, in a conversation with a generator that yields."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from confman.compat.core.conversation import Conversation
from confman.errors import ConfmanError
from confman.model.request import Background, Sleep


def drive(work: Callable[[Callable[[Any], Any]], Any], answers: dict[Any, Any]) -> tuple[list[Any], Any]:
    """Run a conversation, answering wishes from a table; the wishes, and what it returned."""
    steps = Conversation(work).steps()
    wishes: list[Any] = []
    answer: Any = None
    while True:
        try:
            wish = steps.throw(answer) if isinstance(answer, Exception) else steps.send(answer)
        except StopIteration as end:
            return wishes, end.value
        if isinstance(wish, Background):
            answer = wish.work()
        else:
            wishes.append(wish)
            answer = answers[wish]


def test_wishes_are_answered_one_after_the_other() -> None:
    wishes, value = drive(lambda ask: [ask("a"), ask("b"), ask("a")], {"a": 1, "b": 2})
    assert (wishes, value) == (["a", "b", "a"], [1, 2, 1])


def test_nothing_may_be_wished_at_all() -> None:
    assert drive(lambda _ask: 7, {}) == ([], 7)


def test_an_error_is_the_answer_where_the_wish_was_made() -> None:
    def work(ask: Callable[[Any], Any]) -> str:
        try:
            ask("a")
        except ConfmanError as error:
            return f"told: {error.message}"
        return "not told"

    assert drive(work, {"a": ConfmanError("no")}) == (["a"], "told: no")


@pytest.mark.parametrize("error", [ValueError("x"), ConfmanError("y"), KeyboardInterrupt()])
def test_what_the_plugin_raises_comes_out(error: BaseException) -> None:
    def work(_ask: Callable[[Any], Any]) -> None:
        raise error

    with pytest.raises(type(error)):
        drive(work, {})


def test_the_thread_ends_with_the_task() -> None:
    ended = threading.Event()

    def work(ask: Callable[[Any], Any]) -> None:
        try:
            ask(Sleep(1))
        finally:
            ended.set()

    steps = Conversation(work).steps()
    first = next(steps)
    assert isinstance(first, Background)
    assert steps.send(first.work()) == Sleep(1)
    steps.close()
    assert ended.wait(5)
