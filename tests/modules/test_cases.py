"""Every module, by its cases.

tests/modules/<module>/<topic>.yml is a list of cases:

    name      what the case shows
    args      the module's arguments; {root} is the temporary root. A mapping {blob: text} is a Blob.
    before    the file tree before (see module_world.py)
    changes   "kind path" of every change that check mode foresees, in order; [] or left out: none
    again     the same for a second run; left out: none
    after     the file tree after
    result    what the result holds (a subset); {"$re": ...} is a pattern, {"$any": true} any value, null an absent key
    check     what the result of check mode holds
    fails     a pattern of the failure's message; then nothing may have changed
    needs     root, or names of programs
    environ   environment variables

A case is three tests: check mode foresees the changes and touches nothing; applying makes them; applying again
changes nothing.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from confman.agent.runner import run_module
from confman.kit.content import Data
from tests.modules import module_world as world
from tests.modules.proofs import note, note_runs

HERE = Path(__file__).parent


def load_cases() -> list[Any]:
    """All cases as pytest parameters."""
    found = []
    for path in sorted(HERE.glob("*/*.yml")):
        for case in yaml.safe_load(path.read_text()):
            name = f"{path.parent.name}-{path.stem}-{case['name']}"
            found.append(pytest.param({"module": path.parent.name, **case}, id=name))
    return found


CASES = load_cases()


class Case:
    """A case set up in a folder of its own."""

    def __init__(self, case: dict[str, Any], root: Path) -> None:
        self.case = case
        self.root = root
        module = importlib.import_module(f"confman.modules.{case['module']}")
        self.function = getattr(module, case.get("function", case["module"]))
        world.build(root, case.get("before", {}))

    def run(self, *, check: bool = False) -> dict[str, Any]:
        """Run the module as the agent does."""
        arguments = {
            key: Data(value["blob"].encode()) if isinstance(value, dict) and set(value) == {"blob"} else value
            for key, value in world.fill(self.case.get("args", {}), self.root).items()
        }
        return run_module(self.function, arguments, plan_only=check, diff=True, verify=self.case.get("verify", True))

    def expected(self, key: str) -> list[str]:
        """Changes as the case lists them."""
        return world.fill(self.case.get(key) or [], self.root)


def foreseen(result: dict[str, Any]) -> list[str]:
    return [f"{change['kind']} {change['id']}" for change in result.get("_changes", [])]


def differences(want: Any, have: Any, where: str = "result") -> list[str]:
    """Where a result is not what was expected."""
    if isinstance(want, dict):
        if "$re" in want:
            return [] if re.search(want["$re"], str(have)) else [f"{where} is {have!r}, no {want['$re']!r}"]
        if "$any" in want:
            return [] if have is not None else [f"{where} is missing"]
        if not isinstance(have, dict):
            return [f"{where} is {have!r}, not {want!r}"]
        return [text for key, item in want.items() for text in differences(item, have.get(key), f"{where}.{key}")]
    if isinstance(want, list) and isinstance(have, list) and len(want) == len(have):
        return [text for n, item in enumerate(want) for text in differences(item, have[n], f"{where}[{n}]")]
    return [] if want == have and type(want) is type(have) else [f"{where} is {have!r}, not {want!r}"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    old = os.umask(0o022)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield Path(os.path.realpath(tmp_path))
    os.umask(old)


def prepared(case: dict[str, Any], root: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    for need in case.get("needs", []):
        if need == "root":
            if os.geteuid() != 0:
                pytest.skip("needs root")
        elif shutil.which(need) is None:
            pytest.skip(f"needs the program {need}")
    for key, value in case.get("environ", {}).items():
        monkeypatch.setenv(key, value)
    return Case(case, root)


@pytest.mark.parametrize("case", CASES)
def test_check_foresees_and_touches_nothing(case, root, monkeypatch):
    it = prepared(case, root, monkeypatch)
    before = world.tree_hash(root)
    result = it.run(check=True)
    assert world.tree_hash(root) == before
    if "fails" in case and case.get("fails_when") != "applied":
        assert result.get("failed"), result
        assert re.search(world.fill(case["fails"], root), result["msg"]), result["msg"]
        return
    assert not result.get("failed"), result
    assert foreseen(result) == it.expected("changes")
    if not result.get("skipped"):  # what nobody can foresee is skipped
        assert result["changed"] == case.get("changed", bool(case.get("changes")))
    assert differences(world.fill(case.get("check", {}), root), result) == []


@pytest.mark.parametrize("case", CASES)
def test_apply_does_it(case, root, monkeypatch):
    it = prepared(case, root, monkeypatch)
    before = world.tree_hash(root)
    foretold = it.run(check=True)
    result = it.run()
    note_runs(case["module"], foretold, result, None)
    if "fails" in case:
        assert result.get("failed"), result
        assert re.search(world.fill(case["fails"], root), result["msg"]), result["msg"]
        if not case.get("fails_when"):
            assert world.tree_hash(root) == before
    else:
        assert not result.get("failed"), result
        assert foreseen(result) == it.expected("changes")
        assert result["changed"] == case.get("changed", bool(case.get("changes")))
    assert differences(world.fill(case.get("result", {}), root), result) == []
    assert world.faults(root, case.get("after", {})) == []


@pytest.mark.parametrize("case", [case for case in CASES if "fails" not in case.values[0]])
def test_apply_again_does_nothing(case, root, monkeypatch):
    it = prepared(case, root, monkeypatch)
    it.run()
    settled = world.tree_hash(root)
    result = it.run()
    assert not result.get("failed"), result
    assert foreseen(result) == it.expected("again")
    if not case.get("again"):
        assert world.tree_hash(root) == settled
        note(case["module"], "second run")
    assert world.faults(root, case.get("after", {})) == []
