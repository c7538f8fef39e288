"""Plain text in an editor: changed there, and nowhere else to be found."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from confman.errors import VaultError
from confman.vault.editor import edit_text

from .helpers import program


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == [], "plain text was left behind"


def test_what_the_editor_made(tmp_path):
    editor = program(tmp_path, f'ls -ld "$(dirname "$1")" "$1" | cut -c1-10 > {tmp_path}/modes; echo more >> "$1"')
    assert edit_text(b"text\n", str(editor), "vars.yml") == b"text\nmore\n"
    assert (tmp_path / "modes").read_text().split() == ["drwx------", "-rw-------"]


def test_the_command_has_arguments(tmp_path):
    editor = program(tmp_path, f'printf "%s|" "$@" > {tmp_path}/argv', "my editor")
    assert edit_text(b"", f"'{editor}' --wait 'a b'", "vars.yml") == b""
    words = (tmp_path / "argv").read_text().split("|")
    assert words[:2] == ["--wait", "a b"]
    assert words[2].endswith("/vars.yml")


def test_an_editor_that_replaces_the_file(tmp_path):
    editor = program(tmp_path, 'echo swap > "$1~"; echo new > "$1.x"; mv "$1.x" "$1"')
    assert edit_text(b"old", str(editor), "v") == b"new\n"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("exit 3", "ended with status 3"),
        ("kill -KILL $$", "ended by signal 9"),
        ('rm "$1"', "left no text"),
    ],
)
def test_an_editor_that_fails(tmp_path, body, fault):
    with pytest.raises(VaultError, match=fault) as caught:
        edit_text(b"secret", str(program(tmp_path, body)), "v")
    assert caught.value.hint == "nothing was changed"


@pytest.mark.parametrize(
    ("command", "fault"),
    [("", "no editor"), ("  ", "no editor"), ("vi 'x", "not clear"), ("/no/such/editor -x", "cannot be run")],
)
def test_an_editor_that_is_none(command, fault):
    with pytest.raises(VaultError, match=fault):
        edit_text(b"secret", command, "v")


def test_an_interrupt_ends_the_editor(tmp_path):
    editor = program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 300")
    timer = threading.Thread(target=_interrupt_when, args=(tmp_path / "pid",))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        edit_text(b"secret", str(editor), "v")
    timer.join()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def _interrupt_when(path):
    for _ in range(3000):
        if path.exists() and path.read_text().strip():
            break
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
