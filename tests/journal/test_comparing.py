"""How two runs differ."""

from __future__ import annotations

from confman.journal.comparing import Difference, differences
from confman.journal.entries import Change, Task
from tests.journal.making import changed, intent, outcome

ONE, TWO = Change("file", "/etc/a", 1, 2), Change("file", "/etc/b", None, 1)


def tasks(*pairs: tuple) -> list[Task]:
    return [Task(intent(number, name=name), outcomes) for number, (name, *outcomes) in enumerate(pairs, 1)]


def test_equal_runs_do_not_differ() -> None:
    run = tasks(("a", outcome(1, "h1"), changed(1, "h2")))
    assert differences(run, run) == []


def test_another_end_and_other_changes() -> None:
    first = tasks(("a", outcome(1, "h1"), changed(1, "h2", ONE)))
    second = tasks(("a", outcome(1, "h1", "failed"), changed(1, "h2", TWO)))
    assert differences(first, second) == [
        Difference("Web", "a", "h1", "ok", "failed"),
        Difference("Web", "a", "h2", "changed", "changed", gone=(ONE,), fresh=(TWO,)),
    ]


def test_tasks_and_hosts_that_only_one_of_them_has() -> None:
    first = tasks(("a", outcome(1, "h1")), ("b", outcome(2, "h1")))
    second = tasks(("a", outcome(1, "h1"), outcome(1, "h2")), ("c", changed(2, "h1", ONE)))
    assert differences(first, second) == [
        Difference("Web", "a", "h2", "", "ok"),
        Difference("Web", "c", "h1", "", "changed", fresh=(ONE,)),
        Difference("Web", "b", "h1", "ok", ""),
    ]


def test_tasks_of_one_name_are_told_apart_by_their_order() -> None:
    first = tasks(("a", outcome(1, "h1")), ("a", outcome(2, "h1")))
    second = tasks(("a", outcome(1, "h1")), ("a", outcome(2, "h1", "failed")))
    assert differences(first, second) == [Difference("Web", "a", "h1", "ok", "failed")]


def test_a_task_that_moved_is_the_same() -> None:
    first = tasks(("a", outcome(1, "h1")), ("b", outcome(2, "h1")))
    second = tasks(("new", outcome(1, "h1")), ("a", outcome(2, "h1")), ("b", outcome(3, "h1")))
    assert [each.task for each in differences(first, second)] == ["new"]
