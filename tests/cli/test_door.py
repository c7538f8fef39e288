"""The one handler at the door: what a command raises becomes a message and an exit code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confman.cli.door import guarded
from confman.errors import ConfmanError, ErrorGroup, InventoryError, UsageError
from confman.lab.files import LabError
from tests.cli.helpers import invoke

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
