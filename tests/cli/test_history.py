"""`confman history`: what runs leave in the journal, and how it is shown."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from confman.cli.journal import told
from tests.cli.helpers import PROGRAM, Done, environment, invoke, spawn, write

SITE = """
- hosts: all
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: auto_silent}
  tasks:
    - name: a page
      copy: {content: "{{ text | default('one') }}\\n", dest: "{{ playbook_dir }}/page-{{ inventory_hostname }}"}
    - name: a secret
      copy: {content: hunter2-of-the-play, dest: "{{ playbook_dir }}/secret-{{ inventory_hostname }}", mode: "0600"}
      no_log: true
    - name: a list
      file: {path: "{{ playbook_dir }}/{{ item }}-{{ inventory_hostname }}", state: directory}
      loop: [x, y]
    - name: a fault
      fail: {msg: "on {{ inventory_hostname }}"}
      when: broken is defined and inventory_hostname == 'b'
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a playbook, and a home for the journal."""
    write(tmp_path, {"site.yml": SITE})
    (tmp_path / "home").mkdir()
    return tmp_path


def play(site: Path, *more: str, **env: str) -> Done:
    done = invoke(site, "play", "-i", "a,b,", "site.yml", *more, env=env)
    assert done.code in {0, 2}, done.all
    return done


def history(site: Path, *argv: str, **env: str) -> str:
    done = invoke(site, "history", *argv, env=env)
    assert done.code == 0, done.all
    return done.out


def test_there_is_none_yet(site: Path) -> None:
    done = invoke(site, "history")
    assert done.code == 1
    assert "[ERROR]: There is no journal yet at" in done.err


def test_the_last_runs(site: Path) -> None:
    play(site)
    play(site, "-e", "broken=1")
    play(site, "--check")
    head, *lines = history(site).splitlines()
    assert head.split() == ["RUN", "BEGUN", "BY", "TOOK", "STATE", "HOSTS", "WHAT"]
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert " done, dry run " in lines[0]
    assert " failed " in lines[1]
    assert "2, 1 failed" in lines[1]
    assert "2, 2 changed" in lines[2]
    assert len(history(site, "-n", "1").splitlines()) == 2


def test_one_run(site: Path) -> None:
    play(site, "-e", "broken=1")
    text = history(site, "1")
    assert f"in {site}" in text
    assert "PLAY all\n  a page  (" in text
    assert "site.yml:7)\n    changed: a, b" in text or "site.yml:7)\n    changed: b, a" in text
    assert "    failed: b\n      on b" in text
    assert "a: 3 ok, 3 changed, 1 skipped\nb: 3 ok, 3 changed, 1 failed\n" in text


def test_a_run_on_a_host_shows_every_change(site: Path) -> None:
    play(site, "--diff")
    text = history(site, "1", "a")
    assert f"    file {site}/page-a\n      was: absent\n      is: sha1 " in text
    assert "    +one\n" in text
    assert f"    directory {site}/x-a\n" in text
    assert f"    directory {site}/y-a\n" in text
    assert f"{site}/page-b" not in text


def test_what_two_runs_did_otherwise(site: Path) -> None:
    play(site)
    play(site, "-e", "text=two", "-e", "broken=1")
    text = history(site, "--diff", "1", "2")
    assert re.search(r"PLAY all: a page\n  [ab]: changed\n    - file .*\n(    - .*\n)+    \+ file", text)
    assert "  b: skipped -> failed" in text
    assert re.search(r"a secret\n  [ab]: changed -> ok\n  [ab]: changed -> ok\n", text)


def test_who_changed_a_file(site: Path) -> None:
    play(site)
    play(site, "-e", "text=two")
    text = history(site, "--object", f"{site}/page-a")
    assert [line.split("  ")[1:3] for line in text.splitlines() if "run " in line] == [["run 2", "a"], ["run 1", "a"]]
    assert history(site, "--object", f"{site}/page-a", "--host", "b") == ""


def test_programs_read_json(site: Path) -> None:
    play(site)
    (run,) = json.loads(history(site, "--json"))["runs"]
    assert run["start"]["command"][0]
    tasks = json.loads(history(site, "1", "--json"))["tasks"]
    assert {each["intent"]["name"] for each in tasks} == {"a page", "a secret", "a list", "a fault"}
    assert json.loads(history(site, "--diff", "1", "1", "--json"))["differences"] == []


def test_no_secret_gets_into_the_journal(site: Path) -> None:
    play(site, "--diff", "-e", "text=hunter2-of-the-line")
    invoke(site, "run", "-i", "a,", "-c", "local", "all", "-m", "debug", "-a", "msg='x' db_password=hunter2-of-ad-hoc")
    content = b"".join(path.read_bytes() for path in (site / "home").rglob("journal.sqlite*"))
    assert b"page-a" in content
    for secret in (b"hunter2-of-the-play", b"hunter2-of-ad-hoc"):
        assert secret not in content
    command = json.loads(history(site, "--json"))["runs"][1]["start"]["command"]
    assert not any("hunter2" in word for word in command)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (["/usr/bin/confman", "play", "site.yml"], ["confman", "play", "site.yml"]),
        (["c", "-e", "a=1 b=2", "-e", "@vars.yml", "x"], ["c", "-e", "a=... b=...", "-e", "@vars.yml", "x"]),
        (["c", "--extra-vars", '{"a": 1}', "--extra-vars=a=1"], ["c", "--extra-vars", "...", "--extra-vars=a=..."]),
        (["c", "-ea=1", "-e"], ["c", "-ea=...", "-e"]),
        (["c", "-a", "name=x password='a b' state=y"], ["c", "-a", "name=x password=... state=y"]),
        (["c", "-a", 'login_passwd="a b" api_token=t'], ["c", "-a", "login_passwd=... api_token=..."]),
    ],
)
def test_what_is_kept_of_a_command_line(words: list[str], kept: list[str]) -> None:
    assert list(told(words)) == kept


def test_runs_are_forgotten_when_that_is_asked_for(site: Path) -> None:
    play(site)
    assert history(site, "--forget", "1").startswith("0 runs taken out of")
    assert history(site, "--forget", "0").startswith("1 runs taken out of")
    assert len(history(site).splitlines()) == 1


def test_a_project_has_a_journal_of_its_own(site: Path) -> None:
    (site / ".confman").mkdir()
    play(site)
    assert (site / ".confman" / "journal.sqlite").is_file()
    assert not (site / "home" / ".local").exists()
    assert len(history(site).splitlines()) == 2


def test_the_setting_says_where_it_is_or_that_there_is_none(site: Path) -> None:
    write(site, {"confman.toml": '[settings]\njournal = "elsewhere/j"\n'})
    play(site)
    assert (site / "elsewhere" / "j").is_file()
    play(site, CONFMAN_JOURNAL="off")
    assert len(history(site).splitlines()) == 2
    done = invoke(site, "history", env={"CONFMAN_JOURNAL": "off"})
    assert (done.code, "`journal` is off" in done.err) == (5, True)


def test_who_has_no_home_has_no_journal(site: Path) -> None:
    (site / "home").rmdir()
    assert play(site).err == ""
    assert not (site / "home" / ".local").exists()


@pytest.mark.parametrize("asked", [True, False])
def test_a_run_goes_on_without_a_journal(site: Path, asked: bool) -> None:
    (site / "file").touch()
    place = {"CONFMAN_JOURNAL": str(site / "file" / "j")} if asked else {"XDG_STATE_HOME": str(site / "file")}
    done = play(site, **place)
    assert "ok=3" in done.out
    assert ("cannot be used" in done.err) is asked


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["7"], "There is no run 7 in the journal"),
        (["1", "nobody"], "Run 1 has nothing of a host 'nobody'"),
        (["--host", "a"], "--host needs --object"),
        (["--diff", "1", "9"], "There is no run 9"),
    ],
)
def test_what_cannot_be_shown(site: Path, argv: list[str], said: str) -> None:
    play(site)
    done = invoke(site, "history", *argv)
    assert done.code in {1, 5}
    assert said in done.err


@pytest.mark.parametrize(("number", "state"), [(signal.SIGKILL, "lost"), (signal.SIGINT, "interrupted")])
def test_what_was_begun_when_the_run_was_ended_is_in_doubt(site: Path, number: int, state: str) -> None:
    write(site, {"site.yml": SITE + "    - name: a nap\n      command: sleep 30\n    - name: never\n      ping:\n"})
    argv = [*PROGRAM, "play", "-i", "a,b,", "site.yml"]
    program = subprocess.Popen(
        argv, cwd=site, env=environment(site), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert program.stdout is not None
    for line in program.stdout:
        if "TASK [a nap]" in line:
            break
    time.sleep(0.3)
    os.kill(program.pid, number)
    program.communicate(timeout=60)
    done = spawn(site, "history", "1")
    assert f": {state}" in done.out
    assert "  a nap  (" in done.out
    assert "    in doubt: begun, and nothing more is known: a, b" in done.out
    assert "never" not in done.out
