"""What is to be known of a plan before it is applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from confman.truth.outlook import fights, outlook
from confman.truth.plan import Act, Foreseen, Item, Send, Step, Work
from tests.truth.making import plan, step


def changing(module: str, *changes: Foreseen) -> Work:
    return Work("changed", (Item((Send(0, module, {}),), changes=changes),), grade="exact")


def one(number: int, module: str, *changes: Foreseen) -> Step:
    return step(number, {"a": changing(module, *changes)})


def file(before: Any, after: Any) -> Foreseen:
    return Foreseen("file", "/etc/app.conf", before, after)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("copy", file(None, "A")), ("lineinfile", file("A", "B")), True),
        (("lineinfile", file("A", "B")), ("copy", file("B", "A")), True),
        (("copy", file("X", "A")), ("copy", file("X", "B")), True),
        (("copy", file(None, "A")), ("copy", file(None, "A")), False),
        (("lineinfile", file(None, "A")), ("lineinfile", file("A", "B")), False),
        (("file", Foreseen("attributes", "/x", {"mode": "1"}, {"mode": "2"})), ("file", Foreseen("attributes", "/x", {"mode": "2"}, {"mode": "3"})), True),
        (("file", Foreseen("attributes", "/x", {}, {"mode": "2"})), ("file", Foreseen("attributes", "/x", {}, {"owner": "3"})), False),
        (("apt", Foreseen("package", "git", None, "1")), ("apt", Foreseen("package", "git", "1", None)), True),
        (("systemd", Foreseen("unit", "x", "inactive", "active")), ("systemd", Foreseen("unit", "x", "active", "active")), False),
        (("systemd", Foreseen("unit", "x", "active", "inactive")), ("systemd", Foreseen("unit", "x", "inactive", "active")), True),
        (("pip", Foreseen("p", "x", None, {"unknown": True})), ("pip", Foreseen("p", "x", None, "1")), False),
        (("copy", file(None, "A")), ("copy", Foreseen("file", "/other", None, "B")), False),
    ],
)  # fmt: skip
def test_tasks_that_fight(first: Any, second: Any, expected: bool) -> None:
    found = list(fights(plan(one(5, *first), one(8, *second))))
    assert bool(found) is expected
    if found:
        name = found[0].id
        assert found[0].text == f"site.yml:5 and :8 both write {name}: it will change on every run (a)"


def test_a_loop_does_not_fight_with_itself() -> None:
    items = tuple(Item((Send(0, "copy", {}),), changes=(file(None, text),)) for text in "AB")
    assert list(fights(plan(step(1, {"a": Work("changed", items)})))) == []


def test_hosts_that_have_the_same_fight_are_told_together() -> None:
    both = [step(n, {host: changing("copy", file(None, str(n))) for host in "ab"}) for n in (5, 8)]
    (found,) = fights(plan(*both))
    assert found.hosts == ("a", "b")


def test_what_restarts_and_reboots() -> None:
    acts = [("x", "active", "active"), ("y", "inactive", "active"), ("z", "active", "inactive")]
    units = changing("systemd", *(Foreseen("unit", *each) for each in acts))
    reboot = Work("changed", (Item(act=Act(0, "reboot", {})),))
    found = outlook(
        plan(step(1, {"a": units, "b": units}), replace(step(2, {"b": reboot}), action="ansible.builtin.reboot"))
    )
    assert found.services == {("x", "restart"): ("a", "b"), ("y", "start"): ("a", "b"), ("z", "stop"): ("a", "b")}
    assert found.reboots == ("b",)


def test_how_long_it_takes_is_known_from_earlier_runs() -> None:
    steps = [one(number, "copy", file(None, "A")) for number in (1, 2, 3)]
    known = {("site.yml:1", "task 1"): 2.0, ("site.yml:2", "task 2"): 3.5, ("other.yml:3", "task 3"): 100.0}
    assert outlook(plan(*steps), known).seconds == 5.5
    assert outlook(plan(*steps), dict(list(known.items())[:1])).seconds is None
    assert outlook(plan(*steps)).seconds is None
