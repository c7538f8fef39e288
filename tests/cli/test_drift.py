"""`confman drift` on this machine: what is told, written and repaired."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.helpers import Done, invoke, write

SITE = """\
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: auto_silent, at: "{{ playbook_dir }}/out"}
  tasks:
    - name: a page
      copy: {content: "page of {{ inventory_hostname }}", dest: "{{ at }}/page-{{ inventory_hostname }}", mode: "0644"}
      notify: tell
    - name: another
      copy: {content: TEXT, dest: "{{ at }}/other-{{ inventory_hostname }}"}
  handlers:
    - name: tell
      shell: echo told >> "{{ at }}/log"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    write(tmp_path, {"site.yml": SITE})
    (tmp_path / "home").mkdir()
    (tmp_path / "out").mkdir()
    return tmp_path


def played(site: Path) -> None:
    done = invoke(site, "play", "-i", "a,b,", "site.yml")
    assert done.code == 0, done.all


def drift(site: Path, *more: str, code: int) -> Done:
    done = invoke(site, "drift", "-i", "a,b,", "site.yml", *more)
    assert done.code == code, done.all
    return done


def test_nothing_drifted(site: Path) -> None:
    played(site)
    assert drift(site, code=0).out == "4 in order\n"


def test_drift_is_told_from_news_and_only_drift_is_repaired(site: Path) -> None:
    played(site)
    (site / "out/page-a").write_text("edited")
    (site / "out/page-b").chmod(0o600)
    write(site, {"site.yml": SITE.replace("TEXT", "news")})
    out = drift(
        site, "-o", "text", "-o", "json=d.json", "-o", "sarif=d.sarif", "-o", "junit=d.xml", "-o", "html=d.html", code=3
    ).out
    lines = sorted(line.split()[:3] for line in out.splitlines()[:-1])
    assert lines == [
        ["drifted", "a", "file"],
        ["drifted", "b", "attributes"],
        ["outdated", "a", "file"],
        ["outdated", "b", "file"],
    ]
    assert len(json.loads((site / "d.json").read_text())["objects"]) == 4
    assert all((site / f"d.{kind}").stat().st_size for kind in ("sarif", "xml", "html"))
    (site / "out/log").unlink()
    drift(site, "--fix", code=3)
    assert (site / "out/page-a").read_text() == "page of a"
    assert (site / "out/page-b").stat().st_mode & 0o777 == 0o644
    assert (site / "out/other-a").read_text() == "TEXT"
    assert (site / "out/log").read_text() == "told\n" * 2
    assert drift(site, code=3).out.splitlines()[-1] == "2 outdated, 2 in order"


def test_what_was_never_applied_is_outdated(site: Path) -> None:
    write(site, {"empty.yml": "- hosts: all\n  connection: local\n  gather_facts: false\n  tasks: [{debug: {}}]\n"})
    assert invoke(site, "play", "-i", "a,", "empty.yml").code == 0
    assert drift(site, "--fix", code=3).out.splitlines()[-1] == "4 outdated"
    assert list((site / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        ((), 1, "There is no journal yet"),
        (("-o", "yaml"), 5, "There is no output format 'yaml'"),
        (("-o", "json="), 5, "a file must follow the equals sign"),
    ],
)
def test_wrong_input(site: Path, argv: tuple[str, ...], code: int, message: str) -> None:
    assert message in drift(site, *argv, code=code).err


def test_without_a_journal_there_is_no_drift(site: Path) -> None:
    done = invoke(site, "drift", "-i", "a,", "site.yml", env={"CONFMAN_JOURNAL": "off"})
    assert (done.code, "which is off" in done.err) == (5, True)
