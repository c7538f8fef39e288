"""Writing a run into the journal: what is about to be done before it is done, what came of it soon after."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from confman.errors import JournalError
from confman.journal.database import open_to_write, transaction
from confman.journal.entries import Intent, Outcome, Start
from confman.journal.keeping import LONGEST_DIFF, LONGEST_NOTE, kept

EVERY = 0.5
"""Seconds that outcomes wait for each other at most, while more of them come."""
DAY = 86400.0
MOST_CONTENTS = 32 * 1024 * 1024
"""Bytes of files' earlier contents, compressed, that are kept of one run."""


class Writer:
    """One run in the journal. Every method raises JournalError when the file cannot be written."""

    def __init__(self, path: Path, start: Start, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._waiting: list[Outcome] = []
        self._written = clock()
        self._playbooks: list[str] = []
        self._room = MOST_CONTENTS
        self._database = open_to_write(path)
        with self._change():
            self.run = self._begin(start)

    def playbook(self, name: str) -> None:
        """A playbook begins."""
        self._playbooks.append(name)
        with self._change():
            names = json.dumps(self._playbooks)
            self._database.execute("UPDATE runs SET playbooks = ? WHERE id = ?", (names, self.run))

    def intend(self, *intents: Intent) -> None:
        """Tasks are about to run: this is in the file before anything is asked of a host."""
        rows = [(self.run, i.number, i.play, i.name, i.action, i.place, json.dumps(i.hosts), i.at) for i in intents]
        with self._change():
            self._store()
            self._database.executemany("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def done(self, outcome: Outcome) -> None:
        """A task ended on a host."""
        self._waiting.append(outcome)
        if self._clock() - self._written > EVERY:
            with self._change():
                self._store()

    def finish(self, at: float, state: str, stats: Mapping[str, Mapping[str, int]]) -> None:
        """The run is over."""
        with self._change():
            self._store()
            row = (at, state, json.dumps(stats), self.run)
            self._database.execute("UPDATE runs SET ended = ?, state = ?, stats = ? WHERE id = ?", row)

    def forget(self, days: float, now: float) -> int:
        """Take runs out that began earlier than some days ago; how many there were."""
        with self._change():
            return forget(self._database, now - days * DAY)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def _begin(self, start: Start) -> int:
        cursor = self._database.execute(
            "INSERT INTO runs (at, state, user, machine, pid, folder, command, is_check, version, playbooks, stats)"
            " VALUES (?, 'running', ?, ?, ?, ?, ?, ?, ?, '[]', '{}')",
            (start.at, start.user, start.machine, start.pid, start.folder, json.dumps(start.command), start.check,
             start.version),
        )  # fmt: skip
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _store(self) -> None:
        outcomes, self._waiting = self._waiting, []
        self._written = self._clock()
        self._database.executemany(
            "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (self.run, o.number, o.host, o.status, o.at, o.seconds, o.ignored, o.grade, o.worker,
                 o.note[:LONGEST_NOTE], kept(o.diff, LONGEST_DIFF), o.signature)
                for o in outcomes
            ),
        )  # fmt: skip
        self._database.executemany(
            "INSERT INTO changes (run, number, host, worker, kind, object, before, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (self.run, o.number, o.host, o.worker, c.kind, c.id, kept(c.before), kept(c.after))
                for o in outcomes
                for c in o.changes
            ),
        )

        self._database.executemany(
            "INSERT INTO contents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (self.run, o.number, o.host, c.id, c.mode, c.owner, c.group, c.packed)
                for o in outcomes
                for c in o.contents
                if self._has_room(len(c.packed))
            ),
        )

    def _has_room(self, size: int) -> bool:
        self._room -= size
        return self._room >= 0

    @contextmanager
    def _change(self) -> Iterator[None]:
        try:
            with transaction(self._database):
                yield
        except sqlite3.Error as error:
            raise JournalError(f"The journal {self._path} cannot be written: {error}") from error


def forget(database: sqlite3.Connection, before: float) -> int:
    """Take out the runs that began before a time (seconds since 1970); how many there were."""
    return database.execute("DELETE FROM runs WHERE at < ?", (before,)).rowcount
