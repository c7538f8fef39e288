"""Packages of Alpine Linux."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Path, Warn, rules
from confman.kit.commands import Completed, check, run
from confman.kit.programs import need
from confman.kit.replace import read_file
from confman.kit.text import to_text
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_STEP = re.compile(r"^\(\s*\d+/\d+\) (\w+) (\S+) \((\S+?)(?: -> (\S+?))?\)", re.MULTILINE)
_NAME = re.compile(r"^[A-Za-z0-9_][\w+.:-]*(?:[@=<>~][^\s]+)?$")
_SPLIT = re.compile(r"[@=<>~]")


@rules(verify=False, one_of=[("name", "update_cache", "upgrade")], exclusive=[("name", "upgrade")])
def apk(
    name: list[str] | None = None,
    state: Literal["absent", "installed", "latest", "present", "removed"] = "present",
    update_cache: bool = False,
    upgrade: bool = False,
    available: bool = False,
    no_cache: bool = False,
    repository: list[str] | None = None,
    world: Path = "/etc/apk/world",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep packages installed, up to date or away, by apk.

    A dry run is apk's own: it names every package that would be installed, changed or removed.

    Args:
        name: Packages: foo, foo=1.0-r0, foo@edge.
        state: present (installed), latest, or absent (removed).
        update_cache: Update the indexes of the repositories before, or only that.
        upgrade: Upgrade everything.
        available: With upgrade: replace also what no repository has any more.
        no_cache: Use no local cache.
        repository: These repositories instead of those of the system.
        world: The file that names what was installed explicitly.

    Returns:
        packages: What was changed.
        msg, stdout, stderr: What was done.

    Examples:
        - apk:
            name: [foo, bar]
            update_cache: true
        - apk:
            upgrade: true
            available: true
        - apk:
            name: foo
            state: absent

    Platforms: Alpine Linux.
    """
    ask = SimpleNamespace(names=_names(name or ()), state=state, world=world)
    ask.base = _base(no_cache, repository or ())
    if update_cache:
        yield _update(ask.base)
    words = ["upgrade", *["--available"] * available] if upgrade else _words(ask)
    changes = _changes(ask.base, words) if words else []
    told = {"msg": _settled(ask, upgrade, update_cache)}  # type: dict[str, Any]
    if changes:
        told.update(msg=_message(words), packages=[change.id for change in changes])
    for change in changes:
        yield then_tell(change, lambda: told)
    return told


def _names(given: Iterable[str]) -> list[str]:
    """The names as apk is given them. Raises Failure."""
    for each in given:
        if not each.strip():
            raise Failure("Package name(s) cannot be empty or whitespace-only")
        if not _NAME.match(each.strip()):
            raise Failure("{!r} is not the name of a package".format(each))
    return [each.strip() for each in given]


def _base(no_cache: bool, repositories: Iterable[str]) -> list[str]:
    base = [need("apk"), *(["--no-cache"] if no_cache else [])]
    for each in repositories:
        base += ["--repository", each, "--repositories-file", "/dev/null"]
    return base


def _settled(ask: Any, upgrade: bool, update_cache: bool) -> str:
    if upgrade:
        return "packages already upgraded"
    if not ask.names:
        return "updated repository indexes" if update_cache else ""
    return "package(s) already {}".format("removed" if ask.state in ("absent", "removed") else "installed")


def _message(words: list[str]) -> str:
    names = [word for word in words[1:] if not word.startswith("-")]
    verbs = {"add": "installed {} package(s)", "del": "removed {} package(s)", "upgrade": "upgraded packages"}
    return verbs[words[0]].format(names)


def _update(base: list[str]) -> Change:
    def do() -> dict[str, Any]:
        done = check([*base, "update"], "could not update package db", timeout=1800)
        return {"stdout": done.out, "stderr": done.err, "msg": "updated repository indexes"}

    return Change("package lists", "apk", after="updated", do=do, once=True)


def _words(ask: Any) -> list[str]:
    """What apk is to do for the names; nothing where that is so already."""
    if ask.state in ("absent", "removed"):
        there = [each for each in ask.names if _asked(ask, "info", "--installed", each).rc == 0]
        return ["del", "--purge", *there] if there else []
    new, old = _parted(ask)
    stale = _stale(ask, old) if ask.state == "latest" else []
    if stale:
        return ["add", "--upgrade", *new, *stale]
    return ["add", *new] if new else []


def _parted(ask: Any) -> tuple[list[str], list[str]]:
    """The names that the world file lacks, and those that it has."""
    world = {_SPLIT.split(word)[0]: word for word in to_text(read_file(ask.world) or b"").split()}
    old = [each for each in ask.names if _holds(world, each)]
    return [each for each in ask.names if each not in old], old


def _stale(ask: Any, names: list[str]) -> list[str]:
    """Those of the packages of which there is a newer version."""
    return [member for each in names for member in _members(ask, each) if not _is_latest(ask, member)]


def _holds(world: dict[str, str], name: str) -> bool:
    """Whether the world file names a package; a version or repository that is asked for has to be there, too."""
    plain = _SPLIT.split(name)[0]
    return plain in world and name in (plain, world[plain])


def _asked(ask: Any, *words: str) -> Completed:
    return run([*ask.base, *words], timeout=600)


def _members(ask: Any, name: str) -> list[str]:
    """A package, or what a virtual one stands for."""
    described = _asked(ask, "-v", "info", "--description", name).out
    if not re.search(r"(?m)^{}\S*: virtual meta package".format(re.escape(name)), described):
        return [name]
    return _asked(ask, "-v", "info", "--depends", name).out.split()[1:]


def _is_latest(ask: Any, name: str) -> bool:
    """Whether no newer version is known: `apk version` writes < between the two."""
    plain = _SPLIT.split(name)[0]
    line = re.search(r"(?m)^{}-\S+\s+(\S)\s".format(re.escape(plain)), _asked(ask, "version", plain).out)
    return line is None or line.group(1) != "<"


def _changes(base: list[str], words: list[str]) -> list[Change]:
    """The changes of a transaction, told by apk itself; the first one's action does them all. Raises Failure."""
    done = run([*base, words[0], "--simulate", *words[1:]], timeout=1800)
    if done.rc != 0:
        raise _refusal(words, done)
    steps = _STEP.findall(done.out)
    changes = [_change(*step) for step in steps]
    if changes:
        changes[0].do = lambda: _do(base, words)
    return changes


def _change(verb: str, name: str, version: str, newer: str) -> Change:
    before, after = (None, version) if verb == "Installing" else (version, newer or None)
    return Change("package", name, before=before, after=after, do=_nothing, once=True)


def _nothing() -> None:
    """The action of a package that another's action handles too."""


def _do(base: list[str], words: list[str]) -> dict[str, Any]:
    done = run([*base, *words])
    if done.rc != 0:
        raise _refusal(words, done)
    if words[0] == "del":
        for name in words[2:]:
            if run([*base, "info", "--installed", name], timeout=600).rc == 0:
                text = "failed to remove {}: it stays, since something needs it: {}".format(name, done.out.strip())
                raise Failure(text, changed=True, packages=[], **done.data())
    return {"stdout": done.out, "stderr": done.err}


def _refusal(words: list[str], done: Completed) -> Failure:
    verb = {"add": "install", "del": "remove", "upgrade": "upgrade"}[words[0]]
    said = (done.err or done.out).strip()
    lacks = {"_lacks": "what apk is asked for"} if "no such package" in done.err + done.out else {}
    names = ", ".join(word for word in words[1:] if not word.startswith("-"))
    return Failure("failed to {} {}: {}".format(verb, names, said), packages=[], **dict(done.data(), **lacks))
