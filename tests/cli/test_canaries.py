"""No secret is seen anywhere: thirty of them, handled in every way, and looked for wherever something is written."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.cli.canaries.birds import CANARIES, forms, heard
from tests.cli.canaries.site import lay_out, named
from tests.cli.helpers import on_terminal, spawn

FORMATS = ("plain", "grouped", "minimal", "oneline", "jsonl", "json", "junit")


class Watch:
    """Looks at the arguments and environments of the processes that come to be, fifty times a second."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._before = set(Path("/proc").glob("[0-9]*"))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._end.wait(0.02):
            for process in set(Path("/proc").glob("[0-9]*")) - self._before:
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        self.seen.add((process / name).read_bytes())

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, set[bytes]]:
    """The folder after a run; what it said on its terminal; the processes that there were."""
    folder = tmp_path_factory.mktemp("canaries")
    lay_out(folder)
    written = folder / "written"
    argv = [
        "play",
        "-i",
        "hosts.yml",
        "--vault-password-file",
        "password",
        "-vvvv",
        "--diff",
        "site.yml",
        "-o",
        "plain",
    ]
    for name in FORMATS:
        argv += ["-o", f"{name}={written / name}"]
    settings = {
        "ANSIBLE_LOG_PATH": str(written / "log"),
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(written / "facts"),
        "ANSIBLE_RETRY_FILES_ENABLED": "1",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": str(written / "retry"),
        "ANSIBLE_CALLBACK_PLUGINS": str(folder / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "tells",
        "ANSIBLE_SHOW_CUSTOM_STATS": "1",
        "TELLS": str(written / "callback"),
        "TMPDIR": str(folder / "tmp"),
    }
    answers = [(name, text + "\n") for name, text in named("prompt").items()]
    with Watch() as watch:
        said, code = on_terminal(folder, argv, answers, **settings)
    assert code == 0, said[-3000:]
    return folder, said.encode(), watch.seen


def test_there_are_thirty_and_each_would_be_heard():
    assert len(CANARIES) == 30
    assert len(set(CANARIES.values())) == 30
    for name, secret in CANARIES.items():
        for form in forms(secret):
            assert name in heard(b"before " + form + b" after")
    assert heard(b"nothing") == []


def test_the_terminal(run):
    _folder, said, _processes = run
    assert said.count(b"********") > 300
    assert heard(said) == []


@pytest.mark.parametrize("name", [*FORMATS, "log", "callback", "facts/s1_h"])
def test_what_is_written(run, name):
    data = (run[0] / "written" / name).read_bytes()
    assert len(data) > 20
    assert heard(data) == []


def left(folder: Path) -> Iterator[Path]:
    """The files that a run has left, but for those that tasks were to write."""
    for part in ("home", "tmp", "written"):
        yield from (path for path in (folder / part).rglob("*") if path.is_file())


def test_what_is_left(run):
    found = {str(path): heard(path.read_bytes()) for path in left(run[0])}
    assert {path: names for path, names in found.items() if names} == {}


def test_what_tasks_were_to_write_is_there(run):
    out = run[0] / "out"
    assert heard((out / "template").read_bytes()) == sorted([*named("vault"), *named("fact"), *named("result")])


def test_processes(run):
    processes = run[2]
    assert any(b"confman" in seen for seen in processes)
    assert heard(b"\0\0".join(processes)) == []


@pytest.mark.parametrize(
    "argv",
    [
        (
            "vars",
            "h",
            "-i",
            "hosts.yml",
            "--explain",
            "ansible_password",
            "--explain",
            "vault_signs",
            "-e",
            "@whole.yml",
            "-e",
            "@inline.yml",
        ),
        ("vars", "h", "-i", "hosts.yml", "-e", "@whole.yml", "-e", "@inline.yml"),
    ],
    ids=["vars explained", "vars"],
)
def test_variables_that_are_listed(run, argv):
    done = spawn(run[0], *argv, "--vault-password-file", "password")
    assert heard(done.all.encode()) == []


def test_the_debugger(run):
    folder = run[0]
    play = (
        "- hosts: all\n  gather_facts: false\n  vars_files: [inline.yml, whole.yml]\n  debugger: on_failed\n  tasks:\n"
    )
    (folder / "stops.yml").write_text(play + "    - fail: {msg: '{{ vault_plain }} {{ file_signs }}'}\n")
    answers = [
        ("(debug)>", "p task.args\n"),
        ("(debug)>", "p result._result\n"),
        ("(debug)>", "p task_vars['vault_signs']\n"),
        ("(debug)>", "p task_vars\n"),
        ("(debug)>", "q\n"),
    ]
    argv = ["play", "-i", "hosts.yml", "--vault-password-file", "password", "stops.yml"]
    said, _code = on_terminal(folder, argv, answers)
    assert said.count("********") > 2
    assert heard(said.encode()) == []
