"""`--step`: what somebody's answers do."""

from __future__ import annotations

import pytest

from confman.model.event import TaskInfo
from confman.model.request import Ask
from confman.run.step import Stepper


class Somebody:
    """Answers questions in order and remembers them."""

    def __init__(self, *answers: str | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, ask: Ask) -> str | None:
        """The next answer."""
        self.asked.append(ask.prompt)
        return self.answers.pop(0)


def task(number: int, action: str = "debug", *, handler: bool = False) -> TaskInfo:
    """A task."""
    return TaskInfo(number, f"t{number}", action, None, handler=handler)


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [("y", True), ("YES", True), (" y ", True), ("n", False), ("", False), ("what", False), (None, False), ("c", True)],
)
async def test_answers(answer: str | None, allowed: bool):
    stepper = Stepper(Somebody(answer), on=True)
    assert await stepper.allows(task(1)) is allowed
    assert stepper.declined(task(1)) is not allowed


async def test_continue_asks_no_more():
    somebody = Somebody("n", "continue")
    stepper = Stepper(somebody, on=True)
    assert [await stepper.allows(task(n)) for n in range(4)] == [False, True, True, True]
    assert len(somebody.asked) == 2
    assert [stepper.declined(task(n)) for n in range(4)] == [True, False, False, False]


async def test_what_is_not_asked():
    stepper = Stepper(Somebody(), on=True)
    assert await stepper.allows(task(1, "ansible.builtin.meta"))
    assert await Stepper(Somebody(), on=False).allows(task(1))


async def test_the_question_names_the_task():
    somebody = Somebody("y", "y")
    stepper = Stepper(somebody, on=True)
    await stepper.allows(task(1))
    await stepper.allows(task(2, handler=True))
    assert somebody.asked == [
        "Perform task: TASK: t1 (N)o/(y)es/(c)ontinue: ",
        "Perform task: RUNNING HANDLER: t2 (N)o/(y)es/(c)ontinue: ",
    ]
