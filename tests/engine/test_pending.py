"""A dry run that lacks something: a failure, unless changes that were foreseen on the host may bring it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.model.call import Call
from confman.model.settings import Settings
from tests.engine.stage import Seen, perform

CHANGED = {"changed": True}
LACKING = {"failed": True, "changed": False, "msg": "no unit", "rc": 5, "name": "web", "_lacks": "the unit web"}


def play(folder: Path, first: str, *, check: bool = True, last: str = "systemd: {name: web, state: started}") -> Seen:
    """A play of two tasks, the second of which lacks what it needs."""

    def answer(_host: str, call: Call) -> dict[str, Any]:
        return dict({"apt": CHANGED, "stat": {"changed": False}}.get(call.module, LACKING))

    text = f"- hosts: all\n  tasks:\n    - {{{first}}}\n    - {{name: last, {last}, register: it}}\n"
    text += "    - debug: {msg: '{{ [it is failed, it is changed, it.name] }}'}\n"
    return perform(text, folder, ("h1",), answer, Settings(check=check))


@pytest.mark.parametrize(
    "first",
    [
        "apt: {name: web}",
        "apt: {name: '{{ item }}'}, loop: [a, b]",
        "apt: {name: web}, delegate_to: h1",
        "raw: make install",
    ],
)
def test_what_may_come_is_awaited(tmp_path: Path, first: str) -> None:
    seen = play(tmp_path, first)
    assert seen.statuses("last") == {"h1": "changed"}
    assert seen.messages() == [[False, True, "web"]]
    result = next(event.result for event in seen.events if getattr(event, "status", "") and event.task.name == "last")
    assert [text.partition(":")[0] for text in result["warnings"]] == ["the unit web is not there yet"]
    assert {"msg", "rc", "_lacks"}.isdisjoint(result)


@pytest.mark.parametrize(
    ("first", "check"),
    [
        ("stat: {path: /x}", True),
        ("apt: {name: web}, when: false", True),
        ("apt: {name: web}, delegate_to: h2", True),
        ("debug: {msg: x}, changed_when: false", True),
        ("apt: {name: web}", False),
        ("apt: {name: web}, check_mode: false", True),
        ("apt: {name: web}, check_mode: true", False),
    ],
)
def test_what_cannot_come_is_missed(tmp_path: Path, first: str, check: bool) -> None:
    seen = play(tmp_path, first, check=check)
    assert seen.statuses("last") == {"h1": "failed"}
    assert seen.events[-1].result["msg"] == "no unit"


def test_a_task_in_check_mode_that_lacks_something_fails_in_a_run_that_is_none(tmp_path: Path) -> None:
    last = "systemd: {name: web, state: started}, check_mode: true"
    assert play(tmp_path, "apt: {name: web}, check_mode: true", check=False, last=last).statuses("last") == {
        "h1": "failed"
    }


def test_a_play_in_check_mode_is_a_dry_run(tmp_path: Path) -> None:
    def answer(_host: str, call: Call) -> dict[str, Any]:
        return dict(CHANGED if call.module == "apt" else LACKING)

    text = "- hosts: all\n  check_mode: true\n  tasks:\n    - apt: {name: web}\n    - {name: last, systemd: {name: web, state: started}}\n"
    assert perform(text, tmp_path, ("h1",), answer, Settings()).statuses("last") == {"h1": "changed"}


REHEARSE = Settings(check=True, rehearse="remote")


@pytest.mark.parametrize(
    ("grade", "status"),
    [("exact", "failed"), ("predicted", "changed"), ("unknown", "changed")],
)
def test_what_was_done_on_the_stage_and_is_not_there_will_not_come(tmp_path: Path, grade: str, status: str) -> None:
    def answer(_host: str, call: Call) -> dict[str, Any]:
        return {**CHANGED, "_grade": grade} if call.module == "apt" else {**LACKING, "_grade": "exact"}

    text = "- hosts: all\n  tasks:\n    - apt: {name: '{{ item }}'}\n      loop: [a, b]\n"
    text += "    - {name: last, file: {path: /x, mode: '0600'}}\n"
    seen = perform(text, tmp_path, ("h1",), answer, REHEARSE)
    assert seen.statuses("last") == {"h1": status}
    last = next(event for event in seen.events if getattr(event, "status", "") and event.task.name == "last")
    assert last.grade == ("exact" if status == "failed" else "predicted")


def test_what_a_playbook_spares_a_rehearsal_may_bring_what_lacks(tmp_path: Path) -> None:
    def answer(_host: str, _call: Call) -> dict[str, Any]:
        return {**LACKING, "_grade": "exact"}

    text = "- hosts: all\n  tasks:\n    - {copy: {content: x, dest: /x}, when: not ansible_check_mode}\n"
    text += "    - {name: last, file: {path: /x, mode: '0600'}}\n"
    assert perform(text, tmp_path, ("h1",), answer, REHEARSE).statuses("last") == {"h1": "changed"}
