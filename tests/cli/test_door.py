"""The one handler at the door: what a command raises becomes a message and an exit code."""

from __future__ import annotations

import os
import pstats
from pathlib import Path

import pytest

from confman.cli.door import guarded, profiled
from confman.errors import ConfmanError, ErrorGroup, InventoryError, UsageError
from confman.lab.files import LabError
from tests.cli.helpers import invoke, write

CASES = [
    (UsageError("no such option", hint="Look again."), 5, "[ERROR]: no such option\nHint: Look again."),
    (LabError("no lab is up"), 1, "[ERROR]: no lab is up"),
    (ErrorGroup([ConfmanError("one"), ConfmanError("two")]), 1, "[ERROR]: one\n\n[ERROR]: two"),
    (InventoryError("torn"), 1, "[ERROR]: torn"),
    (PermissionError(13, "Permission denied", "/x"), 1, "[ERROR]: /x: Permission denied"),
    (OSError(28, "No space left on device", b"/\xff"), 1, "No space left on device"),
    (OSError(24, "Too many open files"), 250, "a bug in confman: OSError: [Errno 24] Too many open files"),
    (OSError(9, "Bad file descriptor", 7), 250, "a bug in confman: OSError: [Errno 9] Bad file descriptor: 7"),
    (ValueError("odd"), 250, "a bug in confman: ValueError: odd\nSet CONFMAN_DEBUG=1 to see where it happened."),
    (KeyboardInterrupt(), 99, "[ERROR]: User interrupted execution"),
]


def failing(error: BaseException):
    """An action that raises."""

    def action() -> int:
        raise error

    return action


@pytest.mark.parametrize(("error", "code", "said"), CASES, ids=[type(case[0]).__name__ for case in CASES])
def test_an_error_becomes_a_message_and_a_code(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CONFMAN_DEBUG", raising=False)
    assert guarded(failing(error)) == code
    out, told = capsys.readouterr()
    assert out == ""
    assert said in told
    assert "Traceback" not in told


def test_whoever_looks_for_a_bug_sees_where_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONFMAN_DEBUG", "1")
    with pytest.raises(PermissionError):
        guarded(failing(PermissionError(13, "Permission denied", "/x")))


def test_a_lab_says_what_it_cannot_write(tmp_path: Path):
    (tmp_path / "file").write_text("")
    done = invoke(tmp_path, "lab", "--bases", "file/bases", "up", "1", "--base", "debian12")
    assert done.code == 1, done.err
    assert f"[ERROR]: {os.fspath(tmp_path)}/file/bases" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("error", [None, ConfmanError("wrong"), ValueError("odd"), KeyboardInterrupt()])
def test_a_profile_is_written_however_the_run_ends(
    error: BaseException | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CONFMAN_DEBUG", raising=False)
    file = tmp_path / "profile"
    code = guarded(profiled(failing(error) if error else lambda: 3, str(file)))
    assert code == (3 if error is None else guarded(failing(error)))
    functions = {name for _, _, name in pstats.Stats(str(file)).stats}  # type: ignore[attr-defined]
    assert ("action" if error else "<lambda>") in functions
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_profile_that_cannot_be_written_is_said_before_anything_runs(tmp_path: Path):
    write(
        tmp_path,
        {"p.yml": "- hosts: localhost\n  gather_facts: false\n  tasks: [{file: {path: made, state: touch}}]\n"},
    )
    done = invoke(tmp_path, "play", "p.yml", "--profile", "none/profile")
    assert (done.code, done.out) == (1, "")
    assert "[ERROR]: none/profile: No such file or directory" in done.err
    assert not (tmp_path / "made").exists()


def test_a_run_with_a_profile_is_the_same_run(tmp_path: Path):
    write(tmp_path, {"p.yml": "- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: here}}]\n"})
    plain, watched = invoke(tmp_path, "play", "p.yml"), invoke(tmp_path, "play", "p.yml", "--profile", "it")
    assert (watched.code, watched.out) == (plain.code, plain.out)
    assert "ok=1" in watched.out
    assert pstats.Stats(str(tmp_path / "it")).stats  # type: ignore[attr-defined]


def test_the_table_of_tasks_stands_below_what_is_shown_else(tmp_path: Path):
    write(tmp_path, {"p.yml": "- hosts: localhost\n  gather_facts: false\n  tasks: [{name: it, debug: {msg: here}}]\n"})
    plain = invoke(tmp_path, "play", "p.yml")
    both = invoke(tmp_path, "play", "p.yml", "--output", "profile")
    assert both.out.startswith(plain.out)
    assert both.out[len(plain.out) :].startswith("\nTASKS BY TIME")
    invoke(tmp_path, "play", "p.yml", "--output", "profile=tasks", "--output", "jsonl")
    assert "localhost" in (tmp_path / "tasks").read_text()
