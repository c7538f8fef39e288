"""Which packages apt-get has to be asked for: names, versions and patterns against what is installed."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from confman.kit import aptget
from confman.kit.change import Failure
from confman.kit.dpkg import Database, compare_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from confman.kit.dpkg import Installed

_SPEC = re.compile(r"^([^=<>]+?)\s*(?:(>=|=)\s*(\S+))?$")
_NAME = re.compile(r"^[a-zA-Z0-9*?\[][a-zA-Z0-9+.*?\[\]!_:-]*\^?$")


class Spec:
    """A package as asked for: name (or pattern, or name:arch), relation "", "=" or ">=", and version or pattern."""

    __slots__ = ("name", "relation", "text", "version")

    def __init__(self, text: str) -> None:
        match = _SPEC.match(text.strip())
        if match is None or not _NAME.match(match.group(1)):
            raise Failure("invalid package spec: {}".format(text))
        self.text = text.strip()
        self.name = match.group(1)
        self.relation = match.group(2) or ""
        self.version = match.group(3) or ""

    @property
    def is_pattern(self) -> bool:
        """Whether the name stands for several packages."""
        return any(sign in self.name for sign in "*?[")

    def fits(self, version: str) -> bool:
        """Whether a version is one that is asked for."""
        if self.relation == ">=":
            return compare_versions(version, self.version) >= 0
        return not self.relation or version == self.version or fnmatch.fnmatchcase(version, self.version)


def parse_specs(names: Iterable[str]) -> list[Spec]:
    """The specs of a list, without empty ones. Raises Failure."""
    return [Spec(name) for name in names if name.strip()]


def expand(specs: list[Spec], names: Callable[[], Iterable[str]]) -> list[Spec]:
    """The specs with patterns replaced by the names they match; `names` is only asked if there are patterns."""
    if not any(spec.is_pattern for spec in specs):
        return specs
    known = sorted(names())
    found = []  # type: list[Spec]
    for spec in specs:
        if not spec.is_pattern:
            found.append(spec)
            continue
        matches = fnmatch.filter(known, spec.name)
        if not matches:
            raise Failure("No package(s) matching '{}' available".format(spec.name))
        found += [Spec(spec.text.replace(spec.name, name, 1)) for name in matches]
    return found


def satisfied(spec: Spec, database: Database) -> bool:
    """Whether what is installed is enough; a package that others only provide counts without a version."""
    have = database.find(spec.name)
    if have is not None and have.there:
        return spec.fits(have.version)
    return not spec.relation and spec.name in database.provided and not aptget.candidate(spec.name)


def argument(spec: Spec) -> str:
    """How apt-get is asked for a spec. Raises Failure when no version is good enough."""
    if spec.relation == ">=":
        version = aptget.candidate(spec.name)
        if not version or not spec.fits(version):
            raise Failure(
                "no available installation candidate for {}>={}: there is {}".format(
                    spec.name, spec.version, version or "none"
                )
            )
        return "{}={}".format(spec.name, version)
    return spec.name + ("=" + spec.version if spec.relation else "")


def to_install(specs: list[Spec], database: Database, state: str, only_upgrade: bool) -> list[str]:
    """What apt-get install has to be asked for; nothing when all is as it should be."""
    wanted = []  # type: list[str]
    for spec in expand(specs, aptget.known_names):
        have = database.find(spec.name)
        there = have is not None and have.there
        if only_upgrade and not there:
            continue
        newest = state == "latest" and not spec.relation
        if newest or not satisfied(spec, database):
            wanted.append(argument(spec))
    return wanted


def to_remove(specs: list[Spec], database: Database, purge: bool) -> list[str]:
    """The packages that are there and shall not be; with purge also those whose configuration is left."""
    states = ("config-files", "not-installed") if not purge else ("not-installed",)
    known = [name for name, entries in database.by_name.items() if any(e.state not in states for e in entries)]
    found = []  # type: list[str]
    for spec in specs:
        names = fnmatch.filter(known, spec.name) if spec.is_pattern else [spec.name]
        found += [name for name in names if _goes(database.find(name), spec, states)]
    return sorted(set(found), key=found.index)


def _goes(have: Installed | None, spec: Spec, states: tuple[str, ...]) -> bool:
    """Whether a package is removed. states: those in which there is nothing to remove."""
    return have is not None and have.state not in states and (not spec.relation or spec.fits(have.version))
