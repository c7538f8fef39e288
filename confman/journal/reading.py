"""Reading the journal."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from collections.abc import Iterator

from confman.errors import JournalError
from confman.journal.entries import Change, Intent, Outcome, Run, Start, Task, Touch
from confman.journal.keeping import back

_RUN = "SELECT id, at, ended, state, user, machine, pid, folder, command, is_check, version, playbooks, stats FROM runs"


def latest(database: sqlite3.Connection, most: int) -> list[Run]:
    """The last runs, the newest first."""
    return [_run(row) for row in database.execute(f"{_RUN} ORDER BY id DESC LIMIT ?", (most,))]


def run_of(database: sqlite3.Connection, number: int) -> Run:
    """One run. Raises JournalError when there is none of that number."""
    row = database.execute(f"{_RUN} WHERE id = ?", (number,)).fetchone()
    if row is not None:
        return _run(row)
    last = database.execute("SELECT max(id) FROM runs").fetchone()[0]
    hint = f"the last one is {last}" if last else "the journal is empty"
    raise JournalError(f"There is no run {number} in the journal", hint=hint)


def tasks_of(database: sqlite3.Connection, run: Run, host: str = "") -> list[Task]:
    """The tasks of a run in their order, with what became of them on every host, or on one only.

    A host that began a task and of which nothing more is known is in doubt, unless the run still goes on.
    """
    found: dict[int, list[Outcome]] = {}
    changes = _changes(database, run.id, host)
    for outcome in _outcomes(database, run.id, host, changes):
        found.setdefault(outcome.number, []).append(outcome)
    tasks = []
    for intent in _intents(database, run.id):
        outcomes = found.get(intent.number, [])
        doubts = list(_doubts(run, intent, {each.host for each in outcomes}, host))
        if outcomes or doubts or not host:
            tasks.append(Task(intent, (*outcomes, *doubts)))
    return tasks


def touches(database: sqlite3.Connection, object_id: str, host: str = "") -> list[Touch]:
    """Every change of an object, the newest first."""
    query = (
        "SELECT runs.id, runs.at, runs.is_check, runs.user, coalesce(nullif(changes.worker, ''), changes.host),"
        " tasks.name, tasks.place, kind, before, after FROM changes JOIN runs ON runs.id = changes.run"
        " JOIN tasks ON tasks.run = changes.run AND tasks.number = changes.number WHERE object = ?1"
        " AND (?2 = '' OR changes.host = ?2 OR changes.worker = ?2) ORDER BY changes.id DESC"
    )
    return [
        Touch(run, at, bool(check), user, where, task, place, Change(kind, object_id, back(before), back(after)))
        for run, at, check, user, where, task, place, kind, before, after in database.execute(query, (object_id, host))
    ]


def durations(database: sqlite3.Connection, runs: int = 50) -> dict[tuple[str, str], float]:
    """How long tasks took in the last real runs, in seconds on the slowest host, by place and name."""
    query = (
        "SELECT place, name, avg(slowest) FROM (SELECT tasks.run, place, name, max(seconds) AS slowest FROM tasks"
        " JOIN outcomes ON outcomes.run = tasks.run AND outcomes.number = tasks.number"
        " WHERE tasks.run IN (SELECT id FROM runs WHERE NOT is_check ORDER BY id DESC LIMIT ?) AND status != 'skipped'"
        " GROUP BY tasks.run, tasks.number) GROUP BY place, name"
    )
    return {(place, name): seconds for place, name, seconds in database.execute(query, (runs,))}


def _run(row: tuple[object, ...]) -> Run:
    number, at, ended, state, user, machine, pid, folder, command, check, version, playbooks, stats = row
    assert isinstance(number, int)
    start = Start(
        at=float(str(at)), user=str(user), machine=str(machine), pid=int(str(pid)), folder=str(folder),
        command=tuple(json.loads(str(command))), check=bool(check), version=str(version),
    )  # fmt: skip
    if state == "running" and not _lives(start):
        state = "lost"
    end = None if ended is None else float(str(ended))
    return Run(number, start, tuple(json.loads(str(playbooks))), end, str(state), json.loads(str(stats)))


def _lives(start: Start) -> bool:
    """Whether the controller of a run is still there, as far as this machine can tell."""
    if start.machine != platform.node():
        return True
    try:
        os.kill(start.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _intents(database: sqlite3.Connection, run: int) -> Iterator[Intent]:
    query = "SELECT number, play, name, action, place, hosts, at FROM tasks WHERE run = ? ORDER BY number"
    for number, play, name, action, place, hosts, at in database.execute(query, (run,)):
        yield Intent(number, play, name, action, place, tuple(json.loads(hosts)), at)


def _outcomes(
    database: sqlite3.Connection, run: int, host: str, changes: dict[tuple[int, str], list[Change]]
) -> Iterator[Outcome]:
    query = (
        "SELECT number, host, status, at, seconds, ignored, grade, worker, note, signature, diff FROM outcomes"
        " WHERE run = ?1 AND (?2 = '' OR host = ?2) ORDER BY number, at"
    )
    for number, name, *told, diff in database.execute(query, (run, host)):
        status, at, seconds, ignored, grade, worker, note, signature = told
        yield Outcome(
            number, name, status, at, seconds, bool(ignored), grade, worker, note, signature,
            tuple(changes.get((number, name), ())), back(diff),
        )  # fmt: skip


def _changes(database: sqlite3.Connection, run: int, host: str) -> dict[tuple[int, str], list[Change]]:
    found: dict[tuple[int, str], list[Change]] = {}
    query = (
        "SELECT number, host, kind, object, before, after FROM changes"
        " WHERE run = ?1 AND (?2 = '' OR host = ?2) ORDER BY id"
    )
    for number, name, kind, object_id, before, after in database.execute(query, (run, host)):
        found.setdefault((number, name), []).append(Change(kind, object_id, back(before), back(after)))
    return found


def _doubts(run: Run, intent: Intent, known: set[str], host: str) -> Iterator[Outcome]:
    if run.state not in {"interrupted", "lost"}:
        return
    for name in intent.hosts:
        if name not in known and host in {"", name}:
            yield Outcome(intent.number, name, "doubt", intent.at)
