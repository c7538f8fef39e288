"""What `failed_when` makes of a result."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.stage import perform


@pytest.mark.parametrize(("failed", "kept"), [(True, "(traceback unavailable)"), (False, "none")])
def test_a_failure_that_is_overruled_leaves_a_trace(tmp_path: Path, failed: bool, kept: str) -> None:
    text = "- hosts: all\n  tasks:\n    - {command: x, register: r, failed_when: false}\n"
    text += "    - debug: {msg: \"{{ r.failed_when_suppressed_exception | default('none') }}\"}\n"
    seen = perform(text, tmp_path, ("h1",), lambda _host, _call: {"failed": failed, "rc": int(failed)})
    assert seen.messages() == [kept]


@pytest.mark.parametrize(("told", "msg"), [({"msg": "own"}, "own"), ({}, "Task failed: Action failed: Unknown error.")])
def test_what_fails_by_its_condition_has_a_message(tmp_path: Path, told: dict[str, str], msg: str) -> None:
    text = "- hosts: all\n  tasks:\n    - {command: x, register: r, failed_when: true, ignore_errors: true}\n"
    seen = perform(text + "    - debug: {msg: '{{ r.msg }}'}\n", tmp_path, ("h1",), lambda _host, _call: dict(told))
    assert seen.messages() == [msg]
