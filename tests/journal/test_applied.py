"""What real runs left hosts with."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from confman.journal.applied import last_asked, last_states
from confman.journal.database import open_to_read
from confman.journal.entries import Change
from confman.journal.reading import durations
from tests.journal.making import changed, outcome, write


def asked(path: Path) -> Any:
    with closing(open_to_read(path)) as database:
        return last_asked(database), last_states(database)


def test_the_last_run_in_which_a_task_went_well_counts(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, outcome(1, "h1", signature="old"), outcome(2, "h1", signature="b"))
    write(path, outcome(1, "h1", signature="new"), outcome(1, "h2", "changed", signature="c"))
    write(path, outcome(1, "h1", "failed", signature="bad"))
    found, _ = asked(path)
    assert found == {("h1", "task 1"): {"new"}, ("h1", "task 2"): {"b"}, ("h2", "task 1"): {"c"}}


def test_dry_runs_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, changed(1, "h1", Change("file", "/x", None, "1"), signature="a"))
    write(path, changed(1, "h1", Change("file", "/x", "1", "2"), signature="b"), check=True)
    assert asked(path) == ({("h1", "task 1"): {"a"}}, {("h1", "file", "/x"): "1"})


def test_objects_are_those_of_the_host_that_did_the_work(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, changed(1, "h1", Change("file", "/x", None, "1"), worker="h2", signature="a"))
    assert asked(path) == ({("h2", "task 1"): {"a"}}, {("h2", "file", "/x"): "1"})


def test_how_long_tasks_took(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    write(path, outcome(1, "h1", seconds=1.0), outcome(1, "h2", seconds=3.0))
    write(path, outcome(1, "h1", seconds=5.0), outcome(2, "h1", "skipped", seconds=9.0))
    write(path, outcome(1, "h1", seconds=100.0), check=True)
    with closing(open_to_read(path)) as database:
        assert durations(database) == {("site.yml:1", "task 1"): 4.0}
