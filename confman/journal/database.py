"""The journal's file: an SQLite database in WAL mode that only its owner can read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from confman.errors import JournalError
from confman.vault.storage import make_private

VERSION = 3
PATIENCE = 5.0
"""Seconds to wait for another program that writes."""
SCHEMA = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, ended REAL, state TEXT NOT NULL, user TEXT NOT NULL,
    machine TEXT NOT NULL, pid INTEGER NOT NULL, folder TEXT NOT NULL, command TEXT NOT NULL, is_check INTEGER NOT NULL,
    version TEXT NOT NULL, playbooks TEXT NOT NULL, stats TEXT NOT NULL
);
CREATE TABLE tasks (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL, play TEXT NOT NULL,
    name TEXT NOT NULL, action TEXT NOT NULL, place TEXT NOT NULL, hosts TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE outcomes (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL, host TEXT NOT NULL,
    status TEXT NOT NULL, at REAL NOT NULL, seconds REAL NOT NULL, ignored INTEGER NOT NULL, grade TEXT NOT NULL,
    worker TEXT NOT NULL, note TEXT NOT NULL, diff TEXT, signature TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run, number, host)
) WITHOUT ROWID;
CREATE TABLE changes (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL,
    host TEXT NOT NULL, worker TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL, before TEXT, after TEXT
);
CREATE TABLE contents (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, number INTEGER NOT NULL, host TEXT NOT NULL,
    object TEXT NOT NULL, mode TEXT NOT NULL, owner TEXT NOT NULL, grp TEXT NOT NULL, content BLOB NOT NULL
);
CREATE INDEX contents_of_run ON contents (run, host);
CREATE INDEX changes_of_run ON changes (run, number, host);
CREATE INDEX changes_of_object ON changes (object);
"""


STEPS = {
    1: ("ALTER TABLE outcomes ADD COLUMN signature TEXT NOT NULL DEFAULT ''",),
    2: tuple(statement for statement in SCHEMA.split(";") if "contents" in statement),
}
"""What makes a journal of an older format one of the next."""


def open_to_write(path: Path) -> sqlite3.Connection:
    """The journal, made if it is not there. Raises JournalError."""
    with _told(path):
        make_private(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        database = _connect(path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        with transaction(database):
            for statement in _lacking(_version(database)):
                database.execute(statement)
        _check(database, path)
        return database


def _lacking(found: int) -> Iterator[str]:
    """What makes a journal of another format, or an empty file, one of ours."""
    if found == 0:
        yield from filter(str.strip, SCHEMA.split(";"))
    elif found < VERSION:
        yield from (statement for version in range(found, VERSION) for statement in STEPS[version])
    if found < VERSION:
        yield f"PRAGMA user_version = {VERSION}"


def open_to_read(path: Path) -> sqlite3.Connection:
    """The journal as it is. Raises JournalError, also when there is none."""
    if not path.is_file():
        raise JournalError(f"There is no journal yet at {path}", hint="`confman play` and `confman run` write it")
    with _told(path):
        older = _connect(path)
        version = _version(older)
        older.close()
        if version in STEPS:
            open_to_write(path).close()
        database = _connect(path)
        _check(database, path)
        return database


@contextlib.contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of what is done inside, or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    database.execute("PRAGMA foreign_keys = ON")
    return database


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _check(database: sqlite3.Connection, path: Path) -> None:
    found = _version(database)
    if found != VERSION:
        database.close()
        hint = "a newer confman wrote it" if found > VERSION else "it is no journal of confman"
        raise JournalError(f"The journal {path} has format {found}, not {VERSION}", hint=hint)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise JournalError(f"The journal {path} cannot be used: {what}") from error
