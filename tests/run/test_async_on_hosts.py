"""Jobs on hosts of a lab: as other users, over links that break, for controllers that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.helpers import environment, invoke, write
from tests.hosts import Hosts

pytestmark = pytest.mark.lab

SITE = """\
- hosts: h1
  gather_facts: false
  remote_user: root
  tasks:
    - name: go
      shell: id -un; while ! test -e /tmp/gate-%s; do sleep 0.1; done; echo through
      async: 120
      poll: %d
      become: true
      become_user: ops
      register: job
"""


def wait(hosts: Hosts, command: str) -> str:
    """The output of a command on h1, once it succeeds."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        said = hosts.shell("h1", command, check=False).strip()
        if said:
            return said
        time.sleep(0.2)
    raise AssertionError(f"{command} said nothing")


def result(hosts: Hosts) -> str:
    """The only finished result that is left on h1."""
    return wait(hosts, "grep -l stdout /home/ops/.ansible_async/* 2>/dev/null | xargs -r cat")


@pytest.fixture(autouse=True)
def clean(hosts: Hosts):
    hosts.shell("h1", "rm -rf /home/ops/.ansible_async /tmp/gate-*")


def test_a_job_belongs_to_the_user_who_started_it(hosts: Hosts, tmp_path: Path):
    text = (
        SITE % ("user", 0)
        + """\
    - {name: not mine, async_status: {jid: "{{ job.ansible_job_id }}"}, ignore_errors: true}
    - file: {path: /tmp/gate-user, state: touch}
    - {name: mine, async_status: {jid: "{{ job.ansible_job_id }}"}, become: true, become_user: ops, register: mine,
       until: mine is finished, retries: 100, delay: 0.1}
    - debug: var=mine.stdout_lines
"""
    )
    write(tmp_path, {"site.yml": text})
    done = invoke(tmp_path, "play", "-i", str(hosts.inventory), "-o", "plain", "site.yml")
    assert done.code == 0, done.all
    assert "could not find job" in done.out
    assert '"ops",' in done.out
    assert '"through"' in done.out
    kept = hosts.shell("h1", "stat -c '%a %U' /home/ops/.ansible_async /home/ops/.ansible_async/*").splitlines()
    assert kept == ["700 ops", "600 ops"]


def test_a_job_goes_on_when_its_controller_is_killed(hosts: Hosts, tmp_path: Path):
    write(tmp_path, {"site.yml": SITE % ("killed", 1)})
    argv = ["play", "-i", str(hosts.inventory), "site.yml"]
    code = "from confman.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code, *argv], cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL
    ) as controller:
        wait(hosts, "ls /home/ops/.ansible_async 2>/dev/null")
        controller.send_signal(signal.SIGKILL)
    hosts.shell("h1", "touch /tmp/gate-killed")
    assert "through" in result(hosts)


def test_a_job_goes_on_when_the_run_is_interrupted(hosts: Hosts, tmp_path: Path):
    write(tmp_path, {"site.yml": SITE % ("stopped", 1)})
    argv = ["play", "-i", str(hosts.inventory), "site.yml"]
    code = "from confman.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code, *argv], cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.DEVNULL
    ) as controller:
        wait(hosts, "ls /home/ops/.ansible_async 2>/dev/null")
        os.kill(controller.pid, signal.SIGINT)
        assert controller.wait(30) == 99
    hosts.shell("h1", "touch /tmp/gate-stopped")
    assert "through" in result(hosts)


def test_polling_outlives_a_broken_connection(hosts: Hosts, tmp_path: Path):
    write(tmp_path, {"site.yml": SITE % ("broken", 1)})
    argv = ["play", "-i", str(hosts.inventory), "-o", "plain", "site.yml"]
    code = "from confman.cli.main import main; main()"
    with subprocess.Popen(
        [sys.executable, "-P", "-c", code, *argv],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, text=True,
    ) as controller:  # fmt: skip
        wait(hosts, "ls /home/ops/.ansible_async 2>/dev/null")
        hosts.shell("h1", "pkill -f '^sshd: root@notty' || pkill -f 'sshd.*root@notty'", check=False)
        hosts.shell("h1", "touch /tmp/gate-broken")
        said, _ = controller.communicate(timeout=60)
    assert controller.returncode == 0, said
    assert "ASYNC OK on h1" in said
