"""Outputs: what each makes of the same events."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.model.event import (
    Event,
    HandlersOwed,
    HostDone,
    HostStarted,
    ItemDone,
    JobPolled,
    Message,
    NoHosts,
    Notified,
    PlayStarted,
    RunDone,
    TaskStarted,
)
from confman.model.source import Source
from confman.sinks.excerpt import excerpt
from confman.sinks.grouped import Grouped
from confman.sinks.jsonl import JsonLines, JsonReport
from confman.sinks.junit import JunitReport
from confman.sinks.log import Log
from confman.sinks.minimal import Minimal, OneLine
from confman.sinks.progress import Progress
from confman.sinks.records import SCHEMA, json_line, plain, record_of
from confman.sinks.results import dump
from confman.sinks.sanitize import one_line, sanitize
from confman.sinks.style import CODES, Style, colour_code
from confman.sinks.terminal import Terminal
from confman.sinks.view import View
from tests.sinks.helpers import COMMAND, RUN, TASK, done

PLAIN = Style(colours=False)


def said(make: Callable[[Callable[[str], object]], Callable[[Event], None]], events: tuple[Event, ...] = RUN) -> str:
    """Everything that a sink writes about events."""
    parts: list[str] = []
    sink = make(parts.append)
    for event in events:
        sink(event)
    return "".join(parts)


def shown(kind: Any, view: View | None = None, events: tuple[Event, ...] = RUN) -> str:
    """The same, of a sink for people."""
    return said(lambda out: kind(out, out, view or View(), PLAIN), events)


# -- for people


def test_terminal():
    text = shown(Terminal)
    assert "PLAY [web] ***" in text
    assert "changed: [a]\nchanged: [b]\n" in text
    assert "failed: [c] (item=one) => " in text
    assert "fatal: [c]: FAILED! => " in text
    assert "skipping: [a]\n" in text
    assert "fatal: [b]: UNREACHABLE! => " in text
    assert "[WARNING]: careful" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("view", "text", "present"),
    [
        (View(show_ok=False, show_skipped=False), "skipping", False),
        (View(verbosity=2), "task path: site.yml:4", True),
        (View(path_on_failure=True), "task path: site.yml:4", True),
        (View(), "task path", False),
        (View(verbosity=1), '"dest": "/x"', True),
        (View(verbosity=1, yaml=True), "\n    changed: true\n    dest: /x\n", True),
        (View(verbosity=1, pretty=True), '\n    "dest": "/x"', True),
    ],
)
def test_views(view: View, text: str, present: bool):
    assert (text in shown(Terminal, view)) is present


def test_failures_to_standard_error():
    out: list[str] = []
    err: list[str] = []
    sink = Terminal(out.append, err.append, View(failed_to_stderr=True), PLAIN)
    for event in RUN:
        sink(event)
    for text in ("FAILED!", "[ERROR]"):
        assert text in "".join(err)
        assert text not in "".join(out)


@pytest.mark.parametrize(("action", "paths"), [("debug", 1), ("command", 0)])
def test_the_path_of_a_failed_loop_stands_behind_its_items(action: str, paths: int):
    task = replace(next(event.task for event in RUN if isinstance(event, TaskStarted)), action=action)
    item = ItemDone("h", task, "failed", {"failed": True, "msg": "no"}, "1")
    result = {"failed": True, "msg": "One or more items failed", "results": [{"failed": True}]}
    done = HostDone("h", task, "failed", result, loop=True)
    text = shown(Terminal, View(path_on_failure=True), (item, done))
    assert text.count("task path: ") == paths
    assert text.rfind("failed: [h]") < text.find("task path: ") or not paths


def test_what_an_include_lacks_is_told_once():
    """Its error stands before; the host's line has the reason."""
    task = next(event.task for event in RUN if isinstance(event, TaskStarted))
    failed = HostDone("h", task, "failed", {"failed": True, "changed": False, "reason": "not there"})
    text = shown(Terminal, View(), (Message("error", "not there"), failed))
    assert text.count("[ERROR]: not there") == text.count("[ERROR]") == 1
    assert 'fatal: [h]: FAILED! => {"changed": false, "reason": "not there"}' in text
    assert "debugging" not in shown(Terminal, View(verbosity=5), (Message("info", "debugging", 6),))
    assert "debugging" in shown(Terminal, View(debug=True), (Message("info", "debugging", 6),))


@pytest.mark.parametrize("kind", [Terminal, Minimal, Grouped])
def test_deprecations_can_be_left_out(kind: Any):
    events = (Message("deprecation", "old"), RunDone({}))
    assert "old" in shown(kind, View(), events)
    assert "old" not in shown(kind, View(deprecations=False), events)


@pytest.mark.parametrize("kind", [Terminal, Minimal, Grouped])
def test_how_to_silence_deprecations_is_told_once(kind: Any):
    text = shown(kind, View(), (Message("deprecation", "old"), Message("deprecation", "older"), RunDone({})))
    assert text.count("[WARNING]: Deprecation warnings can be disabled") == 1
    assert text.index("can be disabled") < text.index("old")


@pytest.mark.parametrize("kind", [Terminal, Grouped])
def test_handlers_that_never_ran(kind: Any):
    event = HandlersOwed({"a": ("h", "r : i"), "b": ("h", "r : i"), "c": ("h",)})
    text = shown(kind, View(), (event, RunDone({})))
    assert "[NOT RUN]: h, r : i (notified by a, b)\n[NOT RUN]: h (notified by c)\n" in text


def test_custom_stats_are_shown_when_wanted():
    events = (RunDone({}, {"_run": {"n": 1}}),)
    assert 'RUN: { "n": 1}' in shown(Terminal, View(custom_stats=True), events)
    assert "RUN" not in shown(Terminal, View(), events)


def test_minimal():
    text = shown(Minimal)
    assert 'a | CHANGED => {\n    "changed": true,\n    "dest": "/x"\n}\n' in text
    assert "c | FAILED! => {" in text
    assert "a | SKIPPED\n" in text
    assert "b | UNREACHABLE! => {" in text
    assert "PLAY" not in text


def test_one_line():
    lines = [line for line in shown(OneLine).splitlines() if " | " in line]
    assert [line.split(" ")[0] for line in lines] == ["a", "b", "c", "a", "b"]
    assert lines[-1] == "b | UNREACHABLE!: gone"


@pytest.mark.parametrize(
    ("result", "minimal", "one"),
    [
        ({"rc": 0, "stdout": "x\ny", "stderr": ""},
         "h | SUCCESS | rc=0 >>\nx\ny\n", "h | SUCCESS | rc=0 | (stdout) x\\ny\n"),
        ({"rc": 1, "stdout": "", "stderr": "e"},
         "h | SUCCESS | rc=1 >>\ne\n", "h | SUCCESS | rc=1 | (stdout)  (stderr) e\n"),
        ({"censored": "hidden"}, 'h | SUCCESS => {\n    "censored": "hidden",\n    "changed": false\n}\n',
         'h | SUCCESS => {"censored": "hidden", "changed": false}\n'),
    ],
)  # fmt: skip
def test_results_of_commands(result: dict[str, Any], minimal: str, one: str):
    events = (done("h", "ok", COMMAND, **result),)
    assert shown(Minimal, None, events) == minimal
    assert shown(OneLine, None, events) == one


def test_nothing_matched():
    assert "No hosts matched" in shown(Minimal, None, (NoHosts(matched=False),))


def test_the_same_is_shown_once():
    text = shown(Grouped)
    assert "changed: [a, b]\n" in text
    assert text.index("failed: [c] (item=one)") < text.index("fatal: [c]: FAILED!")
    assert text.index("changed: [a, b]") < text.index("TASK [say]")


def test_many_names_are_counted():
    events = (TaskStarted(TASK), *(done(f"h{n}") for n in range(7)), RunDone({}))
    assert "ok: [h0, h1, h2, h3, h4 and 2 more]" in shown(Grouped, None, events)


def test_names_stand_in_the_order_of_the_play():
    events = (PlayStarted("p", ("a", "b", "c")), TaskStarted(TASK), done("c"), done("a"), done("b"), RunDone({}))
    assert "ok: [a, b, c]" in shown(Grouped, None, events)


def test_what_differs_is_not_put_together():
    events = (done("a", "changed", dest="/x"), done("b", "changed", dest="/y"), RunDone({}))
    assert "changed: [a, b]" in shown(Grouped, None, events)
    assert "changed: [a, b]" not in shown(Grouped, View(verbosity=1), events)


def test_items_stay_with_their_host():
    items = [ItemDone(host, TASK, "ok", {}, label) for label in ("1", "2") for host in "ab"]
    text = shown(Grouped, None, (TaskStarted(TASK), *items, done("a"), done("b"), RunDone({})))
    assert text.count("ok: [a, b] => (item=1)") == 1
    assert text.count("ok: [a, b] => (item=2)") == 1


def test_items_of_a_host_that_never_ended():
    text = shown(Grouped, None, (TaskStarted(TASK), ItemDone("a", TASK, "ok", {}, "1"), RunDone({})))
    assert "ok: [a] => (item=1)" in text


def test_notifications_do_not_split_groups_wrongly():
    events = (TaskStarted(TASK), done("a"), Notified("a", "h"), done("b"), RunDone({}))
    text = shown(Grouped, View(verbosity=2), events)
    assert text.index("ok: [a]") < text.index("NOTIFIED HANDLER h for a") < text.index("ok: [b]")


# -- progress


class Clock:
    """A clock that is set by hand; seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_progress_says_who_is_waited_for():
    clock = Clock()
    progress = Progress(lambda write: Terminal(write, write, View(), PLAIN), lambda _text: None, clock=clock)
    progress(PlayStarted("web", ("a", "b", "c", "d", "e")))
    progress(TaskStarted(TASK))
    assert progress.line() == ""
    for host in "abcde":
        progress(HostStarted(host, TASK))
        clock.now += 1
    progress(done("a"))
    assert progress.line() == "install: 1/5 hosts done, waiting for b, c, d and 1 more (4 s)"
    progress.close()


def test_progress_leaves_nothing_behind():
    text = said(lambda out: Progress(lambda write: Terminal(write, write, View(), PLAIN), out))
    lines = [part.rsplit("\r\033[K", 1)[-1] for part in text.split("\n")]
    assert lines == shown(Terminal).split("\n")
    assert "hosts done" in text


def test_progress_is_quiet_while_somebody_is_asked():
    parts: list[str] = []
    progress = Progress(lambda write: Terminal(write, write, View(), PLAIN), parts.append)
    progress(PlayStarted("web", ("a",)))
    progress.pause(on=True)
    progress(HostStarted("a", TASK))
    assert "hosts done" not in "".join(parts)
    progress.pause(on=False)
    progress(Message("info", "x"))
    assert "hosts done" in "".join(parts)
    progress.close()


@given(st.text())
def test_progress_is_one_line(name: str):
    progress = Progress(lambda write: Terminal(write, write, View(), PLAIN), lambda _text: None)
    progress(HostStarted("h", replace(TASK, name=name)))
    progress(TaskStarted(replace(TASK, name=name)))
    assert "\n" not in progress.line()
    assert len(progress.line()) <= 79
    progress.close()


# -- for programs


def test_json_lines():
    records = [json.loads(line) for line in said(lambda out: JsonLines(out, lambda: 12.5)).splitlines()]
    assert [record["number"] for record in records] == list(range(1, len(RUN) + 1))
    assert {(record["schema"], record["time"]) for record in records} == {(SCHEMA, 12.5)}
    assert [record["event"] for record in records][:4] == [
        "playbook_started",
        "play_started",
        "task_started",
        "host_started",
    ]
    assert records[5]["result"] == {"changed": True, "dest": "/x"}
    assert records[2]["task"]["source"] == {"path": "site.yml", "line": 4, "column": 7}


def test_our_own_keys_are_no_part_of_records():
    assert record_of(done("h", _hint="x", shown=1))["result"] == {"changed": False, "shown": 1}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner)))  # fmt: skip
def test_every_value_can_be_written(value: Any):
    line = json_line(plain(value))
    assert "\n" not in line
    assert plain(json.loads(line)) == json.loads(line)


def test_json_report():
    report = json.loads(said(JsonReport))
    (play,) = report["plays"]
    assert [task["task"]["name"] for task in play["tasks"]] == ["install", "say"]
    hosts = play["tasks"][0]["hosts"]
    assert hosts["a"] == {"action": "ansible.builtin.copy", "changed": True, "dest": "/x"}
    assert hosts["c"]["failed"] is True
    assert play["tasks"][1]["hosts"]["b"]["unreachable"] is True
    assert report["stats"]["c"]["failures"] == 1
    assert report["messages"] == [{"kind": "warning", "text": "careful", "hint": ""}]


def test_junit():
    root = ET.fromstring(said(JunitReport))
    (suite,) = root
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["5", "2", "1"]
    names = [case.get("name") for case in suite]
    assert names == ["[a] install", "[b] install", "[c] install", "[a] say", "[b] say"]
    assert suite[2][0].tag == "failure"
    assert suite[3][0].get("message") == "why"
    assert suite[0].get("time") == "0.250"


@given(st.text(), st.text())
def test_junit_is_always_xml(name: str, message: str):
    events = (PlayStarted(name, ("h",)), done("h", "failed", replace(TASK, name=name), msg=message), RunDone({}))
    ET.fromstring(said(JunitReport, events).encode("utf-8", "surrogatepass"))


def test_log():
    lines = said(lambda out: Log(out, View(), lambda: 0.0)).splitlines()
    assert any(line.endswith("| changed: [a]") for line in lines)
    assert all(" p=" in line and line.split(" | ", 1)[1].strip() for line in lines)


# -- parts


@given(st.text())
def test_sanitising_twice_is_once(text: str):
    assert sanitize(sanitize(text)) == sanitize(text)
    assert "\x1b" not in sanitize(text)
    assert "\n" not in one_line(text)


@pytest.mark.parametrize(
    ("name", "code"), [("red", "0;31"), ("bright red", "1;31"), ("color208", "38;5;208"),
    ("color256", ""), ("no", ""), ("colorx", "")]
)  # fmt: skip
def test_colours(name: str, code: str):
    assert colour_code(name) == code


def test_every_kind_of_line_has_a_colour():
    assert Style(colours=True).paint("x\ny", "ok") == "\033[0;32mx\033[0m\n\033[0;32my\033[0m"
    assert Style(colours=True, codes={**CODES, "ok": "1"}).paint("x", "ok") == "\033[1mx\033[0m"
    assert Style(colours=True).paint("x", "nothing") == "x"


@pytest.mark.parametrize(
    ("result", "pretty", "text"),
    [
        ({"b": "one\ntwo\n", "a": [1], "failed": False, "_own": 1}, None, "a:\n- 1\nb: |-\n    one\n    two"),
        ({"b": "one \n\ttwo\x07"}, None, "b: |-\n    one\n            two"),
        ({"b": "one \ntwo"}, False, 'b: "one \\ntwo"'),
        ({"b": "one\ntwo\n"}, False, "b: |\n  one\n  two"),
        ({"a": [{"b": 1}]}, None, "a:\n-   b: 1"),
        ({"a": [{"b": 1}]}, False, "a:\n- b: 1"),
        ({"stdout": "x", "stdout_lines": ["x"]}, None, "stdout: x\nstdout_lines: <omitted>"),
        ({"stdout": "x", "stdout_lines": ["x"]}, False, "stdout: x\nstdout_lines:\n- x"),
        ({"stderr_lines": ["x"]}, None, "stderr_lines:\n- x"),
    ],
)
def test_yaml_results(result, pretty, text):
    shown = dump(result, "copy", pretty=pretty, as_yaml=True)
    assert shown == "".join(f"\n    {line}" for line in text.splitlines())


@pytest.mark.parametrize(
    ("result", "text"),
    [
        ({"results": [], "skipped": True, "skipped_reason": "No items in the list"},
         '{"skipped_reason": "No items in the list"}'),
        ({"results": [{"item": 1}], "skipped": True, "msg": "All items skipped"}, '{"msg": "All items skipped"}'),
    ],
)  # fmt: skip
def test_of_a_loop_that_was_skipped_no_items_are_told_again(result, text):
    lines: list[str] = []
    sink = Terminal(lines.append, lines.append, View(verbosity=1), PLAIN)
    sink(HostDone("a", TASK, "skipped", result, loop=True))
    assert lines[-1] == f"skipping: [a] => {text}\n"


def test_excerpts(tmp_path):
    path = tmp_path / "f"
    path.write_text("one\ntwo\nthree\n")
    assert excerpt(Source(str(path), 2, 3)) == "1 one\n2 two\n    ^ column 3"
    assert "^" not in excerpt(Source(str(path), 9, 1))
    assert excerpt(Source(str(path))) == ""
    assert excerpt(Source(str(tmp_path / "gone"), 1)) == ""
    path.write_text("$ANSIBLE_VAULT;1.1;AES256\n61\n")
    assert excerpt(Source(str(path), 1)) == ""


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ("x" * 118, 1, ["1 " + "x" * 118, "  ^ column 1"]),
        ("x" * 119, 1, ["1 " + "x" * 115 + "...", "  ^ column 1"]),
        ("x" * 118, 110, ["1 " + "x" * 118, " " * (2 + 98) + "column 110 ^"]),
        ("x" * 200, 116, ["1 " + "x" * 115 + "..."]),
        ("a\tb", 3, ["1 a b", "    ^ column 3"]),
    ],
)
def test_long_lines_are_cut(tmp_path, line: str, column: int, shown: list[str]):
    path = tmp_path / "f"
    path.write_text(line + "\n")
    assert excerpt(Source(str(path), 1, column)).splitlines() == shown


def test_the_same_failure_is_explained_once():
    result = {"msg": "no"}
    events = (HostDone("a", TASK, "failed", result), HostDone("b", TASK, "failed", result))
    text = shown(Terminal, View(), (*events, HostDone("b", TASK, "failed", {"msg": "other"}), RunDone({})))
    assert text.count("[ERROR]: ") == 2
    assert text.count("fatal: [") == 3


# -- jobs


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (JobPolled("a", TASK, "running", "j1.2"), "ASYNC POLL on a: jid=j1.2 started=True finished=False\n"),
        (JobPolled("a", TASK, "ok", "j1.2", finished=True), "ASYNC OK on a: jid=j1.2\n"),
        (JobPolled("a", TASK, "failed", "j1.2"), "ASYNC FAILED on a: jid=j1.2\n"),
    ],
)
def test_jobs_are_told_of_on_the_terminal(event: JobPolled, line: str):
    assert shown(Terminal, events=(event,)) == line
    assert shown(Minimal, events=(event,)) == ""
    assert record_of(event)["event"] == "job_polled"


def test_a_job_that_began_is_shown_as_what_is_known_of_it():
    event = done("a", "changed", COMMAND, ansible_job_id="j1.2", started=True)
    assert shown(Minimal, events=(event,)).startswith("a | CHANGED => {")
    assert '"ansible_job_id": "j1.2"' in shown(OneLine, events=(event,))
