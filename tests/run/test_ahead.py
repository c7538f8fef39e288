"""Tasks that travel together: hosts and events are as if they had travelled one by one."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from confman.app import App, run_playbooks
from confman.model.event import HostDone, Message, SentAhead
from confman.model.settings import Settings
from tests.cli.helpers import environment
from tests.hosts import Hosts
from tests.run.test_run import Seen, nobody

pytestmark = pytest.mark.lab

HEAD = "- hosts: {hosts}\n  gather_facts: false\n  remote_user: root\n  strategy: {strategy}\n"
TIMES = ("start", "end", "delta", "seconds", "mtime", "atime", "ctime", "inode", "diff", "ansible_job_id")


def play(
    hosts: Hosts, folder: Path, text: str, *, batches: bool = True, limit: str = "h1,h2", free: bool = True
) -> Seen:
    """Run a play on hosts of the lab."""
    head = HEAD.format(hosts="all", strategy="free" if free else "linear")
    (folder / "site.yml").write_text(head + text)
    seen = Seen()
    settings = Settings(inventory_sources=(str(hosts.inventory),), limit=limit, batches=batches)
    seen.code = run_playbooks(App(settings, [seen.events.append], nobody), [folder / "site.yml"])
    return seen


def together(seen: Seen) -> list[tuple[str, list[str]]]:
    """What was sent ahead: (host, names of tasks)."""
    return [(e.host, [task.name for task in e.tasks]) for e in seen.events if isinstance(e, SentAhead)]


def timeless(value: Any) -> Any:
    """A result without what differs each time."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if key not in TIMES}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def told(seen: Seen, host: str) -> list[Any]:
    """What is told of a host's tasks, without times."""
    return [
        (e.task.name, e.status, e.ignored, timeless(e.result))
        for e in seen.events
        if isinstance(e, HostDone) and e.host == host
    ]


MIXED = """\
  vars: {where: /tmp/ahead}
  handlers:
    - {name: handle, lineinfile: {path: "{{ where }}/log", line: handled, create: true}}
  tasks:
    - {name: away, file: {path: "{{ where }}", state: absent}}
    - {name: folder, file: {path: "{{ where }}", state: directory, mode: "0700"}}
    - {name: content, copy: {content: "of {{ inventory_hostname }}\\n", dest: "{{ where }}/a"}, notify: handle}
    - {name: again, copy: {content: "of {{ inventory_hostname }}\\n", dest: "{{ where }}/a"}, notify: handle}
    - {name: look, command: "cat {{ where }}/a", register: seen, changed_when: false}
    - {name: say, debug: {msg: "{{ seen.stdout }}"}}
    - {name: use, copy: {content: "{{ seen.stdout }}", dest: "{{ where }}/b"}}
    - {name: skip, command: touch /tmp/ahead/never, when: seen.rc == 1}
    - {name: items, command: "echo {{ item }}", loop: [1, 2]}
    - block:
        - {name: first of block, command: "true"}
        - {name: breaks, command: "false"}
        - {name: not done, command: "touch {{ where }}/never"}
      rescue:
        - {name: rescued, command: "echo {{ ansible_failed_task.name }}"}
      always:
        - {name: always, command: "true"}
    - {name: ignored, command: "false", ignore_errors: true}
    - {name: behind it, command: "true"}
    - {name: set, set_fact: {mine: "{{ seen.stdout | length }}"}}
    - {name: read, command: "echo {{ mine }}"}
    - {name: facts, service_facts: {}, no_log: true}
    - {name: of facts, command: "echo {{ ansible_facts.services | length > 0 }}"}
    - {name: not there, stat: {path: "{{ where }}/never"}, register: never}
    - {name: really not, assert: {that: not never.stat.exists}}
"""


@pytest.mark.parametrize("free", [True, False])
def test_nobody_can_tell(hosts: Hosts, tmp_path: Path, free: bool) -> None:
    limit = "h1,h2" if free else "h1"
    play(hosts, tmp_path, MIXED, limit=limit, free=free)
    alone = play(hosts, tmp_path, MIXED, batches=False, limit=limit, free=free)
    batched = play(hosts, tmp_path, MIXED, limit=limit, free=free)
    assert (alone.code, together(alone)) == (0, [])
    assert batched.code == 0
    assert told(batched, "h1") == told(alone, "h1")
    assert batched.stats("h1") == alone.stats("h1")
    assert ("h1", ["folder", "content", "again", "look"]) in together(batched)
    assert not [e for e in batched.events if isinstance(e, Message) and e.kind == "warning"]


def test_a_host_stops_at_the_first_that_fails(hosts: Hosts, tmp_path: Path) -> None:
    tasks = """\
  tasks:
    - {name: clean, file: {path: /tmp/ahead-never, state: absent}}
    - {name: breaks, command: "false"}
    - {name: behind, command: touch /tmp/ahead-never}
"""
    seen = play(hosts, tmp_path, tasks, limit="h1")
    assert together(seen) == [("h1", ["breaks", "behind"])]
    assert [(name, status) for name, _host, status in seen.statuses()] == [("clean", "ok"), ("breaks", "failed")]
    assert hosts.shell("h1", "ls /tmp/ahead-never 2>&1", check=False).count("No such file") == 1


def test_what_cannot_be_sent_fails_in_its_own_turn(hosts: Hosts, tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    broken = "#!/usr/bin/python\nfrom ansible.module_utils.nowhere import x\nfrom ansible.module_utils.basic import *\n"
    (tmp_path / "library/broken.py").write_text(broken)
    tasks = """\
  tasks:
    - {name: first, command: "true"}
    - {name: second, command: "true"}
    - {name: breaks, broken: {}}
    - {name: behind, command: "true"}
"""
    seen = play(hosts, tmp_path, tasks, limit="h1")
    assert together(seen)[0] == ("h1", ["second", "breaks", "behind"])
    assert [status for _name, _host, status in seen.statuses()] == ["changed", "changed", "failed"]
    assert "nowhere" in seen.result("breaks", "h1")["msg"]


def test_content_is_pulled_between_calls(hosts: Hosts, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(name.encode() * 3_000_000)
    hosts.shell("h1", "rm -f /tmp/ahead-[abc]")
    tasks = "  tasks:\n" + "".join(
        f"    - {{name: {name}, copy: {{src: {name}, dest: /tmp/ahead-{name}}}}}\n" for name in ("a", "b", "c")
    )
    seen = play(hosts, tmp_path, tasks, limit="h1")
    assert together(seen) == [("h1", ["b", "c"])]
    assert seen.stats("h1") == {"ok": 3, "changed": 3}
    assert hosts.shell("h1", "wc -c < /tmp/ahead-a; head -c 1 /tmp/ahead-c; rm /tmp/ahead-[abc]") == "3000000\nc"


def test_what_an_agent_that_dies_leaves_in_doubt(hosts: Hosts, tmp_path: Path) -> None:
    tasks = """\
  tasks:
    - {name: first, command: "true"}
    - {name: cuts, shell: "kill -9 $PPID"}
    - {name: behind, command: "true"}
"""
    seen = play(hosts, tmp_path, tasks, limit="h1")
    assert [(name, status) for name, _host, status in seen.statuses()] == [
        ("first", "changed"),
        ("cuts", "failed"),
    ]
    assert (
        "ended during shell, with 1 more behind it, (killed by signal 9): whether that was finished is in doubt"
        in seen.result("cuts", "h1")["msg"]
    )
    assert seen.code == 2


def test_the_end_of_a_play_tells_what_nobody_waits_for(hosts: Hosts, tmp_path: Path) -> None:
    tasks = """\
  tasks:
    - {name: first, command: "true"}
    - {name: ends, meta: end_play, when: inventory_hostname == "h2"}
    - {name: second, command: "sleep 1"}
    - {name: third, command: "sleep 60"}
"""
    begun = time.monotonic()
    seen = play(hosts, tmp_path, tasks)
    assert seen.code == 0
    assert time.monotonic() - begun < 50
    warned = [e.text for e in seen.events if isinstance(e, Message) and e.kind == "warning"]
    done = {name for name, host, _status in seen.statuses() if host == "h1"}
    assert done >= {"first"}
    assert all("h1: nobody waits any more for tasks that may have been done there" in text for text in warned)


SLOW = """\
  tasks:
    - {name: first, command: "true"}
    - {name: slow, command: "sleep 100"}
    - {name: third, command: "true"}
"""


def test_what_was_sent_is_in_the_journal_of_a_killed_run(hosts: Hosts, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text(HEAD.format(hosts="h1", strategy="linear") + SLOW)
    code = "from confman.cli.main import main; main()"
    words = [sys.executable, "-P", "-c", code, "play", "-i", str(hosts.inventory), "site.yml"]
    env = environment(tmp_path, CONFMAN_JOURNAL=str(tmp_path / "journal.db"))
    child = subprocess.Popen(words, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while "sleep 100" not in hosts.shell("h1", "ps ax"):
            assert child.poll() is None
            time.sleep(0.2)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    with sqlite3.connect(tmp_path / "journal.db") as database:
        rows = list(database.execute("SELECT name, hosts FROM tasks ORDER BY number"))
    assert sorted(rows) == [("first", '["h1"]'), ("slow", '["h1"]'), ("third", '["h1"]')]
    deadline = time.monotonic() + 30
    while "sleep 100" in hosts.shell("h1", "ps ax"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
