"""What is written of a run, and what is found again."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from confman.errors import JournalError
from confman.journal.database import open_to_read
from confman.journal.entries import Change, Run, Task
from confman.journal.reading import latest, run_of, tasks_of, touches
from confman.journal.writing import DAY, EVERY, Writer
from tests.journal.making import changed, intent, outcome, start, write


def read(path: Path, number: int = 1, host: str = "") -> tuple[Run, list[Task]]:
    """A run and its tasks."""
    with closing(open_to_read(path)) as database:
        run = run_of(database, number)
        return run, tasks_of(database, run, host)


def ends(tasks: list[Task]) -> list[tuple[str, str, str]]:
    """Task, host and status."""
    return [(task.intent.name, each.host, each.status) for task in tasks for each in task.outcomes]


def test_a_run_is_found_again_as_it_was(tmp_path: Path) -> None:
    done = (
        outcome(1, "h1", seconds=1.5, worker="gate"),
        outcome(1, "h2", "failed", ignored=True, note="no space"),
        changed(2, "h1", Change("package", "nginx", None, "1.22"), Change("unit", "nginx", "dead", {"unknown": True})),
        changed(2, "h2", diff={"before": "a", "after": "b"}, grade="exact"),
    )
    write(tmp_path / "j", *done)
    run, tasks = read(tmp_path / "j")
    assert run == Run(1, start(), ("site.yml",), 1100.0, "done", {"h1": {"ok": 1, "changed": 1, "failed": 0}})
    assert [task.intent for task in tasks] == [intent(1), intent(2)]
    assert tuple(each for task in tasks for each in task.outcomes) == done


def test_a_run_on_one_host(tmp_path: Path) -> None:
    write(tmp_path / "j", outcome(1, "h1"), changed(2, "h2"), changed(3, "h1"))
    assert ends(read(tmp_path / "j", host="h1")[1]) == [("task 1", "h1", "ok"), ("task 3", "h1", "changed")]
    assert read(tmp_path / "j", host="h9")[1] == []


def test_a_run_that_there_is_not(tmp_path: Path) -> None:
    write(tmp_path / "j")
    with pytest.raises(JournalError, match="no run 7") as raised:
        read(tmp_path / "j", 7)
    assert raised.value.hint == "the last one is 1"


def test_the_newest_runs_come_first(tmp_path: Path) -> None:
    for _ in range(4):
        write(tmp_path / "j")
    with closing(open_to_read(tmp_path / "j")) as database:
        assert [run.id for run in latest(database, 3)] == [4, 3, 2]


def test_what_is_intended_is_written_before_anything_is_done(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "j", start(pid=os.getpid(), machine=platform.node()))
    writer.intend(intent(1))
    run, tasks = read(tmp_path / "j")
    assert run.state == "running"
    assert [task.intent for task in tasks] == [intent(1)]
    assert ends(tasks) == []


def test_outcomes_are_written_together_but_soon(tmp_path: Path) -> None:
    now = [0.0]
    writer = Writer(tmp_path / "j", start(), clock=lambda: now[0])
    writer.intend(intent(1))
    writer.done(outcome(1, "h1"))
    assert ends(read(tmp_path / "j")[1]) == []
    now[0] += EVERY + 0.01
    writer.done(outcome(1, "h2"))
    assert ends(read(tmp_path / "j")[1]) == [("task 1", "h1", "ok"), ("task 1", "h2", "ok")]


def test_what_a_killed_controller_had_begun_is_in_doubt(tmp_path: Path) -> None:
    code = (
        "import os, platform, signal, sys; from pathlib import Path; from tests.journal.making import *\n"
        "writer = Writer(Path(sys.argv[1]), start(pid=os.getpid(), machine=platform.node()))\n"
        "writer.intend(intent(1)); writer.done(changed(1, 'h1')); writer.done(outcome(1, 'h2'))\n"
        "writer.intend(intent(2)); writer.done(outcome(2, 'h1'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "j")], check=False, timeout=60)
    assert done.returncode == -9
    run, tasks = read(tmp_path / "j")
    assert run.state == "lost"
    assert ends(tasks) == [
        ("task 1", "h1", "changed"),
        ("task 1", "h2", "ok"),
        ("task 2", "h1", "doubt"),
        ("task 2", "h2", "doubt"),
    ]
    assert ends(read(tmp_path / "j", host="h2")[1]) == [("task 1", "h2", "ok"), ("task 2", "h2", "doubt")]


def test_of_another_machine_s_run_nobody_knows_whether_it_lives(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "j", start(machine="elsewhere", pid=2**22 + 1))
    writer.intend(intent(1))
    assert read(tmp_path / "j")[0].state == "running"


@pytest.mark.parametrize(("state", "told"), [("done", 0), ("failed", 0), ("interrupted", 1)])
def test_only_what_ended_early_leaves_doubts(tmp_path: Path, state: str, told: int) -> None:
    write(tmp_path / "j", outcome(1, "h1"), state=state)
    assert [status for _, _, status in ends(read(tmp_path / "j")[1])] == ["ok"] + ["doubt"] * told


def test_every_change_of_an_object_the_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path, changed(1, "h1"), changed(2, "h2", Change("file", "/etc/other")))
    write(path, changed(1, "h1", worker="gate"), changed(1, "h2"), check=True, user="ben")
    with closing(open_to_read(path)) as database:
        found = [(each.run, each.host, each.user, each.check, each.task) for each in touches(database, "/etc/a")]
        assert found == [(2, "h2", "ben", True, "task 1"), (2, "gate", "ben", True, "task 1"),
                         (1, "h1", "anna", False, "task 1")]  # fmt: skip
        assert [each.run for each in touches(database, "/etc/a", "gate")] == [2]
        assert [each.run for each in touches(database, "/etc/a", "h2")] == [2]
        assert touches(database, "/etc/none") == []


def test_old_runs_are_forgotten_with_all_that_they_did(tmp_path: Path) -> None:
    path = tmp_path / "j"
    for day in range(5):
        write(path, changed(1, "h1"), at=day * DAY)
    writer = Writer(path, start(at=5 * DAY))
    assert writer.forget(2.5, 5 * DAY) == 3
    with closing(open_to_read(path)) as database:
        assert [run.id for run in latest(database, 9)] == [6, 5, 4]
        for table in ("tasks", "outcomes", "changes"):
            assert database.execute(f"SELECT DISTINCT run FROM {table}").fetchall() == [(4,), (5,)]
