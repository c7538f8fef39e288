"""Undoing: from the changes of a run to tasks that take them back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Any

from confman.model.records import dataclass
from confman.truth.objects import of_change


@dataclass(frozen=True, slots=True)
class Undoing:
    """What became of one object in a run: its state before the first change and after the last one.

    action: of the task that changed it first. content, mode, owner, group: of a file, as they were; None: not known.
    """

    host: str
    kind: str
    id: str
    action: str
    before: Any
    after: Any
    content: bytes | None = None
    mode: str = ""
    owner: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What takes a change back."""

    host: str
    name: str
    action: str
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undo:
    """tasks: in order. wanted: what objects must be like. impossible: what cannot be taken back, as text."""

    tasks: tuple[Task, ...]
    wanted: tuple[Undoing, ...]
    impossible: tuple[str, ...]


def undo(changes: Iterable[Undoing]) -> Undo:
    """How changes, in the order in which they were made, are taken back: the last one first."""
    tasks, wanted, impossible = [], [], []
    found = _folded(changes)
    made = {(each.host, each.id) for each in found if each.before is None and each.kind in _PATHS}
    for each in reversed(found):
        if each.before == each.after or _leaves_nothing(each, made):
            continue
        task = _TASKS[each.kind](each) if each.kind in _TASKS else None
        if task is None:
            impossible.append(f"{each.host}: {each.kind} {each.id} cannot be taken back: what it was is not known")
        else:
            tasks.append(Task(each.host, f"{each.kind} {each.id}", *task))
            wanted.append(each)
    return Undo(tuple(tasks), tuple(wanted), tuple(impossible))


_PASSING = frozenset({"package lists", "systemd", "times", "command", "script", "run", "request", "wait"})
"""Kinds of changes that leave nothing to take back, or of which nobody knows what they did."""
_PATHS = frozenset({"file", "directory", "link"})
_PARTS = frozenset({"attributes", "flags"})


def _leaves_nothing(one: Undoing, made: set[tuple[str, str]]) -> bool:
    """Whether a change is over, or goes with a path that the run made."""
    return one.kind in _PASSING or (one.kind in _PARTS and (one.host, one.id) in made)


def _folded(changes: Iterable[Undoing]) -> list[Undoing]:
    """One for each object, with its first state and its last."""
    found: dict[tuple[str, str, str], Undoing] = {}
    for each in changes:
        key = (each.host, each.kind, each.id)
        first = found.get(key)
        found[key] = each if first is None else _then(first, each)
    return list(found.values())


def _then(first: Undoing, last: Undoing) -> Undoing:
    return Undoing(
        first.host, first.kind, first.id, first.action, first.before, last.after,
        first.content, first.mode, first.owner, first.group,
    )  # fmt: skip


Made = tuple[str, Mapping[str, Any]] | None


def _file(one: Undoing) -> Made:
    if one.before is None:
        return "file", {"path": one.id, "state": "absent"}
    if isinstance(one.before, Mapping) and "link" in one.before:
        return "file", {"path": one.id, "state": "link", "src": one.before["link"], "force": True, "follow": False}
    if one.content is None:
        return None
    text = one.content.decode("utf-8", "surrogateescape")
    args = {"dest": one.id, "content": text, "follow": False}
    # A file that is still there keeps owner and mode; a change of these is another one.
    there = {"owner": one.owner, "group": one.group, "mode": one.mode} if one.after is None else {}
    return "copy", {**args, **there}


def _directory(one: Undoing) -> Made:
    if one.before is not None:
        return None
    argv = ["rmdir", "--ignore-fail-on-non-empty", "--", one.id]
    return "command", {"argv": argv, "removes": one.id}


def _link(one: Undoing) -> Made:
    if one.before is None:
        return "file", {"path": one.id, "state": "absent"}
    return (
        ("file", {"path": one.id, "state": "link", "src": one.before, "force": True, "follow": False})
        if isinstance(one.before, str)
        else None
    )


def _attributes(one: Undoing) -> Made:
    known = one.before if isinstance(one.before, Mapping) else {}
    args = {name: known[name] for name in ("owner", "group", "mode") if known.get(name) is not None}
    return ("file", {"path": one.id, **args}) if args and args.keys() == known.keys() else None


def _package(one: Undoing) -> Made:
    short = one.action.rsplit(".", 1)[-1]
    if one.before is None:
        return (short if short in _MANAGERS else "package"), {"name": one.id, "state": "absent"}
    joint = _MANAGERS.get(short)
    if not isinstance(one.before, str) or joint is None:
        return None
    return short, {"name": f"{one.id}{joint}{one.before}", "state": "present", "allow_downgrade": True}


_MANAGERS = {"apt": "=", "dnf": "-", "dnf5": "-", "yum": "-"}
"""What stands between name and version."""


def _unit(one: Undoing) -> Made:
    states = {"active": "started", "inactive": "stopped", "failed": "stopped"}
    return ("systemd", {"name": one.id, "state": states[one.before]}) if one.before in states else None


def _boot(one: Undoing) -> Made:
    name = "masked" if one.kind == "unit mask" else "enabled"
    return ("systemd", {"name": one.id, name: one.before}) if isinstance(one.before, bool) else None


_USER = frozenset({"uid", "group", "groups", "comment", "home", "shell"})


def _user(one: Undoing) -> Made:
    if one.before is None:
        return "user", {"name": one.id, "state": "absent"}
    if one.after is None or not isinstance(one.before, Mapping) or not one.before.keys() <= _USER:
        return None
    return "user", {"name": one.id, **one.before}


def _group(one: Undoing) -> Made:
    if one.before is None:
        return "group", {"name": one.id, "state": "absent"}
    gid = one.before.get("gid") if isinstance(one.before, Mapping) else None
    return None if gid is None else ("group", {"name": one.id, "gid": gid})


def _crontab(one: Undoing) -> Made:
    ((kind, name),) = of_change(one.kind, one.id)
    if kind == "path":
        if one.before is None:
            return "file", {"path": name, "state": "absent"}
        return ("copy", {"dest": name, "content": one.before}) if isinstance(one.before, str) else None
    if one.before is None:
        return "command", {"argv": ["crontab", "-u", name, "-r"]}
    if not isinstance(one.before, str):
        return None
    return "command", {"argv": ["crontab", "-u", name, "-"], "stdin": one.before, "stdin_add_newline": False}


_TASKS: Mapping[str, Callable[[Undoing], Made]] = {
    "file": _file,
    "directory": _directory,
    "link": _link,
    "attributes": _attributes,
    "package": _package,
    "unit": _unit,
    "unit file": _boot,
    "unit mask": _boot,
    "user": _user,
    "group": _group,
    "crontab": _crontab,
}
"""What takes a change of a kind back: an action and its arguments, or None where nobody knows how."""
