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


NOT_THERE = "Could not find or access '{0}' on the Ansible Controller"
IMPORTS_NOTHING = """
- hosts: all
  tasks:
    - block:
        - include_tasks: more.yml
      rescue:
        - {debug: {msg: saved}}
"""


def test_what_an_included_file_imports_is_its_failure(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("- import_tasks: nope.yml\n")
    seen = perform(IMPORTS_NOTHING, tmp_path)
    [error] = [event for event in seen.events if isinstance(event, Message) and event.kind == "error"]
    assert str(error.source) == f"{tmp_path}/more.yml:1:17"
    assert error.text.splitlines()[1] == NOT_THERE.format(tmp_path / "nope.yml") + "."
    assert seen.messages() == ["saved", "saved"]
    failed = [event.result for event in seen.events if isinstance(event, HostDone) and event.status == "failed"]
    assert [(each["include"], each["reason"]) for each in failed] == [("more.yml", error.text)] * 2


def test_it_is_told_once_and_counts_as_a_failure(tmp_path: Path) -> None:
    seen = perform(PLAY, tmp_path)
    errors = [event for event in seen.events if isinstance(event, Message) and event.kind == "error"]
    folders = f"{tmp_path}/roles:{tmp_path}"
    text = NOT_THERE.format(tmp_path / "nope.yml")
    assert [(str(error.source).removeprefix(f"{tmp_path}/"), error.text) for error in errors] == [
        ("site.yml:5:32", f"the role 'nope' was not found in {folders}"),
        ("site.yml:8:7", f"{text}: Unable to retrieve file contents.\n{text}."),
    ]
    assert seen.messages() == ["saved", "saved"]
    failed = [event.result for event in seen.events if isinstance(event, HostDone) and event.status == "failed"]
    assert failed[0] == {"failed": True, "changed": False, "reason": f"the role 'nope' was not found in {folders}"}
    assert [seen.stats(host)["failed"] for host in ("h1", "h2")] == [2, 2]
