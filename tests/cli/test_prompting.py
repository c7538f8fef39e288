"""Questions on a terminal: pause, vars_prompt and the task debugger, as somebody types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import spawn, write
from tests.cli.test_process import on_terminal

HEAD = "- hosts: all\n  gather_facts: false\n"
AFTER = "\n    - debug: {msg: after the pause}\n"
PLAY = ["play", "-i", "inv", "-o", "plain", "site.yml"]
PRESS = "Press enter to continue, Ctrl+C to interrupt:"
EARLY = "(ctrl+C then 'C' = continue early, ctrl+C then 'A' = abort)"
CHOICE = "Press 'C' to continue the play or 'A' to abort"


def run(folder: Path, text: str, answers: list[tuple[str, str]]) -> tuple[str, int]:
    """Run a playbook on a terminal."""
    write(folder, {"inv": "h ansible_connection=local\n", "site.yml": text})
    return on_terminal(folder, PLAY, answers)


def pausing(arguments: str) -> str:
    """A play that pauses."""
    return f"{HEAD}  tasks:\n    - {{name: wait, pause: {{{arguments}}}, register: p}}{AFTER}    - debug: var=p.user_input\n"


@pytest.mark.parametrize(
    ("arguments", "answers", "said"),
    [
        ("", [(PRESS, "\r")], "after the pause"),
        ("", [(PRESS, "\x03"), (CHOICE, "C")], "after the pause"),
        ("prompt: Custom", [("Custom:", "\x03"), (CHOICE, "c")], "after the pause"),
        ("prompt: Custom", [("Custom:", "hello\r")], '"p.user_input": "hello"'),
        ("prompt: Custom", [("Custom:", "hello there\x7f\x7f\x7f\x7fommy boy\r")], '"p.user_input": "hello tommy boy"'),
        ("prompt: Custom", [("Custom:", "é\x7fa\r")], '"p.user_input": "a"'),
        ("seconds: 1", [], "Pausing for 1 seconds"),
        ("seconds: 1", [(EARLY, "typed\r")], '"p.user_input": ""'),
        ("seconds: 60", [(EARLY, "\r\x03"), (CHOICE, "c")], "after the pause"),
        ("'seconds': 1, prompt: Custom", [], "Custom:"),
    ],
)
def test_pauses(tmp_path: Path, arguments: str, answers: list[tuple[str, str]], said: str):
    out, code = run(tmp_path, pausing(arguments), answers)
    assert code == 0, out
    assert said in out
    assert "after the pause" in out


@pytest.mark.parametrize("second", ["A", "a", "\x03"])
@pytest.mark.parametrize(("arguments", "first"), [("", PRESS), ("seconds: 60", EARLY)])
def test_a_pause_that_is_aborted(tmp_path: Path, arguments: str, first: str, second: str):
    out, code = run(tmp_path, pausing(arguments), [(first, "\x03"), (CHOICE, second)])
    assert code == 2
    assert "user requested abort!" in out
    assert "after the pause" not in out


def test_what_is_hidden_is_not_echoed(tmp_path: Path):
    out, code = run(tmp_path, pausing("prompt: Secret, echo: false"), [("Secret (output is hidden):", "pancakes\r")])
    assert code == 0, out
    assert out.count("pancakes") == 1, "only as the value that the play shows"


def test_nobody_there(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\n", "site.yml": pausing("")})
    done = spawn(tmp_path, *PLAY)
    assert done.code == 0, done.all
    assert "[WARNING]: Not waiting for response to prompt as stdin is not interactive" in done.err


PROMPT = "{head}  vars_prompt:\n    - {{name: v, prompt: Which one, {more}}}\n  tasks:\n    - debug: {{msg: 'it is {{{{ v }}}}'}}\n"


@pytest.mark.parametrize(
    ("more", "answers", "said"),
    [
        ("private: false", [("Which one: ", "this\r")], "it is this"),
        ("private: false, default: that", [("Which one [that]: ", "\r")], "it is that"),
        ("private: false, confirm: true", [("Which one: ", "x\r"), ("confirm Which one: ", "x\r")], "it is x"),
        (
            "private: false, confirm: true",
            [("Which one: ", "x\r"), ("confirm Which one: ", "y\r"), ("Which one: ", "z\r"),
             ("confirm Which one: ", "z\r")],
            "***** VALUES ENTERED DO NOT MATCH ****",
        ),
        ("private: false", [("Which one: ", "{{ 1 + 1 }}\r")], "it is 2"),
        ("private: false, unsafe: true", [("Which one: ", "{{ 1 + 1 }}\r")], "it is {{ 1 + 1 }}"),
        ("private: false, prompt: null", [("input for v: ", "x\r")], "it is x"),
    ],
)  # fmt: skip
def test_variables_are_asked_for(tmp_path: Path, more: str, answers: list[tuple[str, str]], said: str):
    out, code = run(tmp_path, PROMPT.format(head=HEAD, more=more), answers)
    assert code == 0, out
    assert said in out


def test_a_private_answer_is_not_echoed_and_not_shown(tmp_path: Path):
    out, code = run(tmp_path, PROMPT.format(head=HEAD, more="private: true"), [("Which one: ", "pancakes\r")])
    assert code == 0, out
    assert "pancakes" not in out


def test_variables_without_a_terminal(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\n", "site.yml": PROMPT.format(head=HEAD, more="default: d")})
    done = spawn(tmp_path, *PLAY)
    assert "Not prompting as we are not in interactive mode" in done.err
    given = spawn(tmp_path, *PLAY, "-e", "v=given")
    assert ("it is given" in given.out, given.err) == (True, "")


DEBUGGED = f"{HEAD}  debugger: on_failed\n  tasks:\n    - {{name: Task 1, assert: {{that: 'false'}}}}\n    - debug: msg=second\n"


def test_the_debugger(tmp_path: Path):
    ask = "[h] TASK: Task 1 (debug)> "
    out, code = run(tmp_path, DEBUGGED, [(ask, 'task.args["that"] = []\r'), (ask, "p task.args\r"), (ask, "r\r")])
    assert code == 0, out
    assert "{'that': []}" in out
    assert '"msg": "second"' in out


@pytest.mark.parametrize("answer", ["q\r", "\x04", "\x03"])
def test_the_debugger_is_left_with_the_run(tmp_path: Path, answer: str):
    out, code = run(tmp_path, DEBUGGED, [("(debug)> ", answer)])
    assert code == 99, out
    assert "User interrupted execution" in out
    assert "second" not in out


def test_the_debugger_without_a_terminal_ends_the_run(tmp_path: Path):
    write(tmp_path, {"inv": "h ansible_connection=local\n", "site.yml": DEBUGGED})
    done = spawn(tmp_path, *PLAY)
    assert (done.code, "second" in done.out) == (99, False)
