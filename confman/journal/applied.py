"""What real runs left hosts with, as the journal knows it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from confman.journal.keeping import back

Asked = Mapping[tuple[str, str], frozenset[str]]
"""By host and task: the signatures of what was asked when it last went well."""
States = Mapping[tuple[str, str, str], Any]
"""By host, kind and name of an object: what it became when a run last changed it."""


def last_asked(database: sqlite3.Connection) -> Asked:
    """What each task asked of each host in the last real run in which it went well there."""
    query = (
        "SELECT coalesce(nullif(worker, ''), host), tasks.name, outcomes.run, signature FROM outcomes"
        " JOIN tasks ON tasks.run = outcomes.run AND tasks.number = outcomes.number JOIN runs ON runs.id = outcomes.run"
        " WHERE NOT is_check AND status IN ('ok', 'changed') AND signature != '' ORDER BY outcomes.run"
    )
    found: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for host, task, run, signature in database.execute(query):
        last, signatures = found.get((host, task), (run, set()))
        found[host, task] = (run, {signature, *(signatures if last == run else ())})
    return {key: frozenset(signatures) for key, (_run, signatures) in found.items()}


def last_states(database: sqlite3.Connection) -> States:
    """What each object became when a real run last changed it."""
    query = (
        "SELECT coalesce(nullif(worker, ''), host), kind, object, after FROM changes JOIN runs ON runs.id = changes.run"
        " WHERE NOT is_check ORDER BY changes.id"
    )
    return {(host, kind, name): back(after) for host, kind, name, after in database.execute(query)}
