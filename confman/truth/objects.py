"""Which objects of a host a task is about, under names by which they can be looked at again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Thing = tuple[str, str]
"""A kind (as the module `fingerprint` knows it) and a name."""

_PATHS = frozenset({"file", "directory", "link", "hardlink", "attributes", "flags", "archive", "times", "backup"})
_KINDS = {
    "package": "package",
    "unit": "unit",
    "unit file": "unit",
    "unit mask": "unit",
    "service": "unit",
    "service at boot": "unit",
    "user": "user",
    "password": "user",
    "password ageing": "user",
    "group": "group",
    "kernel parameter": "kernel parameter",
    "hostname": "hostname",
}
_CRONTAB = re.compile(r'crontab for user "(.+)"\Z')
_MANAGERS = frozenset({"apt", "package", "dnf", "dnf5", "yum", "zypper", "pacman", "apk", "community.general.zypper"})
_BY_NAME = {
    "user": "user",
    "group": "group",
    "systemd": "unit",
    "systemd_service": "unit",
    "service": "unit",
    "hostname": "hostname",
    "sysctl": "kernel parameter",
}
_PACKAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*(?::[a-z0-9]+)?")
_LOOKERS = frozenset({"stat", "slurp", "find", "setup", "getent", "command", "shell", "script", "expect", "uri"})
"""Modules that name paths which they do not keep."""


def of_change(kind: str, name: str) -> Iterator[Thing]:
    """The object of a change; none where it cannot be looked at again."""
    if kind in _PATHS and name.startswith("/"):
        yield "path", name
    elif kind in _KINDS:
        yield _KINDS[kind], name
    elif kind == "crontab":
        found = _CRONTAB.fullmatch(name)
        yield ("crontab", found[1]) if found else ("path", name)


def of_call(module: str, arguments: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Thing]:
    """The objects that a call of a module keeps, by what it was asked and what it said."""
    short = module.rsplit(".", 1)[-1]
    if short in _LOOKERS:
        return
    for path in _paths(arguments, result):
        yield "path", path
    name = arguments.get("name")
    if short in _MANAGERS:
        yield from (("package", each) for each in _packages(arguments.get("package") or name))
    elif short == "cron":
        yield from _crontab(arguments)
    elif short in _BY_NAME and isinstance(name, str) and name:
        yield _BY_NAME[short], name


def _paths(arguments: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    told = result.get("dest", result.get("path"))
    given = next((arguments[key] for key in ("dest", "path") if arguments.get(key)), None)
    if given is None:
        return
    path = told if isinstance(told, str) else given
    if isinstance(path, str) and path.startswith("/"):
        yield path.rstrip("/") or "/"


def _packages(name: Any) -> Iterator[str]:
    names = name if isinstance(name, list) else str(name or "").split(",")
    for each in names:
        plain = str(each).strip().partition("=")[0]
        if _PACKAGE.fullmatch(plain):
            yield plain


def _crontab(arguments: Mapping[str, Any]) -> Iterator[Thing]:
    file, user = arguments.get("cron_file"), arguments.get("user")
    if file:
        text = str(file)
        yield "path", text if text.startswith("/") else f"/etc/cron.d/{text}"
    elif user:
        yield "crontab", str(user)
