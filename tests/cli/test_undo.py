"""`confman undo` on this machine: shown, asked for, done, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.helpers import Done, invoke, write

SITE = """\
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: auto_silent, at: "{{ playbook_dir }}/out"}
  tasks:
    - name: page
      copy: {content: "new", dest: "{{ at }}/page-{{ inventory_hostname }}"}
    - name: mode
      file: {path: "{{ at }}/page-{{ inventory_hostname }}", mode: "0600"}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path, {"site.yml": SITE, "out/page-a": "old"})
    (tmp_path / "home").mkdir()
    (tmp_path / "out/page-a").chmod(0o644)
    done = invoke(tmp_path, "play", "-i", "a,b,", "site.yml")
    assert done.code == 0, done.all
    return tmp_path


def undo(site: Path, *more: str, code: int) -> Done:
    done = invoke(site, "undo", "1", "-i", "a,b,", "-c", "local", *more)
    assert done.code == code, done.all
    return done


def pages(site: Path) -> dict[str, tuple[str, int]]:
    return {path.name: (path.read_text(), path.stat().st_mode & 0o777) for path in (site / "out").iterdir()}


AFTER = {"page-a": ("new", 0o600), "page-b": ("new", 0o600)}


def test_a_run_is_shown_and_taken_back(site: Path) -> None:
    done = undo(site, code=3)
    assert "+old" in done.out
    assert "Nothing was done: give --yes to do it." in done.err
    assert "give --yes" not in undo(site, "--show", code=3).err
    assert pages(site) == AFTER
    undo(site, "--yes", code=0)
    assert pages(site) == {"page-a": ("old", 0o644)}
    assert "undo of run 1" in invoke(site, "history", "--json").out


def test_only_some_hosts(site: Path) -> None:
    undo(site, "--yes", "--limit", "b", code=0)
    assert pages(site) == {"page-a": ("new", 0o600)}


def test_what_changed_since_is_left_alone(site: Path) -> None:
    (site / "out/page-b").write_text("newer")
    done = undo(site, "--yes", code=6)
    assert "Hosts are not as run 1 left them. Nothing was changed anywhere." in done.err
    assert f"file {site}/out/page-b" in done.err
    assert pages(site) == {**AFTER, "page-b": ("newer", 0o600)}


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (("undo", "7", "-i", "a,b,"), 1, "There is no run 7 in the journal"),
        (("undo", "1", "-i", "a,"), 5, "The inventory does not have b"),
        (("undo", "x"), 2, "'x' is not a valid integer"),
    ],
)
def test_wrong_input(site: Path, argv: tuple[str, ...], code: int, message: str) -> None:
    done = invoke(site, *argv)
    assert (done.code, message in done.err) == (code, True), done.all


def test_a_dry_run_changed_nothing(site: Path) -> None:
    assert invoke(site, "play", "-i", "a,", "site.yml", "--check").code == 0
    done = invoke(site, "undo", "2", "-i", "a,")
    assert (done.code, "Run 2 was a dry run" in done.err) == (5, True)


def test_where_nothing_is_kept_files_cannot_be_taken_back(site: Path) -> None:
    write(site, {"out/page-c": "old"})
    (site / "out/page-c").chmod(0o644)
    done = invoke(site, "play", "-i", "c,", "site.yml", env={"CONFMAN_JOURNAL_CONTENTS": "off"})
    assert done.code == 0, done.all
    done = invoke(site, "undo", "2", "-i", "c,", "-c", "local", "--yes")
    assert f"c: file {site}/out/page-c cannot be taken back" in done.err
    assert (site / "out/page-c").stat().st_mode & 0o777 == 0o644
