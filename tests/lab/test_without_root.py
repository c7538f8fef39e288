"""A lab of an ordinary user: whole hosts, reached by ports of the machine's loopback."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from confman.lab.needs import missing
from tests.lab.ordinary import UID, as_ordinary_user, open_folder

pytestmark = pytest.mark.lab
CONFMAN = str(Path(sys.executable).parent / "confman")
WAIT = "for _ in 1 2 3 4 5 6 7 8 9 10; do timeout 5 $LAB ssh h1 true 2>/dev/null && break; sleep 0.5; done"


class Ordinary:
    """Commands of an ordinary user who has a lab; `words` of the shell know `$LAB` and `$CONFMAN`."""

    def __init__(self, home: Path, bases: Path) -> None:
        self.home = home
        self.bases = bases

    def run(self, script: str, code: int = 0) -> str:
        head = f"LAB='{CONFMAN} lab --dir {self.home}/lab --bases {self.bases}'; CONFMAN={CONFMAN}; cd {self.home}; set -e\n"
        done = as_ordinary_user(["bash", "-c", head + script], self.home)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory, bases: Path) -> Iterator[Ordinary]:
    """An ordinary user with two hosts."""
    lacking = missing()
    if lacking or not (bases / "debian12").is_dir() or not shutil.which("newuidmap"):
        pytest.skip("takes root, the base debian12 and newuidmap")
    top = open_folder(tmp_path_factory.mktemp("ordinary"))
    own = top / "bases"
    own.mkdir()
    shutil.chown(own, UID, UID)
    subprocess.run(["tar", "-C", bases / "debian12", "-cf", own / "debian12.tar", "."], check=True)
    user = Ordinary(top / "home", own)
    assert "2 hosts up: h1 to h2" in user.run("$LAB up 2 --base debian12")
    yield user
    user.run("$LAB down")
    assert not (user.home / "lab").exists()


def test_hosts_are_reached_by_ports_of_loopback(user: Ordinary) -> None:
    hosts = json.loads(user.run("$LAB list --json"))
    assert {host["address"] for host in hosts} == {"127.0.0.1"}
    assert len({host["port"] for host in hosts}) == 2
    assert user.run("$LAB ssh h2 hostname") == "h2\n"
    assert "h2 | SUCCESS" in user.run("$CONFMAN run all -i lab/inventory.yml -m ping")


@pytest.mark.parametrize("name", ["ops", "opspw"])
def test_becoming_root(user: Ordinary, name: str) -> None:
    said = user.run(f"$LAB inventory -u {name} > {name}.yml; $CONFMAN run h1 -i {name}.yml -b -o -a 'id -un'")
    assert said.strip().endswith("root")


PLAY = """
- hosts: h1
  gather_facts: false
  tasks:
    - copy: {content: x, dest: /etc/motd, owner: daemon, mode: "0604"}
    - file: {path: /etc/default, state: absent}
    - file: {path: /etc/default, state: directory}
    - user: {name: zed, groups: sudo}
    - command: ls /etc/default
      register: left
      changed_when: false
    - assert: {that: left.stdout == ""}
"""


def test_a_playbook_does_what_its_rehearsal_says(user: Ordinary) -> None:
    (user.home / "play.yml").write_text(PLAY)
    foretold = user.run("$CONFMAN play -i lab/inventory.yml play.yml --check")
    assert "5 exact" in foretold
    done = user.run("$CONFMAN play -i lab/inventory.yml play.yml")
    assert "ok=6    changed=4 " in done
    assert "ok=6    changed=4 " in foretold
    assert user.run("$LAB ssh h1 stat -c %U:%a /etc/motd") == "daemon:604\n"


@pytest.mark.parametrize(
    ("act", "undo"),
    [
        ("freeze", "thaw"),
        pytest.param("partition", "clear", marks=pytest.mark.long),
        pytest.param("link-down", "link-up", marks=pytest.mark.long),
        pytest.param("kill", "start", marks=pytest.mark.long),
    ],
)
def test_a_host_that_does_not_answer(user: Ordinary, act: str, undo: str) -> None:
    user.run(f"$LAB fault h1 {act}; if timeout 2 $LAB ssh h1 true 2>/dev/null; then exit 7; fi; $LAB ssh h2 true")
    user.run(f"$LAB fault h1 {undo}; {WAIT}; $LAB ssh h1 true")


@pytest.mark.long
def test_a_full_disk_and_a_reboot(user: Ordinary) -> None:
    said = user.run("$LAB fault h1 disk-full; $LAB ssh h1 'head -c 1M /dev/zero > /root/x' 2>&1 || true")
    assert "No space left" in said
    before = user.run("$LAB fault h1 clear; $LAB ssh h1 cat /proc/sys/kernel/random/boot_id")
    user.run(f"$LAB fault h1 reboot=0.1s; sleep 0.5; {WAIT}")
    assert user.run("$LAB ssh h1 cat /proc/sys/kernel/random/boot_id") != before


def test_systemd_is_refused(user: Ordinary) -> None:
    assert "hosts with systemd need a control group" in user.run("$LAB up 1 --base debian12 --init systemd", 1)


def test_a_base_of_somebody_else_is_refused(user: Ordinary) -> None:
    theirs = user.home.parent / "theirs"
    (theirs / "debian13").mkdir(parents=True)
    said = user.run(f"$LAB --bases {theirs} up 1 --base debian13", 1)
    assert f"{theirs}/debian13 belongs to user 0" in said


def test_hosts_end_with_their_supervisor(user: Ordinary) -> None:
    lab = f"{CONFMAN} lab --dir {user.home}/second --bases {user.bases}"
    pids = user.run(f"{lab} up 1 --base debian12 >/dev/null 2>&1; pgrep -f {user.home}/second").split()
    user.run(
        f"kill -9 $(cat {user.home}/second/supervisor.pid); for pid in {' '.join(pids)}; do tail --pid=$pid -f /dev/null; done"
    )
    assert "0 hosts ended" in user.run(f"{lab} down")
