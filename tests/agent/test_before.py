"""What a file was before it is changed: kept only if it is small and everybody may read it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from confman.agent.before import before_of
from confman.agent.runner import run_module
from confman.kit.change import Change


@pytest.mark.parametrize(
    ("mode", "most", "kind", "kept"),
    [
        (0o644, 100, "file", True),
        (0o640, 100, "file", False),
        (0o600, 100, "file", False),
        (0o644, 3, "file", False),
        (0o644, 4, "file", True),
        (0o644, 0, "file", False),
        (0o644, 100, "unit", False),
    ],
)
def test_which_files_are_kept(tmp_path: Path, mode: int, most: int, kind: str, kept: bool) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"ol\xe9\n")
    path.chmod(mode)
    found = before_of(kind, str(path), most)
    assert (found is not None) is kept
    if found:
        assert (found["text"], found["mode"]) == ("ol\udce9\n", "0644")
        assert found["sha1"] == hashlib.sha1(b"ol\xe9\n").hexdigest()


def test_only_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe", 0o644)
    for path in ("link", "pipe", "nothing", "."):
        assert before_of("file", str(tmp_path / path), 10_000) is None


@pytest.mark.parametrize(("keep", "kept"), [(0, False), (100, True)])
@pytest.mark.parametrize("plan_only", [True, False])
def test_a_change_tells_what_was_there(tmp_path: Path, keep: int, kept: bool, plan_only: bool) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o644)

    def module() -> Any:
        if path.read_text() == "old":
            yield Change("file", str(path), before="old", after="new", do=lambda: path.write_text("new") and None)

    (record,) = run_module(module, {}, plan_only=plan_only, keep=keep)["_changes"]
    assert record.get("was", {}).get("text") == ("old" if kept and not plan_only else None)
