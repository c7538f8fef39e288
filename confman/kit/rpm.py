"""rpm: which packages are installed, and how versions compare."""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMAT = "%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\n"
_FIELDS = 5
_SEGMENT = re.compile(r"\d+|[a-zA-Z]+|~|\^")
_EVR = re.compile(r"^(?:(\d+):)?([^-]+)(?:-([^-]+))?$")
_LEAST = {"~": -2, "": -1, "^": 0}


class Package:
    """An rpm package: name, epoch (a number), version, release and architecture."""

    __slots__ = ("arch", "epoch", "name", "release", "version")

    def __init__(self, name: str, epoch: str, version: str, release: str, arch: str) -> None:
        self.name = name
        self.epoch = epoch if epoch.isdigit() else "0"
        self.version = version
        self.release = release
        self.arch = arch

    @property
    def evr(self) -> str:
        """[epoch:]version-release."""
        before = "" if self.epoch == "0" else self.epoch + ":"
        return "{}{}-{}".format(before, self.version, self.release)

    def names(self) -> set[str]:
        """Every form in which users write this package."""
        found = {self.name}
        for epoch in ("", self.epoch + ":"):
            found.add("{}-{}{}".format(self.name, epoch, self.version))
            found.add("{}-{}{}-{}".format(self.name, epoch, self.version, self.release))
        found |= {"{}.{}".format(each, self.arch) for each in found}
        return found | {"{}:{}-{}-{}.{}".format(self.epoch, self.name, self.version, self.release, self.arch)}


def parse_packages(text: str) -> list[Package]:
    """Packages from lines of FORMAT; other lines ("package x is not installed") are passed over."""
    rows = (line.split("\t") for line in text.split("\n"))
    return [Package(*row) for row in rows if len(row) == _FIELDS]


class Installed:
    """What is installed below a root, asked for as it is needed."""

    def __init__(self, root: str = "/") -> None:
        self.argv = [need("rpm"), *(["--root", root] if root != "/" else [])]
        self._all = None  # type: list[Package] | None

    def query(self, words: Sequence[str]) -> list[Package]:
        """The packages that a query names."""
        return parse_packages(run([*self.argv, "-q", "--qf", FORMAT, *words], timeout=300).out)

    def named(self, names: Iterable[str]) -> list[Package]:
        """The installed packages of these names (or name-version, name.arch ...)."""
        wanted = list(names)
        return self.query(["--", *wanted]) if wanted else []

    def all(self) -> list[Package]:
        """Every installed package."""
        if self._all is None:
            self._all = self.query(["-a"])
        return self._all

    def find(self, spec: str) -> list[Package]:
        """The installed packages that a specification is about: a name in any form, a pattern, or what is provided."""
        if any(sign in spec for sign in "*?["):
            return [each for each in self.all() if any(fnmatch.fnmatchcase(name, spec) for name in each.names())]
        return self.named([spec]) or self.query(["--whatprovides", "--", spec])

    def of_file(self, path: str) -> Package:
        """What a package file holds. Raises Failure."""
        found = parse_packages(run([*self.argv, "-qp", "--nosignature", "--qf", FORMAT, "--", path], timeout=300).out)
        if len(found) != 1:
            raise Failure("the package file {} cannot be read: it is no rpm package".format(path), path=path, rc=1)
        return found[0]


def compare_versions(one: str, other: str) -> int:
    """How two versions (or releases) compare as rpm sees them: -1, 0 or 1."""
    if one == other:
        return 0
    left, right = _SEGMENT.findall(one), _SEGMENT.findall(other)
    for position in range(max(len(left), len(right))):
        mine = left[position] if position < len(left) else ""
        theirs = right[position] if position < len(right) else ""
        order = _compare(mine, theirs)
        if order:
            return order
    return 0


def _compare(mine: str, theirs: str) -> int:
    """How two segments compare: a tilde is older than the end, a caret newer; numbers are newer than letters."""
    if mine in _LEAST or theirs in _LEAST:
        ranks = _LEAST.get(mine, 1), _LEAST.get(theirs, 1)
        return (ranks[0] > ranks[1]) - (ranks[0] < ranks[1])
    if mine.isdigit() and theirs.isdigit():
        return (int(mine) > int(theirs)) - (int(mine) < int(theirs))
    if mine.isdigit() != theirs.isdigit():
        return 1 if mine.isdigit() else -1
    return (mine > theirs) - (mine < theirs)


def compare_evr(package: Package, wanted: str) -> int:
    """How a package compares with "[epoch:]version[-release]"; a release that is not given is not compared."""
    match = _EVR.match(wanted)
    if match is None:
        raise Failure("{!r} is not a version: write 2.4, 2.4-1 or 1:2.4-1".format(wanted))
    epoch, version, release = match.groups()
    order = compare_versions(package.epoch, epoch or "0")
    order = order or compare_versions(package.version, version)
    return order or (compare_versions(package.release, release) if release else 0)
