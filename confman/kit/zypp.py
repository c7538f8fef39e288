"""zypper: what it tells in XML, what it would do, and having it done."""

from __future__ import annotations

import html
import os
import re
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TAG = re.compile(r"<(/?)(to-[a-z-]+)\s*/?>|<solvable\s([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_MESSAGE = re.compile(r'<message type="(\w+)">(.*?)</message>', re.DOTALL)
_REPO = re.compile(r"<repo\s([^>]*?)(?:/>|>(.*?)</repo>)", re.DOTALL)
_URL = re.compile(r"<url>(.*?)</url>", re.DOTALL)
_FINE = (0, 102, 103, 106, 107)
_AGAIN = 103
_SCRIPTS_FAILED = 107
_NOT_FOUND = 104
_NO_REPOS = 6
_ENVIRONMENT = {"ZYPP_LOCK_TIMEOUT": "30"}


class Step:
    """One package of a transaction. group: to-install, to-upgrade, to-remove ...; before: the version it had, or ""."""

    __slots__ = ("after", "before", "group", "name")

    def __init__(self, group: str, name: str, before: str, after: str) -> None:
        self.group = group
        self.name = name
        self.before = before
        self.after = after


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def parse_summary(text: str) -> list[Step]:
    """The packages that zypper would install, change or remove, from its XML."""
    steps = []  # type: list[Step]
    group = ""
    for end, name, written in _TAG.findall(text):
        if name:
            group = "" if end else name
        elif group.startswith("to-"):
            steps.append(_step(group, _attributes(written)))
    return steps


def _step(group: str, facts: dict[str, str]) -> Step:
    edition, old = facts.get("edition", ""), facts.get("edition-old", "")
    removed = group == "to-remove"
    return Step(group, facts.get("name", ""), edition if removed else old, "" if removed else edition)


def parse_names(text: str) -> set[str]:
    """The names of what `zypper search --installed-only` found."""
    return {_attributes(written).get("name", "") for _end, _name, written in _TAG.findall(text) if written}


def parse_repositories(text: str) -> list[dict[str, str]]:
    """Repositories from `zypper repos`: alias, name, priority, enabled, autorefresh, gpgcheck ("0" or "1") and url."""
    found = []
    for written, inside in _REPO.findall(text):
        facts = _attributes(written)
        url = _URL.search(inside)
        facts["url"] = html.unescape(url.group(1).strip()) if url else facts.get("metalink", "")
        found.append(facts)
    return found


def messages(text: str, *kinds: str) -> str:
    """What zypper tells people, of these kinds (error, warning, info) or of all."""
    found = [html.unescape(said) for kind, said in _MESSAGE.findall(text) if not kinds or kind in kinds]
    return " \n".join(found)


def repositories() -> list[dict[str, str]]:
    """The repositories that zypper knows. Raises Failure."""
    done = run([need("zypper"), "--quiet", "--non-interactive", "--xmlout", "repos"], timeout=300)
    if done.rc == _NO_REPOS:
        return []
    if done.rc != 0:
        raise Failure("zypper cannot list its repositories: {}".format(messages(done.out) or done.err), **done.data())
    return parse_repositories(done.out)


def transactional() -> list[str]:
    """What zypper has to run in where the root file system is read-only and updated by snapshots; else nothing."""
    program = "/usr/sbin/transactional-update"
    if not os.path.exists(program):
        return []
    with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as stream:
        roots = list(_roots(stream.read()))
    if roots[-1:] != [True]:
        return []
    return [program, "--continue", "--drop-if-no-change", "--quiet", "run"]


def _roots(text: str) -> Iterator[bool]:
    """Of each mount on /, whether it is a btrfs that is read-only."""
    for fields in (line.split(" ") for line in text.split("\n")):
        if len(fields) > 3 and fields[1] == "/":
            yield fields[2] == "btrfs" and "ro" in fields[3].split(",")


def ask(argv: Sequence[str]) -> Completed:
    """Run zypper so that it only looks, or changes something; once more where it asks for that. Raises Failure."""
    done = run(argv, env=_ENVIRONMENT)
    if done.rc == _AGAIN:
        done = run(argv, env=_ENVIRONMENT)
    if done.rc not in _FINE:
        said = messages(done.out, "error", "warning") or messages(done.out) or done.err.strip()
        missing = done.rc == _NOT_FOUND
        lacks = {"_lacks": "what zypper is asked for"} if missing else {}
        text = said.strip() if missing and said else "Zypper run command failed with return code {}: {}"
        raise Failure(text.format(done.rc, said), cmd=list(argv), **dict(done.data(), **lacks))
    return done


def scripts_failed(done: Completed) -> bool:
    """Whether packages were installed though scripts of theirs failed."""
    return done.rc == _SCRIPTS_FAILED
