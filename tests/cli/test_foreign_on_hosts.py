"""Modules that were written for Ansible, on hosts of a lab: over SSH, as other users, without traces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.helpers import invoke
from tests.cli.test_foreign import module, put
from tests.hosts import PASSWORD, Hosts

pytestmark = pytest.mark.lab

SITE = """\
- hosts: h1,h2
  gather_facts: false
  vars: {ansible_user: ops}
  tasks:
    - who: {key: not-to-be-seen}
      register: plain
    - who:
      become: true
      register: root
    - words: {greeting: hello}
      become: true
      become_user: opspw
      register: words
    - who:
      become: true
      become_user: opspw
      register: other
    - assert:
        that:
          - plain.user == 'ops'
          - root.user == 'root'
          - other.user == 'opspw'
          - words.said == 'hello from opspw'
          - not plain.seen
    - lasting:
      timeout: 2
      ignore_errors: true
      register: lasting
    - assert: {that: [lasting is failed, "'Timed out' in lasting.msg"]}
"""
WHO = (
    "import getpass, glob, os\n"
    "    seen = [p for p in glob.glob('/proc/[0-9]*/cmdline') if b'not-to-be' in open(p, 'rb').read()]\n"
    "    module.exit_json(user=getpass.getuser(), seen=seen)"
)
LASTING = "import subprocess; subprocess.run(['sleep', '4321'])"


def test_over_ssh_and_as_others(hosts: Hosts, tmp_path: Path):
    put(tmp_path, "library/who.py", module("who", body=WHO))
    put(tmp_path, "library/lasting.py", module("lasting", body=LASTING))
    put(tmp_path, "library/words", '#!/bin/sh\n. "$1"\necho "{\\"said\\": \\"$greeting from $(id -un)\\"}"\n')
    put(tmp_path, "site.yml", SITE)
    put(tmp_path, "pw", f"{PASSWORD}\n")
    before = hosts.shell("h1", "find /tmp /var/tmp /home /root /dev/shm -newer /etc/hostname 2>/dev/null | sort")
    done = invoke(tmp_path, "play", "-i", str(hosts.inventory), "--become-password-file", "pw", "site.yml")
    assert done.code == 0, done.all
    left = hosts.shell("h1", "find /tmp /var/tmp /home /root /dev/shm -newer /etc/hostname 2>/dev/null | sort")
    assert set(left.split()) - set(before.split()) == set()
    assert "4321" not in hosts.shell("h1", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '", check=False)


def test_code_is_sent_once(hosts: Hosts, tmp_path: Path):
    put(tmp_path, "library/who.py", module("who", body="module.exit_json(pid=__import__('os').getppid())"))
    site = "- hosts: h1\n  gather_facts: false\n  tasks:\n"
    site += "    - who:\n      register: r\n      loop: [1, 2, 3]\n    - debug: {msg: '{{ r.results | map(attribute=\"pid\") }}'}\n"
    put(tmp_path, "site.yml", site)
    done = invoke(tmp_path, "play", "-i", str(hosts.inventory), "-o", "json=report.json", "site.yml")
    assert done.code == 0, done.all
    last = json.loads((tmp_path / "report.json").read_text())["plays"][0]["tasks"][-1]["hosts"]["h1"]["msg"]
    assert len(set(last)) == 1
