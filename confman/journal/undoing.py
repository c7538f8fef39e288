"""What the journal has of a run for one who wants to undo it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from typing import Any

from confman.errors import JournalError
from confman.journal.entries import Change, Content
from confman.journal.keeping import LONGEST_CONTENT, back
from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """A change that a run made on a host: the task's action, the change, and what the file was before, if known."""

    host: str
    task: str
    action: str
    change: Change
    content: Content | None = None


def made_by(database: sqlite3.Connection, run: int) -> Iterator[Made]:
    """The changes of a run, in order. Raises JournalError where something in it cannot be read."""
    contents = {(number, host, kept.id): kept for number, host, kept in _contents(database, run)}
    query = (
        "SELECT changes.number, changes.host, worker, kind, object, before, after, name, action FROM changes"
        " JOIN tasks ON tasks.run = changes.run AND tasks.number = changes.number"
        " WHERE changes.run = ? ORDER BY changes.id"
    )
    for number, host, worker, kind, name, before, after, task, action in database.execute(query, (run,)):
        change = Change(kind, name, _back(before), _back(after))
        yield Made(worker or host, task, action, change, contents.get((number, host, name)))


def _back(text: str | None) -> Any:
    try:
        return back(text)
    except json.JSONDecodeError as error:
        raise JournalError(f"The journal cannot be read: {error}") from error


def _contents(database: sqlite3.Connection, run: int) -> Iterator[tuple[int, str, Content]]:
    query = "SELECT number, host, object, mode, owner, grp, content FROM contents WHERE run = ?"
    for number, host, *told in database.execute(query, (run,)):
        yield number, host, Content(*told)


def unpacked(content: Content) -> bytes:
    """What was in a file. Raises JournalError where that is no more to be had."""
    try:
        return zlib.decompressobj().decompress(content.packed, LONGEST_CONTENT)
    except zlib.error as error:
        raise JournalError(f"What was in {content.id} cannot be read from the journal: {error}") from error
