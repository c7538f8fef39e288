"""Modules say what they lack where an earlier task of a dry run may bring it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.agent.runner import run_module
from confman.modules.blockinfile import blockinfile
from confman.modules.command import command
from confman.modules.file import file
from confman.modules.lineinfile import lineinfile
from confman.modules.replace import replace
from confman.modules.unarchive import unarchive

CASES: list[tuple[Any, dict[str, Any], str]] = [
    (lineinfile, {"path": "{root}/none", "line": "x"}, "{root}/none"),
    (blockinfile, {"path": "{root}/none", "block": "x"}, "{root}/none"),
    (replace, {"path": "{root}/none", "regexp": "x"}, "{root}/none"),
    (file, {"path": "{root}/none", "state": "file"}, "{root}/none"),
    (file, {"path": "{root}/new", "state": "directory", "owner": "nosuchuser"}, "the user nosuchuser"),
    (file, {"path": "{root}/new", "state": "touch", "group": "nosuchgroup"}, "the group nosuchgroup"),
    (file, {"path": "{root}/link", "src": "none", "state": "link"}, "{root}/none"),
    (file, {"path": "{root}/link", "src": "{root}/none", "state": "hard"}, "{root}/none"),
    (command, {"cmd": "pwd", "chdir": "{root}/none"}, "{root}/none"),
    (unarchive, {"src": "{root}/none", "dest": "{root}", "remote_src": True}, "{root}/none"),
]


@pytest.mark.parametrize(("module", "arguments", "lacks"), CASES)
@pytest.mark.parametrize("plan_only", [True, False])
def test_what_is_lacking_is_named(
    tmp_path: Path, module: Any, arguments: dict[str, Any], lacks: str, plan_only: bool
) -> None:
    given = {key: value.format(root=tmp_path) if isinstance(value, str) else value for key, value in arguments.items()}
    result = run_module(module, given, plan_only=plan_only, diff=False, verify=False)
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["_lacks"] == lacks.format(root=tmp_path)


def test_what_is_wrong_otherwise_is_not_lacking(tmp_path: Path) -> None:
    result = run_module(file, {"path": str(tmp_path), "state": "file"}, plan_only=True, diff=False, verify=False)
    assert result["failed"]
    assert "_lacks" not in result
