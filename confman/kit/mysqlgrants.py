"""Privileges of MySQL's users: as modules are asked for them, as servers tell of them, and the way between."""

from __future__ import annotations

import re
from typing import Any

from confman.kit.change import Failure
from confman.kit.mysql import identifier

_GRANT = re.compile(r"^GRANT (.+?) ON (?:(FUNCTION|PROCEDURE) )?(?:TABLE )?(\S.*?) TO ", re.IGNORECASE)
_COMMA = re.compile(r",\s*(?![^()]*\))")
_COLUMNS = re.compile(r"^([A-Z ]+?)\s*\((.*)\)$", re.IGNORECASE)
_WORD = re.compile(r"^[A-Z_ ]+(\(.*\))?$")
_EVERYTHING = ("ALL", "ALL PRIVILEGES")


def parse_wanted(priv: Any) -> dict[str, set[str]]:
    """The privileges that are asked for: db.table:PRIV,PRIV/other.*:ALL, or a mapping. Raises Failure."""
    if isinstance(priv, dict):
        entries = [(str(key), str(value)) for key, value in priv.items()]
    else:
        entries = [_entry(part) for part in str(priv).strip().split("/") if part.strip()]
    found = {}  # type: dict[str, set[str]]
    for place, words in entries:
        found.setdefault(_place(place.strip()), set()).update(_words(words))
    found.setdefault("*.*", {"USAGE"})
    return found


def _entry(text: str) -> tuple[str, str]:
    place, colon, words = text.strip().rpartition(":")
    if not colon or not place or not words:
        raise Failure("invalid privileges string: {!r}; it reads db.table:PRIV,PRIV".format(text))
    return place, words


def _place(text: str) -> str:
    """An object as GRANT names it."""
    kind, _, rest = text.partition(" ")
    kind = kind.upper() + " " if rest and kind.upper() in ("FUNCTION", "PROCEDURE") else ""
    database, dot, table = (rest if kind else text).rpartition(".")
    if not dot:
        raise Failure("{!r} is nothing that privileges are granted on: it reads db.table, db.* or *.*".format(text))
    return kind + ".".join(part if part == "*" else identifier(part.strip("`")) for part in (database, table))


def _words(text: str) -> set[str]:
    return {_word(part) for part in _COMMA.split(text) if part.strip()}


def _word(text: str) -> str:
    """A privilege in its one spelling: capitals, its columns sorted."""
    match = _COLUMNS.match(text.strip())
    if match:
        columns = sorted(identifier(column.strip().strip("`")) for column in match.group(2).split(","))
        return "{} ({})".format(match.group(1).strip().upper(), ", ".join(columns))
    word = text.strip().upper()
    if not _WORD.match(word):
        raise Failure("{!r} is no privilege".format(text))
    return "GRANT" if word == "GRANT OPTION" else "ALL" if word in _EVERYTHING else word


def parse_granted(lines: list[str]) -> dict[str, set[str]]:
    """The privileges that SHOW GRANTS tells of; roles and proxies are left out."""
    found = {}  # type: dict[str, set[str]]
    for line in lines:
        match = _GRANT.match(line)
        if match is None or match.group(1).upper() == "PROXY":
            continue
        kind = match.group(2).upper() + " " if match.group(2) else ""
        words = found.setdefault(kind + match.group(3).replace('"', "`"), set())
        words.update(_words(match.group(1)))
        if "WITH GRANT OPTION" in line:
            words.add("GRANT")
    return found


def statements(user: str, wanted: dict[str, set[str]], have: dict[str, set[str]], mode: str) -> list[str]:
    """What gives a user ('name'@'host') the privileges. mode: set (no others), append, or subtract (take them)."""
    texts = []
    if mode == "subtract":
        for place, words in sorted(wanted.items()):
            gone = have.get(place, set()) & words
            texts += _revoke(place, gone - {"USAGE"}, user)
        return texts
    left = dict(have)
    if mode == "set":
        for place, words in sorted(have.items()):
            surplus = _surplus(place, words, wanted)
            left[place] = words - surplus
            texts += _revoke(place, surplus, user)
    for place, words in sorted(wanted.items()):
        new = words - left.get(place, set()) - {"USAGE"}
        if "ALL" in left.get(place, ()):
            new &= {"GRANT"}
        if new:
            texts.append(_grant(place, new, user))
    return texts


def _surplus(place: str, words: set[str], wanted: dict[str, set[str]]) -> set[str]:
    """What a user has on an object and shall not have; ALL covers everything but the right to pass it on."""
    asked = wanted.get(place, set())
    if "ALL" in asked:
        return words & {"GRANT"} - asked
    return words - asked - {"USAGE"}


def _grant(place: str, words: set[str], user: str) -> str:
    option = " WITH GRANT OPTION" if "GRANT" in words else ""
    return "GRANT {} ON {} TO {}{}".format(", ".join(sorted(words - {"GRANT"})) or "USAGE", place, user, option)


def _revoke(place: str, words: set[str], user: str) -> list[str]:
    texts = ["REVOKE GRANT OPTION ON {} FROM {}".format(place, user)] if "GRANT" in words else []
    rest = sorted(words - {"GRANT"})
    return [*texts, "REVOKE {} ON {} FROM {}".format(", ".join(rest), place, user)] if rest else texts
