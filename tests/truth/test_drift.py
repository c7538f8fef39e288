"""What a difference means: changed outside, or the playbook changed."""

from __future__ import annotations

from typing import Any

import pytest

from confman.sinks.findings import text_lines
from confman.truth.drift import Applied, findings, repair
from confman.truth.plan import Foreseen, Item, Plan, Send, Work
from tests.truth.making import plan, step

OLD, NEW, OTHER = {"sha1": "1"}, {"sha1": "2"}, {"sha1": "3"}
NOTHING = Applied({}, {})


def wanting(before: Any, after: Any, signature: str = "s", **fields: Any) -> Work:
    change = Foreseen("file", "/etc/x", before, after)
    fields = {"grade": "exact", "objects": (("path", "/etc/x"),), **fields}
    return Work("changed", (Item((Send(0, "copy", {}),), changes=(change,)),), signature=signature, **fields)


def known(last: Any = None, *signatures: str) -> Applied:
    asked = {("a", "task 1"): frozenset(signatures)} if signatures else {}
    return Applied(asked, {} if last is None else {("a", "file", "/etc/x"): last})


@pytest.mark.parametrize(
    ("work", "applied", "state"),
    [
        (wanting(OTHER, NEW), known(NEW, "s"), "drifted"),
        (wanting(OTHER, NEW), known(None, "s"), "drifted"),
        (wanting(None, NEW), NOTHING, "outdated"),
        (wanting(OLD, NEW, "t"), known(OLD, "s"), "outdated"),
        (wanting(OTHER, NEW, "t"), known(OLD, "s"), "drifted"),
        (wanting(OTHER, NEW, ""), known(NEW, "s"), "drifted"),
        (wanting(OLD, NEW, grade="unknown"), known(NEW, "s"), "unknown"),
    ],
    ids=["asked as before", "never changed by us", "never applied", "the playbook changed", "both", "undisclosed", "unknown"],
)  # fmt: skip
def test_what_a_difference_means(work: Work, applied: Applied, state: str) -> None:
    (found,) = findings(plan(step(1, {"a": work})), applied)
    assert (found.host, found.kind, found.id, found.state) == ("a", "file", "/etc/x", state)


def test_only_what_both_states_tell_is_compared() -> None:
    change = Foreseen("attributes", "/etc/x", {"mode": "0600"}, {"mode": "0644"})
    work = Work("changed", (Item(changes=(change,)),), grade="exact", signature="t")
    last = {("a", "attributes", "/etc/x"): {"mode": "0600", "owner": "app"}}
    (found,) = findings(plan(step(1, {"a": work})), Applied({("a", "task 1"): frozenset("s")}, last))
    assert found.state == "outdated"


def test_objects_that_nothing_would_change_are_in_order() -> None:
    quiet = Work("ok", grade="exact", objects=(("path", "/etc/x"), ("user", "app")))
    found = findings(plan(step(1, {"a": quiet, "b": quiet}), step(2, {"a": quiet})), NOTHING)
    assert [(each.host, each.kind, each.state) for each in found] == [
        ("a", "path", "in order"), ("a", "user", "in order"), ("b", "path", "in order"), ("b", "user", "in order"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["command", "times", "package lists"])
def test_acts_are_no_objects(kind: str) -> None:
    work = Work("changed", (Item(changes=(Foreseen(kind, "x"),)),), grade="exact")
    assert findings(plan(step(1, {"a": work})), NOTHING) == []


def test_what_handlers_do_is_no_drift() -> None:
    work = Work("changed", (Item(changes=(Foreseen("unit", "x", "active", "active"),)),), grade="exact")
    assert findings(plan(step(1, {"a": work}, handler=True)), NOTHING) == []


def test_a_delegated_task_is_about_the_host_that_does_it() -> None:
    (found,) = findings(plan(step(1, {"a": wanting(OLD, NEW, delegated="c")})), NOTHING)
    assert found.host == "c"


def rounds(of: Plan) -> list[tuple[int, tuple[str, ...]]]:
    return [(each.round, tuple(each.hosts)) for play in of.plays for each in play.steps]


def test_a_repair_has_the_tasks_that_drifted_and_their_handlers() -> None:
    drifted, outdated = wanting(OTHER, NEW), wanting(OLD, NEW, "t")
    handler = Work("changed", (Item((Send(0, "systemd", {}),)),), after=(1,))
    other = Work("changed", (Item((Send(0, "systemd", {}),)),), after=(2,))
    steps = [
        step(1, {"a": drifted, "b": Work("ok")}), step(2, {"a": outdated}), step(3, {"a": handler, "b": handler}, handler=True),
        step(4, {"a": other}, handler=True),
    ]  # fmt: skip
    asked = {("a", "task 1"): frozenset("s"), ("a", "task 2"): frozenset("s")}
    whole = plan(*steps)
    found = findings(whole, Applied(asked, {("a", "file", "/etc/x"): OLD}))
    assert [each.state for each in found] == ["drifted", "outdated"]
    assert rounds(repair(whole, found)) == [(1, ("a",)), (3, ("a",))]


def test_a_task_that_would_bring_news_too_repairs_nothing() -> None:
    two = (Foreseen("file", "/etc/x", OTHER, NEW), Foreseen("file", "/etc/y", None, NEW))
    work = Work("changed", (Item((Send(0, "copy", {}),), changes=two),), grade="exact", signature="t")
    whole = plan(step(1, {"a": work}))
    found = findings(whole, known(OLD, "s"))
    assert [each.state for each in found] == ["drifted", "outdated"]
    assert rounds(repair(whole, found)) == []


def test_a_task_that_cannot_be_told_is_named_with_the_reason() -> None:
    spared = Work("skipped", (Item(),), grade="unknown", why="it is left out")
    found = findings(plan(step(1, {"a": spared}), step(2, {"a": wanting(OLD, NEW, grade="unknown")})), NOTHING)
    assert [(each.kind, each.id, each.state, each.why) for each in found] == [
        ("file", "/etc/x", "unknown", ""),
        ("task", "task 1", "unknown", "it is left out"),
    ]
    assert list(text_lines(found))[1].startswith("unknown   a  it is left out  (")


def test_a_task_that_a_real_run_would_skip_too_is_nothing() -> None:
    assert findings(plan(step(1, {"a": Work("skipped", (Item(),))})), NOTHING) == []
