"""The task debugger in whole runs, with answers from a list."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from confman.app import App, run_playbooks
from confman.errors import ConfmanError, ErrorGroup, UserQuit
from confman.model.event import HostDone, Message, RunDone
from confman.model.request import Ask
from confman.model.settings import Settings


class Talk:
    """A run with somebody at the terminal."""

    def __init__(self, folder: Path, text: str, answers: Iterable[str | None], **settings: Any) -> None:
        self.events: list[Any] = []
        self.asked: list[str] = []
        self._answers = list(answers)
        self.error: ConfmanError | None = None
        (folder / "inv").write_text("a ansible_connection=local\nb ansible_connection=local\n")
        (folder / "site.yml").write_text(text)
        app = App(Settings(inventory_sources=(str(folder / "inv"),), **settings), [self.events.append], self._prompt)
        try:
            self.code = run_playbooks(app, [folder / "site.yml"])
        except ConfmanError as error:
            self.error, self.code = error, error.exit_code
        assert not self._answers, "nobody was asked"

    async def _prompt(self, ask: Ask) -> str | None:
        self.asked.append(ask.prompt)
        return self._answers.pop(0)

    def said(self) -> list[str]:
        """What the debugger said."""
        return [event.text for event in self.events if isinstance(event, Message) and event.kind == "info"]

    def ends(self) -> list[tuple[str, str, str]]:
        """(task, host, status) in order."""
        return [(e.task.name, e.host, e.status) for e in self.events if isinstance(e, HostDone)]

    def stats(self, host: str) -> dict[str, int]:
        """The counts of a host that are not zero."""
        (done,) = [event for event in self.events if isinstance(event, RunDone)]
        return {
            n: getattr(done.stats[host], n)
            for n in done.stats[host].__dataclass_fields__
            if getattr(done.stats[host], n)
        }


def play(tasks: str, **keywords: Any) -> str:
    """A play of host a."""
    head = "".join(f"  {key}: {value}\n" for key, value in {"hosts": "a", "gather_facts": False, **keywords}.items())
    return f"-\n{head}  tasks:\n{indent(dedent(tasks).rstrip(), '    ')}\n"


FAILS = "- {name: go, debug: {msg: '{{ wrong }}'}, debugger: on_failed}\n- {name: next, debug: {msg: x}}\n"


def test_a_task_is_put_right_and_run_again(tmp_path: Path) -> None:
    talk = Talk(tmp_path, play(FAILS), ["p task.args", "task.args['msg'] = 'right'", "p task.args", "r"])
    assert talk.asked == ["[a] TASK: go (debug)> "] * 4
    assert talk.said() == ["{'msg': '{{ wrong }}'}", "{'msg': 'right'}"]
    assert talk.ends() == [("go", "a", "failed"), ("go", "a", "ok"), ("next", "a", "ok")]
    assert (talk.code, talk.stats("a")) == (0, {"ok": 2})


def test_a_variable_is_set_and_the_task_run_again(tmp_path: Path) -> None:
    talk = Talk(tmp_path, play(FAILS), ["task_vars['wrong'] = '{{ inventory_hostname }}!'", "redo"])
    assert [e.result["msg"] for e in talk.events if isinstance(e, HostDone) and e.status == "ok"] == ["a!", "x"]


def test_a_result_is_accepted(tmp_path: Path) -> None:
    talk = Talk(tmp_path, play(FAILS), ["c"])
    assert talk.ends() == [("go", "a", "failed")]
    assert (talk.code, talk.stats("a")) == (2, {"failed": 1})


@pytest.mark.parametrize("answer", ["q", "quit", None, "EOF"])
def test_the_run_is_ended(tmp_path: Path, answer: str | None) -> None:
    talk = Talk(tmp_path, play(FAILS), [answer])
    assert isinstance(talk.error, UserQuit)
    assert (talk.code, talk.error.message) == (99, "User interrupted execution")


def test_what_was_changed_is_put_back(tmp_path: Path) -> None:
    talk = Talk(tmp_path, play(FAILS), ["task.args['msg'] = 'right'", "u", "p task.args['msg']", "c"])
    assert talk.said() == ["'{{ wrong }}'"]


def test_what_is_shown(tmp_path: Path) -> None:
    asked = ["p task", "p host", "p result._result['failed']", "p task_vars['inventory_hostname']", "task.args",
             "p nope", "p task_vars['nope']", "no such", "", "c"]  # fmt: skip
    talk = Talk(tmp_path, play(FAILS), asked)
    assert talk.said()[:5] == ["TASK: go", "a", "True", "'a'", "{'msg': '{{ wrong }}'}"]
    assert talk.said()[5] == "***NameError:NameError(\"name 'nope' is not defined\")"
    assert talk.said()[6] == "***KeyError:KeyError('nope')"
    assert talk.said()[7] == talk.said()[8], "an empty line says it again"
    assert talk.said()[7].startswith("***SyntaxError:")


@pytest.mark.parametrize(("asked", "shown"), [("h", "r(edo)"), ("help redo", "r(edo)"), ("? p", "p(print) EXPRESSION")])
def test_help(tmp_path: Path, asked: str, shown: str) -> None:
    assert shown in Talk(tmp_path, play(FAILS), [asked, "c"]).said()[0]


TASKS = """
- {{name: ok, debug: {{msg: x}}, {0}}}
- {{name: skipped, debug: {{msg: x}}, when: false, {0}}}
- {{name: ignored, fail: {{msg: x}}, ignore_errors: true, {0}}}
- {{name: failed, fail: {{msg: x}}, {0}}}
"""


@pytest.mark.parametrize(
    ("keyword", "settings", "wanted"),
    [
        ("debugger: always", {}, ["ok", "skipped", "ignored", "failed"]),
        ("debugger: on_failed", {}, ["failed"]),
        ("debugger: on_failed", {"debugger_ignores": False}, ["ignored", "failed"]),
        ("debugger: on_skipped", {}, ["skipped"]),
        ("debugger: on_unreachable", {}, []),
        ("debugger: never", {"task_debugger": True}, []),
        ("tags: x", {"task_debugger": True}, ["failed"]),
        ("debugger: on_skipped", {"task_debugger": True}, ["skipped", "failed"]),
        ("tags: x", {"strategy": "debug"}, ["failed"]),
        ("tags: x", {"strategy": "ansible.builtin.debug"}, ["failed"]),
        ("tags: x", {}, []),
    ],
)
def test_when_it_is_wanted(tmp_path: Path, keyword: str, settings: dict[str, Any], wanted: list[str]) -> None:
    talk = Talk(tmp_path, play(TASKS.format(keyword)), ["c"] * len(wanted), **settings)
    assert talk.asked == [f"[a] TASK: {name} (debug)> " for name in wanted]


def test_the_nearest_keyword_counts(tmp_path: Path) -> None:
    tasks = """
        - block:
            - {name: one, debug: {msg: x}}
            - {name: two, debug: {msg: x}, debugger: always}
          debugger: never
        - {name: three, debug: {msg: x}}
    """
    assert Talk(tmp_path, play(tasks, debugger="always"), ["c", "c"]).asked == [
        "[a] TASK: two (debug)> ", "[a] TASK: three (debug)> "
    ]  # fmt: skip


def test_a_value_that_is_none(tmp_path: Path) -> None:
    talk = Talk(tmp_path, play("- {name: go, debug: {msg: x}, debugger: sometimes}"), [])
    assert talk.error is not None
    assert "'sometimes' is not a valid value for debugger" in talk.error.message
    assert isinstance(talk.error, ErrorGroup)
    assert talk.error.errors[0].source is not None


def test_unreachable_hosts(tmp_path: Path) -> None:
    tasks = "- {name: go, ping: , debugger: on_unreachable, vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}}"
    talk = Talk(tmp_path, play(tasks), ["task_vars['ansible_connection'] = 'local'", "r"])
    assert talk.ends() == [("go", "a", "unreachable"), ("go", "a", "ok")]


def test_one_host_for_all(tmp_path: Path) -> None:
    tasks = (
        "- {name: one, assert: {that: 'false'}, run_once: true, debugger: on_failed}\n- {name: two, debug: {msg: x}}"
    )
    talk = Talk(tmp_path, play(tasks, hosts="all"), ['task.args["that"] = []', "r"])
    assert talk.ends() == [("one", "a", "failed"), ("one", "a", "ok"), ("two", "a", "ok"), ("two", "b", "ok")]


def test_what_is_changed_for_one_host_is_there_for_the_next(tmp_path: Path) -> None:
    tasks = "- {name: one, assert: {that: 'false'}, debugger: on_failed}"
    talk = Talk(tmp_path, play(tasks, hosts="all"), ["task.args['that'] = 'true'", "r", "p task.args", "r"])
    assert talk.said() == ["{'that': 'true'}"]
    assert talk.code == 0


def test_handlers_are_called_so(tmp_path: Path) -> None:
    text = (
        play("- {name: go, command: 'true', notify: h}")
        + "  handlers:\n    - {name: h, fail: {msg: x}, debugger: on_failed}\n"
    )
    assert Talk(tmp_path, text, ["c"]).asked == ["[a] HANDLER: h (debug)> "]
