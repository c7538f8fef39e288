"""Every task of the tables, in check mode, for good and again: what confman does beside what ansible-core does.

`make test-modules` runs them all; a row that differs says in `differs` which part does, and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.lab.needs import missing
from tests.modules.proofs import MODULES, note_runs
from tests.modules.stories import debian_host
from tests.modules.twins import running
from tests.modules.twins.comparing import compared

HERE = sorted(path.stem for path in running.TABLES.glob("*.yml") if path.stem not in running.ON_HOSTS)
Pair = tuple[running.Table, dict[str, Any], dict[str, Any]]
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not running.REFERENCE.exists(), reason="needs ansible-core beside us"),
]


def faults(table: running.Table, theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """All that differs without a reason."""
    found = []
    for number, row in enumerate(table.rows):
        known = row.get("differs", {})
        show(row, [ours.get(f"{kind}_{number}", {}) for kind in running.KINDS])
        for kind in running.KINDS:
            name = f"{kind}_{number}"
            if name in theirs:
                unknown = [each for each in compared(theirs[name], ours[name]) if each[0].split(".")[0] not in known]
                found += [f"{number} {kind} {row}: {where}: {one!r} {other!r}" for where, one, other in unknown]
    return found


def show(row: dict[str, Any], results: list[dict[str, Any]]) -> None:
    """Count a row of a module for the table of what tests show."""
    module = next(iter(row))
    if module in MODULES and all(results):
        note_runs(module, *results)


@pytest.mark.parametrize("name", HERE)
def test_tasks_here(name: str, tmp_path: Path) -> None:
    table = running.Table.read(name, tmp_path / "work")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    theirs, ours = running.theirs(table, tmp_path / "theirs"), running.ours(table, tmp_path / "ours")
    assert faults(table, theirs, ours) == []
    differing = {
        path for path in {*theirs["tree"], *ours["tree"]} if theirs["tree"].get(path) != ours["tree"].get(path)
    }
    assert differing <= table.moving


@pytest.mark.lab
@pytest.mark.packages
@pytest.mark.parametrize("name", running.ON_HOSTS)
def test_tasks_on_hosts(name: str, tmp_path: Path, bases: Path) -> None:
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    table = running.Table.read(name, Path("/t"))
    results = []
    for program in ([str(running.REFERENCE)], [*running.PROGRAM, "play"]):
        folder = tmp_path / str(len(results))
        folder.mkdir()
        with debian_host(folder / "lab", bases, "t1", disk=2 << 30) as hosts:
            hosts.shell("t1", running.INSTALL, timeout=600)
            results.append(running.run_on(table, folder, program, hosts, "t1"))
    assert faults(table, *results) == []


def test_every_reason_is_one() -> None:
    """`differs` maps a part of a result to why it differs."""
    for path in running.TABLES.glob("*.yml"):
        for row in running.Table.read(path.stem, Path("/t")).rows:
            assert all(len(str(reason).split()) >= 2 for reason in row.get("differs", {}).values()), row


def test_the_folder_of_a_run_is_no_difference(tmp_path: Path) -> None:
    """What a run says of files beside its playbook names its own folder, which the other one has not got."""
    said = [running.results(f'{{"a": {{"src": "{folder}/x"}}}}', folder) for folder in (tmp_path / "1", tmp_path / "2")]
    assert said[0] == said[1] == {"a": {"src": "/RUN/x"}}
