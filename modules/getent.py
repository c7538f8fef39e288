"""Entries of the system's databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit import Change, Failure
from confman.kit.commands import run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_WITH_COLONS = ("passwd", "shadow", "group", "gshadow")
_REASONS = {
    1: "Missing arguments, or database unknown.",
    2: "One or more supplied key could not be found in the database.",
    3: "Enumeration not supported on this database.",
}


def getent(
    database: str,
    key: str | None = None,
    service: str | None = None,
    split: str | None = None,
    fail_key: bool = True,
) -> Generator[Change, None, dict[str, Any]]:
    """Look up users, groups, hosts, services and the like; the entries become facts.

    Args:
        database: passwd, group, hosts, services, protocols, networks ...
        key: The entry; default: all that the database lists.
        service: Ask this service only: files, ldap, dns ...
        split: What separates the fields; default: a colon or white space, as the database has it.
        fail_key: Fail when there is no such entry; else it is null.

    Returns:
        ansible_facts: getent_DATABASE: a mapping from each entry's first field to the list of its others; where
            several entries begin alike, a list of such lists.

    Examples:
        - getent:
            database: passwd
            key: root
        - getent:
            database: group
            split: ":"
        - getent:
            database: hosts
            key: example.com
            fail_key: false

    Platforms: any with the program getent.
    """
    yield from ()
    done = run(_arguments(database, key, service), timeout=300)
    name = "getent_" + database
    if done.rc == 0:
        separator = ":" if split is None and database in _WITH_COLONS else split
        return {"ansible_facts": {name: parse_entries(done.out.splitlines(), separator)}}
    reason = _REASONS.get(done.rc, done.err.strip() or "getent ended with rc {}".format(done.rc))
    if done.rc == 2 and not fail_key:
        return {"ansible_facts": {name: {key: None}}, "msg": reason}
    raise Failure(reason, database=database, key=key, rc=done.rc)


def _arguments(database: str, key: str | None, service: str | None) -> list[str]:
    words = [database] if key is None else [database, key]
    for word in words:
        if word.startswith("-"):
            raise Failure("{!r} begins with a dash, which no database or key does".format(word))
    return [need("getent"), *(["-s", service] if service else []), "--", *words]


def parse_entries(lines: Iterable[str], separator: str | None) -> dict[str, Any]:
    """Entries by their first field."""
    found = {}  # type: dict[str, list[list[str]]]
    for line in lines:
        fields = line.split(separator)
        if fields:
            found.setdefault(fields[0], []).append(fields[1:])
    return {key: entries[0] if len(entries) == 1 else entries for key, entries in found.items()}
