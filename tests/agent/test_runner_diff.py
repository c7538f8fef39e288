"""The shape of a result's diff, what a dry run adds, and what is told of a path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.agent.runner import joined, run_module
from confman.kit import Change, Failure, rules

STATE = {"before": {"path": "/a", "mode": "0644"}, "after": {"path": "/a", "mode": "0600"}}
OWNER = {"before": {"path": "/a", "owner": 0}, "after": {"path": "/a", "owner": 1}}
TEXT = {"before": "a", "after": "b"}
BOTH = {
    "before": {"path": "/a", "mode": "0644", "owner": 0},
    "after": {"path": "/a", "mode": "0600", "owner": 1},
}


@pytest.mark.parametrize(
    ("diffs", "shape", "expected"),
    [
        ([TEXT], None, TEXT),
        ([TEXT], "list", [TEXT]),
        ([STATE], None, STATE),
        ([STATE, OWNER], None, BOTH),
        ([STATE, OWNER], "path", BOTH),
        ([STATE, OWNER], "list", [STATE, OWNER]),
        ([TEXT, STATE], None, [TEXT, STATE]),
        ([TEXT, {}], None, TEXT),
        ([{}], None, {}),
        ([{"prepared": "x"}], None, {"prepared": "x"}),
    ],
)
def test_diffs_become_one_where_they_can(diffs: list[dict[str, Any]], shape: str | None, expected: Any) -> None:
    assert joined(diffs, shape) == expected


@rules(diff="path")
def attributes(path: str, changes: int = 0):
    for number in range(changes):
        yield Change("mode", path, before=number, after=number + 1, do=dict, diff=STATE, once=True)
    return {"path": path}


def test_the_path_is_told_even_when_nothing_changes():
    assert run_module(attributes, {"path": "/none"}, diff=True)["diff"] == {
        "before": {"path": "/none"},
        "after": {"path": "/none"},
    }
    assert "diff" not in run_module(attributes, {"path": "/none"})
    assert run_module(attributes, {"path": "/a", "changes": 2}, diff=True)["diff"] == STATE


def own(fails: bool = False):
    yield Change("x", "y", do=lambda: {"rc": 3}, once=True)
    if fails:
        raise Failure("no", dest="/")
    return {"diff": {"before": "1"}, "changed": True, "_foreseen": {"skipped": True, "changed": False}}


@pytest.mark.parametrize("wanted", [False, True])
def test_a_diff_of_its_own_stays(wanted: bool):
    assert run_module(own, {}, diff=wanted)["diff"] == {"before": "1"}


def test_only_a_dry_run_tells_what_is_foreseen():
    dry, real = run_module(own, {}, plan_only=True), run_module(own, {})
    assert (dry["skipped"], dry["changed"]) == (True, False)
    assert (real.get("skipped"), real["changed"], real["rc"]) == (None, True, 3)
    assert "_foreseen" not in {**dry, **real}


def test_a_path_is_described(tmp_path: Path):
    (tmp_path / "f").write_text("abc")
    told = run_module(attributes, {"path": str(tmp_path / "f")})
    assert (told["size"], told["state"], told["mode"]) == (3, "file", "0644")
    assert "size" not in run_module(attributes, {"path": "/none"})


def test_a_failure_describes_it_too():
    assert run_module(own, {"fails": True})["state"] == "directory"
