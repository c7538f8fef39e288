"""The commands on hosts of a lab: over SSH, with keys and with passwords, in groups."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.helpers import Done, invoke, write
from tests.hosts import PASSWORD, Hosts

pytestmark = pytest.mark.lab

SITE = """\
- hosts: h1,h2,h3
  gather_facts: false
  tasks:
    - name: who
      command: id -un
      register: me
    - debug: var=me.stdout
    - file: {path: /tmp/made-by-cli, state: directory}
"""


def run(hosts: Hosts, folder: Path, *argv: str) -> Done:
    """A command with the lab's inventory."""
    command, *rest = argv
    return invoke(folder, command, "-i", str(hosts.inventory), *rest)


def test_play(hosts: Hosts, tmp_path: Path):
    write(tmp_path, {"site.yml": SITE})
    checked = run(hosts, tmp_path, "play", "-C", "site.yml", "-u", "root")
    assert checked.code == 0, checked.all
    assert "yes" not in hosts.shell("h1", "test -d /tmp/made-by-cli && echo yes", check=False)
    done = run(hosts, tmp_path, "play", "site.yml", "-u", "root", "-o", "grouped", "-o", "json=report.json")
    assert done.code == 0, done.all
    assert "changed: [h1, h2, h3]" in done.out
    assert json.loads((tmp_path / "report.json").read_text())["stats"]["h2"]["changed"] >= 1
    assert "yes" in hosts.shell("h3", "test -d /tmp/made-by-cli && echo yes")


@pytest.mark.parametrize(
    ("options", "user"),
    [
        (["--connection-password-file", "pw", "-e", "ansible_ssh_private_key_file="], "opspw"),
        (["-b", "--become-password-file", "pw"], "root"),
        (["-b", "--become-user", "ops", "--become-password-file", "./pw.sh"], "ops"),
    ],
)
def test_passwords_of_files(hosts: Hosts, tmp_path: Path, options: list[str], user: str):
    write(tmp_path, {"pw": f"{PASSWORD}\n", "pw.sh!": f"#!/bin/sh\necho {PASSWORD}\n"})
    done = run(hosts, tmp_path, "run", "h1", "-a", "id -un", "-e", "ansible_user=opspw", *options)
    assert done.code == 0, done.all
    assert done.out == f"h1 | CHANGED | rc=0 >>\n{user}\n"
    assert PASSWORD not in done.all


def test_a_wrong_password(hosts: Hosts, tmp_path: Path):
    write(tmp_path, {"pw": "not-the-one\n"})
    options = ("-e", "ansible_user=opspw", "-b", "--become-password-file", "pw")
    done = run(hosts, tmp_path, "run", "h1", "-a", "id", *options)
    assert done.code != 0
    assert "sudo" in done.all
    assert "not-the-one" not in done.all


def test_a_host_without_python(hosts: Hosts, tmp_path: Path):
    done = run(hosts, tmp_path, "run", "bare1", "-m", "ping", "-u", "root")
    assert done.code == 2
    assert "no Python 3.6 or newer was found" in done.all
    assert (
        run(hosts, tmp_path, "run", "bare1", "-m", "raw", "-a", "echo here", "-u", "root").out
        == "bare1 | CHANGED | rc=0 >>\nhere\n\n"
    )
