"""Packages of a plan in the versions that it foresaw: what archives bring meanwhile is not installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from confman.truth.plan import Foreseen, Send

_NAMES = ("package", "name", "pkg")
"""The option that names packages, as calls have it, and as tasks may write it."""
_PLAIN = re.compile(r"[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?")


def pinned(send: Send, changes: Iterable[Foreseen]) -> Send:
    """A call with the versions that were foreseen, where it is one of apt that asks for the newest; else as it is."""
    if send.module.rsplit(".", 1)[-1] != "apt":
        return send
    found = {change.id: change for change in changes if change.kind == "package"}
    return _pinned(send, found) if all(map(_is_known, found.values())) else send


def _pinned(send: Send, found: Mapping[str, Foreseen]) -> Send:
    key = next((name for name in _NAMES if send.arguments.get(name)), _NAMES[0])
    names, state = _listed(send.arguments.get(key)), str(send.arguments.get("state") or "present")
    if _upgrades(send.arguments, names, state):
        return _upgrade(send, key, found)
    if state not in {"latest", "present"} or not names or not all(map(_is_plain, names)):
        return send
    wanted = [_versioned(name, found) for name in names]
    return replace(send, arguments={**send.arguments, key: wanted, "state": "present"})


def _is_known(change: Foreseen) -> bool:
    """Whether its versions are texts, and not what only the real run can tell."""
    return isinstance(change.before, str | None) and isinstance(change.after, str | None)


def _is_plain(name: str) -> bool:
    """Whether it names one package, not a pattern or a file."""
    return _PLAIN.fullmatch(name.partition("=")[0]) is not None


def _listed(value: Any) -> list[str]:
    given = value if isinstance(value, list | tuple) else str(value or "").split(",")
    return [str(each).strip() for each in given if str(each).strip()]


def _upgrades(arguments: Mapping[str, Any], names: list[str], state: str) -> bool:
    """Whether everything that is installed is to be upgraded."""
    said = str(arguments.get("upgrade") or "no").lower()
    return said not in {"no", "false"} or (names == ["*"] and state == "latest")


def _upgrade(send: Send, key: str, found: Mapping[str, Foreseen]) -> Send:
    """What is upgraded, by name; packages that are new come as what these need."""
    if any(change.after is None for change in found.values()):
        return send
    names = sorted(f"{name}={change.after}" for name, change in found.items() if change.before is not None)
    kept = {name: value for name, value in send.arguments.items() if name not in {*_NAMES, "upgrade"}}
    return replace(send, arguments={**kept, key: names, "state": "present", "only_upgrade": True})


def _versioned(name: str, found: Mapping[str, Foreseen]) -> str:
    change = found.get(name) or found.get(name.partition(":")[0])
    return name if "=" in name or change is None or change.after is None else f"{name}={change.after}"
