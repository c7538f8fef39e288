"""Includes of what is not there."""

from __future__ import annotations

from pathlib import Path

from confman.model.event import HostDone, Message
from tests.engine.stage import perform

PLAY = """
- hosts: all
  tasks:
    - block:
        - include_role: {name: nope}
      rescue:
        - {debug: {msg: saved}}
    - include_tasks: nope.yml
"""


def test_it_is_told_once_and_counts_as_a_failure(tmp_path: Path) -> None:
    seen = perform(PLAY, tmp_path)
    errors = [event for event in seen.events if isinstance(event, Message) and event.kind == "error"]
    folders = f"{tmp_path}/roles:{tmp_path}"
    assert [(str(error.source).removeprefix(f"{tmp_path}/"), error.text) for error in errors] == [
        ("site.yml:5:32", f"the role 'nope' was not found in {folders}"),
        ("site.yml:8:7", "Could not find or access 'nope.yml'"),
    ]
    assert seen.messages() == ["saved", "saved"]
    failed = [event.result for event in seen.events if isinstance(event, HostDone) and event.status == "failed"]
    assert failed[0] == {"failed": True, "changed": False, "reason": f"the role 'nope' was not found in {folders}"}
    assert [seen.stats(host)["failed"] for host in ("h1", "h2")] == [2, 2]
