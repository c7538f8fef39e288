"""Versions of Python packages, and requirements on them, as pip reads them (PEP 440, PEP 508 in its common forms)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION = re.compile(
    r"^\s*v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>\d*))?"
    r"(?P<post>-(?P<post_n1>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n2>\d*))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_n>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$",
    re.IGNORECASE,
)
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_REQUIREMENT = re.compile(r"^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(\[[^\]]*\])?\s*\(?([^;()]*)\)?\s*(;.*)?$")
_CLAUSE = re.compile(r"^(===|==|!=|<=|>=|~=|<|>)\s*(\S+)$")
_LAST = 10**9


class Version:
    """A version; release without trailing zeros. key: what it is ordered by, without the local part."""

    __slots__ = ("dev", "epoch", "key", "local", "post", "pre", "release")

    def __init__(self, text: str) -> None:
        match = _VERSION.match(text)
        if match is None:
            raise ValueError("{!r} is not a version".format(text))
        part = match.groupdict()
        self.epoch = _number(part["epoch"])
        self.release = [int(number) for number in part["release"].split(".")]
        self.pre = (_PHASES[part["pre"].lower()], _number(part["pre_n"])) if part["pre"] else None
        self.post = _number(part["post_n1"] or part["post_n2"]) if part["post"] else None
        self.dev = _number(part["dev_n"]) if part["dev"] else None
        self.local = tuple(_local(word) for word in re.split("[-_.]", part["local"])) if part["local"] else ()
        self.key = self._key()

    def _key(self) -> tuple[Any, ...]:
        release = list(self.release)
        while len(release) > 1 and not release[-1]:
            release.pop()
        if self.pre is not None:
            pre = self.pre
        else:
            # a version that is only in development comes before its alphas
            pre = (-1, 0) if self.dev is not None and self.post is None else (_LAST, 0)
        post = -1 if self.post is None else self.post
        dev = _LAST if self.dev is None else self.dev
        return (self.epoch, tuple(release), pre, post, dev)


def _number(digits: str | None) -> int:
    return int(digits or 0)


def _local(word: str) -> tuple[int, int, str]:
    return (1, int(word), "") if word.isdigit() else (0, 0, word.lower())


class Requirement:
    """What pip is asked for: the normal form of the name, the clauses on the version ("" if none), and the text.

    plain: whether it is no more than that; markers, addresses, files and options are for pip to judge.
    """

    __slots__ = ("clauses", "name", "plain", "text")

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        match = _REQUIREMENT.match(self.text) if "@" not in self.text and "/" not in self.text else None
        self.name = normal_name(match.group(1)) if match else ""
        self.clauses = match.group(3).strip() if match else ""
        self.plain = bool(match) and not (match and match.group(4)) and all(_CLAUSE.match(c) for c in self._split())

    def _split(self) -> list[str]:
        return [clause.strip() for clause in self.clauses.split(",") if clause.strip()]

    def fits(self, version: str) -> bool:
        """Whether a version fulfils all clauses. A version that cannot be read fulfils only `===`."""
        try:
            return all(_fits(clause, version) for clause in self._split())
        except ValueError:
            return False


def normal_name(name: str) -> str:
    """A package's name as names are compared."""
    return re.sub("[-_.]+", "-", name).lower()


def _fits(clause: str, text: str) -> bool:
    match = _CLAUSE.match(clause)
    if match is None:
        raise ValueError(clause)
    operator, wanted = match.groups()
    if operator == "===":
        return text.lower() == wanted.lower()
    have = Version(text)
    if wanted.endswith(".*") and operator in ("==", "!="):
        return _begins(have, Version(wanted[:-2])) == (operator == "==")
    return _RELATIONS[operator](have, Version(wanted))


def _same(have: Version, want: Version) -> bool:
    return have.key == want.key and (not want.local or have.local == want.local)


def _compatible(have: Version, want: Version) -> bool:
    """Not older, and of the same series: all but the last number of the release."""
    series = want.release[:-1]
    padded = have.release + [0] * (len(series) - len(have.release))
    return have.key >= want.key and bool(series) and have.epoch == want.epoch and padded[: len(series)] == series


def _later(have: Version, want: Version) -> bool:
    """Later; neither a post-release nor a local version of the named one counts."""
    of_named = have.key[:2] == want.key[:2] and have.pre == want.pre and want.dev is None and want.post is None
    return have.key > want.key and not (of_named and have.post is not None)


def _earlier(have: Version, want: Version) -> bool:
    """Earlier; what leads up to the named one does not count."""
    same_release = have.key[:2] == want.key[:2]
    early = (have.pre is not None or have.dev is not None) and want.pre is None and want.dev is None
    leads_up = want.post is None or (have.post == want.post and have.pre is None)
    return have.key < want.key and not (same_release and early and leads_up)


_RELATIONS: dict[str, Callable[[Version, Version], bool]] = {
    "==": _same,
    "!=": lambda have, want: not _same(have, want),
    "~=": _compatible,
    ">=": lambda have, want: have.key >= want.key,
    "<=": lambda have, want: have.key <= want.key,
    ">": _later,
    "<": _earlier,
}


def _begins(have: Version, prefix: Version) -> bool:
    padded = have.release + [0] * (len(prefix.release) - len(have.release))
    return have.epoch == prefix.epoch and padded[: len(prefix.release)] == prefix.release


def parse_freeze(text: str) -> dict[str, str]:
    """Versions by normal name, from what `pip list --format=freeze` prints."""
    found = {}  # type: dict[str, str]
    for line in text.splitlines():
        name, equals, version = line.strip().partition("==")
        if equals and name and not line.startswith(("#", "-")):
            found[normal_name(name)] = version.strip()
    return found


def parse_requirements(text: str) -> list[Requirement]:
    """The lines of a requirements file, joined and without comments; options are requirements that are not plain."""
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = [re.sub(r"(^|\s)#.*$", "", line).strip() for line in joined.splitlines()]
    return [Requirement(line) for line in lines if line]
