"""Whole runs over the local connection: failures, unreachable hosts, batches, exit codes."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from confman.app import App, run_playbooks
from confman.model.event import HandlersOwed, HostDone, RunDone
from confman.model.request import Ask
from confman.model.settings import Settings


@dataclass
class Seen:
    """What a run did."""

    code: int = -1
    events: list[Any] = field(default_factory=list)

    def statuses(self) -> list[tuple[str, str, str]]:
        """(task, host, status) in the order in which they ended."""
        return [(event.task.name, event.host, event.status) for event in self.events if isinstance(event, HostDone)]

    def result(self, task: str, host: str) -> dict[str, Any]:
        """The result of a task on a host."""
        (found,) = [e.result for e in self.events if isinstance(e, HostDone) and (e.task.name, e.host) == (task, host)]
        return dict(found)

    def stats(self, host: str) -> dict[str, int]:
        """The counts of a host that are not zero."""
        (done,) = [event for event in self.events if isinstance(event, RunDone)]
        found = done.stats[host]
        return {name: getattr(found, name) for name in found.__dataclass_fields__ if getattr(found, name)}


async def nobody(_ask: Ask) -> None:
    """There is nobody to ask."""


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken but refuses connections: bound, never listening."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def run(folder: Path, text: str, inventory: str, **settings: Any) -> Seen:
    """Run a playbook."""
    (folder / "inv").write_text(dedent(inventory))
    (folder / "site.yml").write_text(dedent(text))
    seen = Seen()
    app = App(Settings(inventory_sources=(str(folder / "inv"),), **settings), [seen.events.append], nobody)
    seen.code = run_playbooks(app, [folder / "site.yml"])
    return seen


TWO = "[all:vars]\nansible_connection=local\n[web]\na\nb\n"


def test_files_are_really_made(tmp_path: Path) -> None:
    text = f"""
        - hosts: all
          gather_facts: false
          tasks:
            - name: make
              copy: {{content: "of {{{{ inventory_hostname }}}}", dest: "{tmp_path}/{{{{ inventory_hostname }}}}"}}
    """
    seen = run(tmp_path, text, TWO)
    assert seen.code == 0
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("of a", "of b")
    assert seen.stats("a") == {"ok": 1, "changed": 1}
    assert run(tmp_path, text, TWO).stats("a") == {"ok": 1}


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    text = f"- hosts: all\n  gather_facts: false\n  tasks:\n    - copy: {{content: x, dest: {tmp_path}/new}}\n"
    seen = run(tmp_path, text, TWO, check=True)
    assert seen.stats("a") == {"ok": 1, "changed": 1}
    assert not (tmp_path / "new").exists()


FAILS = """
- hosts: all
  gather_facts: false
  tasks:
    - {name: one, command: "test {{ inventory_hostname }} = b"}
    - {name: two, command: "true"}
- hosts: all
  gather_facts: false
  tasks:
    - {name: three, command: "true"}
"""


def test_a_failed_host_is_in_no_later_play(tmp_path: Path) -> None:
    seen = run(tmp_path, FAILS, TWO)
    assert seen.code == 2
    assert [(task, host) for task, host, _ in sorted(seen.statuses())] == [
        ("one", "a"), ("one", "b"), ("three", "b"), ("two", "b"),
    ]  # fmt: skip
    assert seen.stats("a") == {"failed": 1}
    assert seen.stats("b") == {"ok": 3, "changed": 3}
    assert seen.result("one", "a")["rc"] == 1


OWING = """
- hosts: all
  gather_facts: false
  tasks:
    - {name: one, debug: {msg: x}, changed_when: true, notify: [first, topic]}
    - {name: two, assert: {that: inventory_hostname != 'a'}}
    - {meta: flush_handlers}
  handlers:
    - {name: second, debug: {msg: x}, listen: topic}
    - {name: first, assert: {that: inventory_hostname != 'c'}}
    - {name: third, debug: {msg: x}, listen: topic}
"""


def test_handlers_that_failed_hosts_never_ran_are_told(tmp_path: Path) -> None:
    seen = run(tmp_path, OWING, f"{TWO}c\n")
    told = [event.handlers for event in seen.events if isinstance(event, HandlersOwed)]
    assert told == [{"a": ("second", "first", "third"), "c": ("third",)}]
    assert not [
        event for event in run(tmp_path, OWING, TWO.replace("a\n", "")).events if isinstance(event, HandlersOwed)
    ]


def test_an_unreachable_host(tmp_path: Path, closed_port: int) -> None:
    inventory = f"a ansible_host=127.0.0.1 ansible_port={closed_port}\nb ansible_connection=local\n"
    seen = run(tmp_path, FAILS, inventory, timeout=5.0)
    assert seen.code == 4
    assert seen.stats("a") == {"unreachable": 1}
    assert seen.stats("b") == {"ok": 3, "changed": 3}
    assert "refused" in seen.result("one", "a")["msg"].lower()


def test_all_hosts_fail(tmp_path: Path) -> None:
    seen = run(tmp_path, FAILS, "a ansible_connection=local\n")
    assert seen.code == 2
    assert [task for task, _, _ in seen.statuses()] == ["one"]


SERIAL = """
- hosts: all
  gather_facts: false
  serial: SIZE
  tasks:
    - {name: one, command: "test {{ inventory_hostname }} != FAILS"}
    - {name: two, debug: msg=x}
"""


@pytest.mark.parametrize(
    ("size", "fails", "order", "code"),
    [
        ("1", "none", "a1 a2 b1 b2 c1 c2", 0),
        ("2", "none", "a1 b1 a2 b2 c1 c2", 0),
        ("[1, 2]", "none", "a1 a2 b1 c1 b2 c2", 0),
        ("100%", "none", "a1 b1 c1 a2 b2 c2", 0),
        ("2", "a", "a1 b1 b2 c1 c2", 2),
        ("1", "a", "a1", 2),
        ("1", "b", "a1 a2 b1", 2),
    ],
)
def test_batches(tmp_path: Path, size: str, fails: str, order: str, code: int) -> None:
    inventory = "[all:vars]\nansible_connection=local\n[web]\na\nb\nc\n"
    seen = run(tmp_path, SERIAL.replace("SIZE", size).replace("FAILS", fails), inventory, forks=1)
    numbers = {"one": "1", "two": "2"}
    assert " ".join(f"{host}{numbers[task]}" for task, host, _ in seen.statuses()) == order
    assert seen.code == code


def test_rescue_and_ignored_failures_are_no_failures(tmp_path: Path) -> None:
    text = """
        - hosts: all
          gather_facts: false
          tasks:
            - block: [{name: one, command: "false"}]
              rescue: [{name: two, debug: {msg: "{{ ansible_failed_task.name }}"}}]
            - {name: three, command: "false", ignore_errors: true}
            - {name: four, stat: path=/nowhere, register: found}
            - {name: five, assert: {that: not found.stat.exists}}
    """
    seen = run(tmp_path, text, "a ansible_connection=local\n")
    assert seen.code == 0
    assert seen.stats("a")["rescued"] == 1
    assert seen.stats("a")["ignored"] == 1
    assert seen.result("two", "a")["msg"] == "one"


def test_facts_are_those_of_this_machine(tmp_path: Path) -> None:
    text = (
        "- hosts: all\n  tasks:\n    - {name: show, debug: {msg: '{{ ansible_facts.kernel }} {{ ansible_kernel }}'}}\n"
    )
    seen = run(tmp_path, text, "a ansible_connection=local\n", gather_subset=("!all", "!min", "platform"))
    assert seen.result("show", "a")["msg"] == " ".join([os.uname().release] * 2)
