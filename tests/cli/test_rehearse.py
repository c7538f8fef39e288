"""Dry runs that try things out: what they say, what a real run then does, and that the host stays as it was."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import PROGRAM, Done, environment, invoke, write
from tests.hosts import PASSWORD, Hosts

pytestmark = pytest.mark.lab

SITE = """\
- hosts: {host}
  gather_facts: false
  become: true
  handlers:
    - name: tell
      lineinfile: {{path: /srv/rehearsed/log, line: told, create: true}}
  tasks:
    - name: group
      group: {{name: rehearsed}}
    - name: user
      user: {{name: rehearsed, group: rehearsed, home: /srv/rehearsed, create_home: true}}
    - name: template
      copy: {{content: "a=1\\nb=2\\n", dest: /srv/rehearsed/conf, owner: rehearsed, mode: "0640"}}
      notify: tell
    - name: line of what was not there
      lineinfile: {{path: /srv/rehearsed/conf, regexp: "^a=", line: a=3}}
    - name: made once
      command: {{cmd: "cp /srv/rehearsed/conf /srv/rehearsed/copy", creates: /srv/rehearsed/copy}}
    - name: what is in it
      command: grep -c = /srv/rehearsed/copy
      register: count
      changed_when: false
    - name: depends on what it said
      file: {{path: "/srv/rehearsed/{{{{ count.stdout }}}}", state: touch}}
      when: count.stdout == "2"
    - name: as the new user
      command: id -gn
      become_user: rehearsed
      changed_when: false
      register: who
    - name: the new user's group
      assert: {{that: who.stdout == "rehearsed"}}
    - name: block in what a command made
      blockinfile: {{path: /srv/rehearsed/copy, block: more}}
"""
LEFT = "ps -eo args | grep -c '[c]onfman/agent/boot'; cat /proc/*/mounts 2>/dev/null | grep -c ^confman"
STATE = (
    "find /etc /srv /home /root /usr/local /var/spool /var/lib/dpkg -xdev ! -name '*.journal' -printf '%p %u %g %m %s %T@\\n' "
    "| grep -v /.ansible | sort | sha256sum; cat /proc/mounts | sha256sum; find /run -type s | sort | sha256sum"
)


def run(hosts: Hosts, folder: Path, *argv: str) -> Done:
    return invoke(folder, "play", "-i", str(hosts.inventory), "site.yml", *argv)


def verdicts(hosts: Hosts, folder: Path, *argv: str) -> dict[str, dict[str, Any]]:
    """What became of each task, by its name."""
    done = run(hosts, folder, "-o", "jsonl", *argv)
    events = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
    found = {event["task"]["name"]: event for event in events if event["event"] == "host_done"}
    assert found, done.all
    return found


def changes(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: event["status"] for name, event in found.items()}


@pytest.fixture
def clean(hosts: Hosts) -> Any:
    command = "userdel rehearsed 2>/dev/null; groupdel rehearsed 2>/dev/null; rm -rf /srv/rehearsed; true"
    hosts.shell("h2", command)
    yield
    hosts.shell("h2", command)


@pytest.mark.parametrize("user", ["root", "ops"])
def test_a_dry_run_tells_what_a_run_then_does(hosts: Hosts, tmp_path: Path, clean: None, user: str) -> None:
    write(tmp_path, {"site.yml": SITE.format(host="h2")})
    before = hosts.shell("h2", STATE)
    dry = verdicts(hosts, tmp_path, "--check", "--diff", "-e", f"ansible_user={user}")
    assert hosts.shell("h2", STATE) == before
    real = verdicts(hosts, tmp_path, "--diff", "-e", f"ansible_user={user}")
    assert changes(dry) == changes(real)
    assert "failed" not in changes(real).values()
    assert {event["grade"] for name, event in dry.items() if name != "the new user's group"} == {"exact"}
    assert {event["grade"] for event in real.values()} == {""}
    told = {name: event["result"].get("diff") for name, event in dry.items() if name != "depends on what it said"}
    assert told == {name: real[name]["result"].get("diff") for name in told}
    again = verdicts(hosts, tmp_path, "--check", "-e", f"ansible_user={user}")
    assert set(changes(again).values()) <= {"ok", "changed"}
    assert changes(again)["user"] == "ok"
    assert hosts.shell("h2", LEFT, check=False).split() == ["0", "0"]


def test_the_foot_tells_how_sure_it_is(hosts: Hosts, tmp_path: Path) -> None:
    play = "- hosts: h2\n  gather_facts: false\n  tasks:\n"
    play += "    - {name: a, file: {path: /srv/y, state: touch}}\n    - {name: b, command: make it}\n"
    play += "    - {name: c, hostname: {name: other}}\n"
    write(tmp_path, {"site.yml": play})
    done = run(hosts, tmp_path, "--check", "-u", "root")
    assert "DRY RUN: 1 exact, 1 predicted, 1 unknown until applied" in done.out
    assert "unknown   " in done.out
    assert "what a command does is known only when it runs" in done.out
    assert hosts.shell("h2", "hostname").strip() == "h2"


@pytest.mark.parametrize("how", ["predict", "as ansible"])
def test_prediction_only_asks_the_host(hosts: Hosts, tmp_path: Path, how: str) -> None:
    play = "- hosts: h2\n  gather_facts: false\n  tasks:\n"
    play += "    - {name: a, copy: {content: x, dest: /srv/z}}\n    - {name: b, command: cat /srv/z}\n"
    write(tmp_path, {"site.yml": play})
    if how == "predict":
        found = verdicts(hosts, tmp_path, "--check=predict", "-u", "root")
        assert changes(found) == {"a": "changed", "b": "skipped"}
        assert found["a"]["grade"] == ""
    else:
        call = "from confman.cli.ansible import main; main('ansible-playbook')"
        words = [sys.executable, "-P", "-c", call, "ansible-playbook", "-i", str(hosts.inventory), "site.yml", "-C"]
        done = subprocess.run(
            [*words, "-u", "root"],
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "skipping: [h2]" in done.stdout
        assert "DRY RUN" not in done.stdout


def test_an_unknown_way_of_checking_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"site.yml": "- hosts: all\n  tasks: []\n"})
    done = invoke(tmp_path, "play", "site.yml", "--check=guess")
    assert done.code != 0
    assert "predict" in done.all


def test_who_cannot_be_root_gets_a_prediction_and_is_told(hosts: Hosts, tmp_path: Path) -> None:
    play = "- hosts: h2\n  gather_facts: false\n  tasks:\n    - {name: a, copy: {content: x, dest: ~/new}}\n"
    write(tmp_path, {"site.yml": play, "pw": f"{PASSWORD}\n"})
    options = (
        "--check",
        "-e",
        "ansible_user=opspw",
        "-e",
        "ansible_ssh_private_key_file=",
        "--connection-password-file",
        "pw",
    )
    done = run(hosts, tmp_path, *options)
    assert done.code == 0, done.all
    assert "only predicts" in done.all
    assert "DRY RUN: 1 predicted" in done.out


def test_commands_that_insist_see_what_was_tried_out(hosts: Hosts, tmp_path: Path) -> None:
    play = "- hosts: h2\n  gather_facts: false\n  tasks:\n    - {name: a, copy: {content: mine, dest: /srv/insist}}\n"
    play += "    - {name: b, command: cat /srv/insist, check_mode: false, register: r}\n"
    play += "    - {name: c, assert: {that: \"r.stdout == 'mine'\"}}\n"
    play += '    - {name: d, command: "ls /proc/{{ pid }}", check_mode: false}\n'
    write(tmp_path, {"site.yml": play})
    pid = hosts.shell("h2", "pgrep -o sshd").strip()
    found = verdicts(hosts, tmp_path, "--check", "-u", "root", "-e", f"pid={pid}")
    assert changes(found) == {"a": "changed", "b": "changed", "c": "ok", "d": "changed"}
    assert hosts.shell("h2", "ls /srv/insist", check=False) == ""


AGAIN = """\
- hosts: h2
  gather_facts: false
  tasks:
    - {name: group, group: {name: fresh}, become: true}
    - {name: member, user: {name: ops, groups: fresh, append: true}, become: true}
    - {name: before, command: id -Gn, changed_when: false}
    - meta: reset_connection
    - {name: after, command: id -Gn, changed_when: false, register: two}
    - {name: check, assert: {that: "'fresh' in two.stdout.split()"}}
"""


def test_logging_in_anew_does_not_forget(hosts: Hosts, tmp_path: Path) -> None:
    write(tmp_path, {"site.yml": AGAIN})
    found = verdicts(hosts, tmp_path, "--check", "-e", "ansible_user=ops")
    assert changes(found) == {"group": "changed", "member": "changed", "before": "ok", "after": "ok", "check": "ok"}
    assert {found[name]["grade"] for name in changes(found) if name != "check"} == {"exact"}
    assert "fresh" not in hosts.shell("h2", "cat /etc/group")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_the_controller_ends(hosts: Hosts, tmp_path: Path, number: int) -> None:
    play = "- hosts: h2\n  gather_facts: false\n  tasks:\n    - {copy: {content: x, dest: /srv/q}}\n"
    play += "    - {command: sleep 300, changed_when: false}\n"
    write(tmp_path, {"site.yml": play})
    words = [*PROGRAM, "play", "-i", str(hosts.inventory), "site.yml", "--check", "-u", "root"]
    program = subprocess.Popen(words, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL)
    try:
        wait(lambda: "sleep 300" in hosts.shell("h2", "ps -eo args"))
        program.send_signal(number)
        program.wait(30)
        wait(lambda: hosts.shell("h2", LEFT, check=False).split() == ["0", "0"])
        assert "sleep 300" not in hosts.shell("h2", "ps -eo args")
    finally:
        program.kill()
        program.wait()


def wait(until: Any) -> None:
    """Until something holds, at most half a minute."""
    for _try in range(60):
        if until():
            return
        time.sleep(0.5)
    raise AssertionError("it did not happen within 30 s")
