"""Working copies of a real repository."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from confman.agent.runner import run_module
from confman.modules.subversion import subversion

pytestmark = pytest.mark.skipif(shutil.which("svnadmin") is None, reason="needs the program svnadmin")


def svn(*words: str) -> None:
    subprocess.run(["svn", "--non-interactive", "-q", *words], check=True, timeout=60)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a repository with two revisions and a branch."""
    monkeypatch.setenv("HOME", str(tmp_path))
    subprocess.run(["svnadmin", "create", tmp_path / "repo"], check=True, timeout=60)
    url = f"file://{tmp_path}/repo"
    svn("mkdir", "-m", "1", f"{url}/trunk")
    svn("checkout", f"{url}/trunk", str(tmp_path / "work"))
    commit(tmp_path, "one")
    svn("copy", "-m", "3", f"{url}/trunk", f"{url}/branch")
    return url


def commit(tmp_path: Path, text: str) -> None:
    path = tmp_path / "work" / "file"
    path.write_text(text)
    svn("add", "--force", str(path))
    svn("commit", "-m", text, str(tmp_path / "work"))


def run(dest: Path | None, repo: str, *, check: bool = False, **args: Any) -> dict[str, Any]:
    given = {"repo": repo, **({} if dest is None else {"dest": str(dest)}), **args}
    return run_module(subversion, given, plan_only=check)


def test_a_working_copy_is_made_and_kept(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "copy"
    foreseen = run(dest, f"{repo}/trunk", check=True)
    assert foreseen["changed"]
    assert not dest.exists()
    made = run(dest, f"{repo}/trunk")
    assert (made["changed"], made["before"]) == (True, None)
    assert made["after"] == ["Revision: 3", f"URL: {repo}/trunk"]
    again = run(dest, f"{repo}/trunk")
    assert (again["changed"], again["before"], again["after"]) == (False, made["after"], made["after"])


def test_names_that_are_not_ascii(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "Kopie für Zoë"
    assert run(dest, f"{repo}/trunk")["after"] == ["Revision: 3", f"URL: {repo}/trunk"]
    assert not run(dest, f"{repo}/trunk")["changed"]


def test_it_follows_the_repository(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "copy"
    run(dest, f"{repo}/trunk")
    commit(tmp_path, "two")
    assert run(dest, f"{repo}/trunk", update=False)["changed"] is False
    assert run(dest, f"{repo}/trunk", check=True)["changed"]
    updated = run(dest, f"{repo}/trunk")
    assert (updated["changed"], updated["after"][0]) == (True, "Revision: 4")
    assert (dest / "file").read_text() == "two"
    back = run(dest, f"{repo}/trunk", revision="2")
    assert (back["changed"], back["after"][0], (dest / "file").read_text()) == (True, "Revision: 2", "one")


def test_it_is_switched(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "copy"
    run(dest, f"{repo}/trunk")
    assert run(dest, f"{repo}/branch", switch=False)["after"][1] == f"URL: {repo}/trunk"
    assert run(dest, f"{repo}/branch")["after"][1] == f"URL: {repo}/branch"


def test_changes_are_lost_only_by_force(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "copy"
    run(dest, f"{repo}/trunk")
    (dest / "file").write_text("mine")
    for check in (True, False):
        refused = run(dest, f"{repo}/trunk", check=check)
        assert (refused["failed"], refused["msg"]) == (True, "ERROR: modified files exist in the repository.")
    assert (dest / "file").read_text() == "mine"
    assert run(dest, f"{repo}/trunk", force=True)["changed"]
    assert (dest / "file").read_text() == "one"
    (dest / "unknown").write_text("is no change")
    assert not run(dest, f"{repo}/trunk")["changed"]


def test_a_folder_that_is_there(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "copy"
    dest.mkdir()
    (dest / "file").write_text("mine")
    assert "its not a subversion repository" in run(dest, f"{repo}/trunk")["msg"]
    assert run(dest, f"{repo}/trunk", in_place=True, force=True)["changed"]
    assert (dest / "file").read_text() == "one"


def test_an_export(tmp_path: Path, repo: str) -> None:
    dest = tmp_path / "out"
    assert run(dest, f"{repo}/trunk", export=True)["changed"]
    assert [path.name for path in dest.iterdir()] == ["file"]
    assert "svn export failed" in run(dest, f"{repo}/trunk", export=True)["msg"]
    assert run(dest, f"{repo}/trunk", export=True, force=True)["changed"]


def test_nothing_is_made(tmp_path: Path, repo: str) -> None:
    assert run(tmp_path / "copy", f"{repo}/trunk", checkout=False)["changed"] is False
    asked = run(None, f"{repo}/trunk", checkout=False, update=False)
    assert (asked["changed"], asked["after"]) == (False, "Revision: 3")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"dest": None}, "the destination directory must be specified"),
        ({"repo": "--config-dir=/x"}, "neither URL, revision nor folder"),
        ({"revision": "-1"}, "neither URL, revision nor folder"),
        ({"repo": "file:///nothing/here"}, "svn checkout failed: svn: E"),
        ({"executable": "/nothing/svn"}, "cannot run /nothing/svn"),
    ],
)
def test_what_is_wrong(tmp_path: Path, args: dict[str, Any], message: str) -> None:
    given = {"repo": "file:///nothing", "dest": str(tmp_path / "copy"), **args}
    result = run_module(subversion, given)
    assert result["failed"]
    assert message in result["msg"]


@pytest.mark.parametrize(("version", "options"), [("1.9.7", "--password hidden"), ("1.14.2", "--password-from-stdin")])
def test_a_password(tmp_path: Path, version: str, options: str) -> None:
    program = tmp_path / "svn"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo {version} && exit\necho "$@" >> {tmp_path}/said\ncat >> {tmp_path}/said\necho Revision: 7\n')  # fmt: skip
    program.chmod(0o755)
    args = {"username": "me", "password": "hidden", "executable": str(program), "checkout": False, "update": False}
    result = run(None, "https://x/y", **args)
    said = (tmp_path / "said").read_text()
    assert options in said
    assert result["after"] == "Revision: 7"
    assert ("hidden" in said.splitlines()[0]) == ("warnings" in result) == (version == "1.9.7")
    assert said.rstrip().endswith("https://x/y" if version == "1.9.7" else "hidden")
