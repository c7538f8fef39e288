"""Agents that are in the way: a user who still runs one cannot be removed or renamed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from confman.model.call import Call

_CHANGES_USERS = re.compile(r"\b(userdel|deluser|usermod|loginctl|pkill|killall)\b")
_RUNS_COMMANDS = frozenset({"command", "shell", "expect", "script"})


def names_users(call: Call) -> frozenset[str]:
    """The users that a module may remove, rename or end the processes of."""
    name = call.module.rpartition(".")[2]
    if name == "user":
        return frozenset({str(call.arguments.get("name") or call.arguments.get("user") or "")})
    return words_about_users(_texts(call.arguments)) if name in _RUNS_COMMANDS else frozenset()


def words_about_users(texts: Iterable[str]) -> frozenset[str]:
    """The words of commands that remove or change users, those users among them; none for other commands."""
    whole = " ".join(texts)
    return frozenset(re.split(r"[\s;&|'\"]+", whole)) if _CHANGES_USERS.search(whole) else frozenset()


def _texts(arguments: Mapping[str, Any]) -> Iterable[str]:
    for value in arguments.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (str(item) for item in value)
