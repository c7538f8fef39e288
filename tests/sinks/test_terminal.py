"""The familiar output, in the places where people and programs compare it with Ansible's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from confman.model.event import Event, ItemDone, PlaybookStarted, PlayStarted, RunDone, TaskInfo, TaskStarted
from confman.model.source import Source
from confman.sinks.excerpt import excerpt
from confman.sinks.terminal import Terminal
from confman.sinks.view import View
from tests.sinks.helpers import TASK, done
from tests.sinks.test_outputs import shown

DEBUG = TaskInfo(3, "say", "ansible.builtin.debug", None)
DIFF = {"before": "a\n", "after": "b\n", "before_header": "/x", "after_header": "/x"}
TEXT = "--- before: /x\n+++ after: /x\n@@ -1 +1 @@\n-a\n+b\n\n"


def lines(*events: Event, view: View | None = None) -> str:
    """What is written for events after the task's banner."""
    start = TaskStarted(getattr(events[0], "task", TASK))
    return shown(Terminal, view, (start, *events)).removeprefix(shown(Terminal, view, (start,)))


def item(status: str, task: TaskInfo = TASK, label: object = 1, **result: object) -> ItemDone:
    """The end of one item."""
    return ItemDone("h", task, status, {"changed": status == "changed", **result}, label)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("view", "task", "there"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
def test_diffs_are_shown_where_the_run_or_the_task_asks(view: bool, task: bool | None, there: bool):
    event = done("h", "changed", replace(TASK, diff=task), diff=DIFF)
    assert lines(event, view=View(diff=view)) == (TEXT if there else "") + "changed: [h]\n"


def test_diffs_stand_before_what_they_explain():
    first, second = item("changed", label="a", diff=DIFF), item("changed", label="b", diff=DIFF)
    assert lines(first, second, view=View(diff=True)) == (
        f"{TEXT}changed: [h] => (item=a)\n{TEXT}changed: [h] => (item=b)\n"
    )


@pytest.mark.parametrize("status", ["ok", "failed", "skipped"])
def test_diffs_of_what_changed_nothing_are_not_shown(status: str):
    assert "@@" not in lines(done("h", status, diff=DIFF), view=View(diff=True))


def test_debug_shows_its_message_and_nothing_else():
    result = {"msg": "hi", "failed_when_result": False, "_ansible_verbose_always": True}
    assert lines(done("h", "ok", DEBUG, **result)) == 'ok: [h] => {\n    "msg": "hi"\n}\n'
    failed = lines(item("failed", DEBUG, failed=True, ansible_loop_var="item", item=1, **result))
    assert failed.endswith('failed: [h] (item=1) => {\n    "msg": "hi"\n}\n')


def test_debug_of_a_variable_keeps_its_name():
    result = {"_ansible_verbose_always": True, "ansible_loop_var": "item", "ansible_index_var": "i"}
    assert lines(done("h", "ok", DEBUG, item=1, **result)) == 'ok: [h] => {\n    "item": 1\n}\n'


def test_a_failed_loop_of_debug_has_a_last_line():
    event = done("h", "failed", DEBUG, failed=True, msg="One or more items failed", results=[{"failed": True}])
    text = lines(replace(event, loop=True, ignored=True))
    assert text == 'fatal: [h]: FAILED! => {"msg": "One or more items failed"}\n...ignoring\n'
    assert lines(replace(event, loop=True, task=TASK)) == ""


def test_items_that_are_skipped():
    event = replace(done("h", "skipped", skipped=True, results=[{"skipped": True}], msg="All"), loop=True)
    assert lines(item("skipped"), event) == "skipping: [h] => (item=1) \nskipping: [h]\n"
    assert lines(event, view=View(verbosity=1)).startswith('skipping: [h] => {"changed": false, "msg": "All"')


def test_what_the_status_says_is_not_repeated():
    text = lines(done("h", "skipped", skipped=True, skip_reason="why"), view=View(verbosity=1))
    assert text == 'skipping: [h] => {"changed": false, "skip_reason": "why"}\n'


def test_one_blank_line_after_an_error(tmp_path):
    (tmp_path / "site.yml").write_text("one\n\nthree\n")
    task = replace(TASK, source=Source(f"{tmp_path}/site.yml", 3, 1))
    assert lines(done("h", "failed", task, msg="no")).splitlines() == [
        "[ERROR]: Task failed: Module failed: no",
        f"Origin: {tmp_path}/site.yml:3:1",
        "",
        "1 one",
        "2",
        "3 three",
        "  ^ column 1",
        "",
        'fatal: [h]: FAILED! => {"changed": false, "msg": "no"}',
    ]


def test_line_numbers_stand_below_each_other(tmp_path):
    (tmp_path / "f").write_text("x\n" * 12)
    assert excerpt(Source(f"{tmp_path}/f", 10, 1)) == " 8 x\n 9 x\n10 x\n   ^ column 1"


def at(line: int, number: int) -> TaskInfo:
    """A task at a line, in a round of its own."""
    return replace(TASK, id=number, name=f"task {line}", source=Source("p.yml", line, 1))


def told(*events: Event, view: View | None = None) -> list[str]:
    """What is written, without stars and empty lines."""
    return [line.rstrip("* ") for line in shown(Terminal, view, events).splitlines() if line]


def test_hosts_that_are_not_in_step_have_their_results_below_a_banner_of_their_task():
    first, second, other, later = at(1, 1), at(1, 2), at(2, 3), at(2, 4)
    events = (
        TaskStarted(first), TaskStarted(second), done("a", "ok", first), TaskStarted(other),
        done("a", "ok", other), done("b", "ok", second), TaskStarted(later), done("b", "ok", later),
    )  # fmt: skip
    assert told(PlayStarted("p", ("a", "b"), free=True), *events) == [
        "PLAY [p]",
        *("TASK [task 1]", "ok: [a]", "TASK [task 2]", "ok: [a]"),
        *("TASK [task 1]", "ok: [b]", "TASK [task 2]", "ok: [b]"),
    ]
    together = (done("a", "ok", first), done("b", "ok", second))
    assert told(PlayStarted("p", ("a", "b"), free=True), *together)[1:] == ["TASK [task 1]", "ok: [a]", "ok: [b]"]


def test_hosts_in_step_have_a_banner_for_every_round():
    first, again = at(1, 1), at(1, 2)
    events = (TaskStarted(first), done("a", "ok", first), TaskStarted(again), done("a", "ok", again))
    assert told(PlayStarted("p", ("a",)), *events)[1:] == ["TASK [task 1]", "ok: [a]"] * 2


@pytest.mark.parametrize(
    ("result", "there"), [(done("a", "ok", at(1, 1)), False), (done("a", "changed", at(1, 1)), True)]
)
def test_a_banner_waits_for_a_result_that_is_shown(result: Event, there: bool):
    text = told(PlayStarted("p", ("a",)), TaskStarted(at(1, 1)), result, view=View(show_ok=False))
    assert ("TASK [task 1]" in text) is there


@pytest.mark.parametrize("marked", [True, False])
def test_a_dry_run_is_marked_at_both_ends(marked: bool):
    text = told(PlaybookStarted("p.yml"), PlayStarted("p", ("a",)), RunDone({}, {}), view=View(dry_run=marked))
    mark = ["DRY RUN"] if marked else []
    assert text == [*mark, "PLAY [p]", "PLAY RECAP", *mark]


@pytest.mark.parametrize(
    ("label", "text"), [(None, "None"), (True, "True"), ("a b", "a b"), ({"a": [1, None]}, "{'a': [1, None]}")]
)
def test_items_are_called_as_python_writes_them(label: object, text: str):
    assert lines(item("ok", label=label)) == f"ok: [h] => (item={text})\n"


@pytest.mark.parametrize(
    ("delegated", "to", "text"),
    [("", None, "h"), ("h", None, "h"), ("b", None, "h -> b"), ("b", "b(10.0.0.1)", "h -> b(10.0.0.1)")],
)
def test_hosts_that_others_do_the_work_for(delegated: str, to: str | None, text: str):
    result = {"_delegated_to": to} if to else {}
    assert lines(replace(done("h", "ok", **result), delegated=delegated)) == f"ok: [{text}]\n"
    if to:
        assert lines(item("ok", **result)) == f"ok: [{text}] => (item=1)\n"


@pytest.mark.parametrize("wanted", [True, False])
def test_arguments_in_banners(wanted: bool):
    text = told(TaskStarted(replace(TASK, name="x", args="a=1, b=2")), view=View(arguments=wanted))
    assert text == ["TASK [x a=1, b=2]" if wanted else "TASK [x]"]


@pytest.mark.parametrize(("verbosity", "there"), [(0, []), (1, []), (2, ["PLAYBOOK: p.yml", "2 plays in x/p.yml"])])
def test_who_asks_is_told_of_playbooks(verbosity: int, there: list[str]):
    assert told(PlaybookStarted("x/p.yml", 2), view=View(verbosity=verbosity)) == there
