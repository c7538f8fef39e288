"""What dnf's module lists: packages and repositories, in the fields that users of it know."""

from __future__ import annotations

import re
from typing import Any

from confman.kit.commands import check
from confman.kit.rpm import Installed, Package

_FORMAT = "%{name}\\t%{epoch}\\t%{version}\\t%{release}\\t%{arch}\\t%{repoid}\\n"
_FIELDS = 6


def list_items(ask: Any, options: list[str], what: str) -> list[dict[str, str]]:
    """Packages: installed, updates (upgrades), available or those of a name; or the enabled repositories."""
    if what in ("repos", "repositories"):
        return _repositories(_ask(ask, [*options, "repolist", "--enabled"]))
    installed = Installed(ask.installroot)
    if what == "installed":
        return [_entry(each, "installed", "installed") for each in installed.all()]
    argv = [*options, "repoquery", "--qf", _FORMAT]
    if what in ("updates", "upgrades", "available"):
        return _parsed(_ask(ask, [*argv, "--available" if what == "available" else "--upgrades"]))
    found = [_entry(each, "installed", "installed") for each in installed.find(what)]
    return found + _parsed(_ask(ask, [*argv, "--available", "--", what]))


def _repositories(text: str) -> list[dict[str, str]]:
    words = [line.split()[:1] for line in text.split("\n")]
    return [{"repoid": word, "state": "enabled"} for row in words for word in row if word != "repo"]


def _ask(ask: Any, argv: list[str]) -> str:
    return check([ask.program, "-q", *argv], "dnf cannot list", timeout=1800).out


def _parsed(text: str) -> list[dict[str, str]]:
    rows = (line.split("\t") for line in re.split(r"\n+", text))
    return [_entry(Package(*row[:5]), row[5], "available") for row in rows if len(row) == _FIELDS]


def _entry(package: Package, repo: str, state: str) -> dict[str, str]:
    full = "{0.epoch}:{0.name}-{0.version}-{0.release}.{0.arch}".format(package)
    told = {name: getattr(package, name) for name in ("name", "arch", "epoch", "release", "version")}
    return dict(told, repo=repo, envra=full, nevra=full, yumstate=state)
