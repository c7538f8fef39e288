"""Events become entries of the journal."""

from __future__ import annotations

import hashlib
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from confman.errors import JournalError
from confman.journal.database import open_to_read
from confman.journal.entries import Change, Run, Task
from confman.journal.reading import latest, tasks_of
from confman.journal.writing import Writer
from confman.model.event import (
    Event,
    HostDone,
    HostStats,
    Message,
    PlaybookStarted,
    PlayStarted,
    RunDone,
    TaskInfo,
    TaskStarted,
)
from confman.model.source import Source
from confman.sinks.journal import Journal, _contents
from tests.journal.making import start

COPY = TaskInfo(1, "the page", "copy", Source("site.yml", 7, 5), role="web")
FILE = {"kind": "file", "id": "/srv/a", "before": None, "after": {"sha1": "x"}}


def done(host: str, status: Any = "ok", task: TaskInfo = COPY, **more: Any) -> HostDone:
    result = more.pop("result", {})
    return HostDone(host, task, status, result, seconds=0.5, **more)


def told(path: Path, *events: Event, diffs: bool = False) -> tuple[Run, list[Task]]:
    """What the journal has after these events."""
    complaints: list[str] = []
    journal = Journal(lambda: Writer(path, start()), complaints.append, diffs=diffs)
    for event in (PlaybookStarted("site.yml"), PlayStarted("Web", ("h1", "h2")), *events):
        journal(event)
    assert complaints == []
    with closing(open_to_read(path)) as database:
        run = latest(database, 1)[0]
        return run, tasks_of(database, run)


def test_a_run(tmp_path: Path) -> None:
    run, tasks = told(
        tmp_path / "j",
        TaskStarted(COPY, ("h1", "h2")),
        done("h1", "changed", changes=(FILE,)),
        done("h2", "failed", result={"msg": "no space"}, ignored=True, delegated="gate", grade="exact"),
        RunDone({"h1": HostStats(ok=1, changed=1), "h2": HostStats(ok=1, ignored=1)}),
    )
    assert (run.state, run.playbooks) == ("done", ("site.yml",))
    assert run.stats["h1"]["changed"] == 1
    (task,) = tasks
    assert (task.intent.play, task.intent.name, task.intent.action) == ("Web", "web : the page", "copy")
    assert (task.intent.place, task.intent.hosts) == ("site.yml:7", ("h1", "h2"))
    first, second = task.outcomes
    assert (first.status, first.changes, first.seconds) == (
        "changed",
        (Change("file", "/srv/a", None, {"sha1": "x"}),),
        0.5,
    )
    assert (second.status, second.note, second.ignored) == ("failed", "no space", True)
    assert (second.worker, second.grade, second.changes) == ("gate", "exact", ())


def test_how_a_run_ends(tmp_path: Path) -> None:
    ends = {
        "done": RunDone({"h1": HostStats(ok=1)}),
        "failed": RunDone({"h1": HostStats(unreachable=1)}),
        "interrupted": RunDone({"h1": HostStats(failed=1)}, whole=False),
    }
    assert {told(tmp_path / name, event)[0].state: name for name, event in ends.items()} == {n: n for n in ends}


def test_the_same_task_in_another_play_is_another_task(tmp_path: Path) -> None:
    again = (TaskStarted(COPY, ("h1",)), done("h1"))
    _, tasks = told(tmp_path / "j", *again, PlayStarted("Again", ("h1",)), *again, RunDone({}))
    assert [(task.intent.number, task.intent.play, len(task.outcomes)) for task in tasks] == [
        (1, "Web", 1),
        (2, "Again", 1),
    ]


def test_an_end_without_a_beginning_is_kept_too(tmp_path: Path) -> None:
    _, tasks = told(tmp_path / "j", done("h1", "changed"), RunDone({}))
    assert [(task.intent.name, task.outcomes[0].status) for task in tasks] == [("web : the page", "changed")]


def test_differences_are_kept_where_they_are_shown(tmp_path: Path) -> None:
    events = (TaskStarted(COPY, ("h1",)), done("h1", "changed", result={"diff": {"prepared": "+a"}}), RunDone({}))
    for name, kept in (("with", {"prepared": "+a"}), ("without", None)):
        _, tasks = told(tmp_path / name, *events, diffs=kept is not None)
        assert tasks[0].outcomes[0].diff == kept


def test_nothing_begins_without_a_playbook(tmp_path: Path) -> None:
    journal = Journal(lambda: Writer(tmp_path / "j", start()), print)
    for event in (Message("warning", "careful"), TaskStarted(COPY, ("h1",)), done("h1"), RunDone({})):
        journal(event)
    assert not (tmp_path / "j").exists()


def test_a_journal_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    complaints: list[str] = []
    journal = Journal(lambda: Writer(tmp_path / "file" / "j", start()), complaints.append)
    for event in (PlaybookStarted("a"), PlaybookStarted("b"), TaskStarted(COPY, ("h1",)), done("h1"), RunDone({})):
        journal(event)
    assert len(complaints) == 1
    assert "cannot be used" in complaints[0]
    assert "The run goes on" in complaints[0]


def test_a_disk_that_fills_up_on_the_way(tmp_path: Path) -> None:
    complaints: list[str] = []

    class Full(Writer):
        def intend(self, intent: Any) -> None:
            raise JournalError("The journal j cannot be written: database or disk is full")

    journal = Journal(lambda: Full(tmp_path / "j", start()), complaints.append)
    for event in (PlaybookStarted("a"), TaskStarted(COPY, ("h1",)), done("h1"), RunDone({})):
        journal(event)
    (text,) = complaints
    assert text.startswith("The journal j cannot be written: database or disk is full. The run goes on")


def test_old_runs_are_forgotten_at_the_end(tmp_path: Path) -> None:
    told(tmp_path / "j", RunDone({}))
    journal = Journal(lambda: Writer(tmp_path / "j", start(at=4e9)), print, days=30)
    for event in (PlaybookStarted("a"), RunDone({})):
        journal(event)
    with closing(open_to_read(tmp_path / "j")) as database:
        assert [run.id for run in latest(database, 9)] == [2]


@pytest.mark.parametrize(
    ("was", "kept"),
    [
        ({"text": "old\n", "sha1": "4f2f8e2ac2bd1ba6ba0a4b6da3d0da1d4ae4f4f9"}, False),
        ({"text": "old\n", "sha1": hashlib.sha1(b"old\n").hexdigest()}, True),
        ({"text": "caf\udce9", "sha1": hashlib.sha1(b"caf\xe9").hexdigest()}, True),
        ("no mapping", False),
        (None, False),
    ],
    ids=["masked meanwhile", "whole", "bytes", "nonsense", "nothing"],
)
def test_what_files_were_is_kept_if_no_secret_was_taken_out(was: object, kept: bool) -> None:
    change = {"kind": "file", "id": "/x", "before": None, "after": None, "was": was}
    found = list(_contents([change]))
    assert bool(found) is kept
    if kept and isinstance(was, dict):
        assert zlib.decompress(found[0].packed) == was["text"].encode("utf-8", "surrogateescape")
