"""Packages of Arch Linux."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.commands import check, run
from confman.kit.pacman import installed, listed, pairs, refusal, upgrades
from confman.kit.programs import need
from confman.kit.words import split_words
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping


@rules(verify=False, one_of=[("name", "update_cache", "upgrade")], exclusive=[("name", "upgrade")])
def pacman(
    name: Annotated[list[str] | None, "package", "pkg"] = None,
    state: Literal["absent", "installed", "latest", "present", "removed"] = "present",
    force: bool = False,
    remove_nosave: bool = False,
    executable: str = "pacman",
    extra_args: str = "",
    update_cache: bool | None = None,
    update_cache_extra_args: str = "",
    upgrade: bool | None = None,
    upgrade_extra_args: str = "",
    reason: Literal["dependency", "explicit"] | None = None,
    reason_for: Literal["all", "new"] = "new",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep packages installed, up to date or away, by pacman.

    A dry run is pacman's own: it names every package that would be installed or removed.

    Args:
        name: Packages: a name, a group, repository/name, a package file or its address.
        state: present (installed), latest, or absent (removed).
        force: Remove without looking at dependencies; with update_cache: refresh in any case.
        remove_nosave: Keep no .pacsave files of what is removed.
        executable: Another program that behaves like pacman.
        extra_args: Further options for installing and removing.
        update_cache: Refresh the package lists; the result says whether they changed.
        update_cache_extra_args: Further options for that.
        upgrade: Upgrade everything.
        upgrade_extra_args: Further options for that.
        reason: Why the packages are installed: explicit, or as a dependency.
        reason_for: Set the reason for new packages only, or for all.

    Returns:
        packages: What was changed.
        cache_updated: Whether the package lists changed.
        msg, stdout, stderr: What was done.

    Examples:
        - pacman:
            name: [foo, bar]
            update_cache: true
        - pacman:
            upgrade: true
        - pacman:
            name: ~/bar-1.0-1-any.pkg.tar.xz
            state: present

    Platforms: Arch Linux and its kin.
    """
    ask = SimpleNamespace(**locals())
    ask.program = need(executable)
    _check(name or ())
    changes = []  # type: list[Change]
    if update_cache:
        yield _refresh(ask, changes)
    changes += _changes(ask)
    told = _told(ask, changes)
    for change in changes:
        yield then_tell(change, lambda: told)
    return told


def _changes(ask: Any) -> Iterator[Change]:
    if ask.upgrade:
        return _upgrade(ask)
    if ask.name is None:
        return iter(())
    return _remove(ask) if ask.state in ("absent", "removed") else _install(ask)


def _told(ask: Any, changes: list[Change]) -> dict[str, Any]:
    """What the result says of the packages."""
    if not ask.upgrade and ask.name is None:
        return {"msg": "Updated package db"}
    return {
        "msg": _upgraded(changes) if ask.upgrade else _message(ask.state, changes),
        "packages": sorted({change.id for change in changes}),
    }


def _upgraded(changes: list[Change]) -> str:
    return "System upgraded" if changes else "Nothing to upgrade"


def _check(names: Iterable[str]) -> None:
    for word in names:
        if word.startswith("-"):
            raise Failure("{!r} is not the name of a package".format(word))


def _message(state: str, changes: list[Change]) -> str:
    away = state in ("absent", "removed")
    if not changes:
        return "package(s) already {}".format("absent" if away else "installed")
    return "{} {} package(s)".format("Removed" if away else "Installed", len(changes))


def _refresh(ask: Any, changes: list[Change]) -> Change:
    """The refreshing of the lists. Whether that changes something is known only then; `changes` are the others."""
    argv = [ask.program, "--sync", "--refresh", *split_words(ask.update_cache_extra_args, "update_cache_extra_args")]
    argv += ["--refresh"] * ask.force

    def lists() -> str:
        return run([ask.program, "--sync", "--list"], timeout=600).out

    def do() -> dict[str, Any]:
        before = lists()
        done = check(argv, "could not update package db", timeout=1800)
        updated = ask.force or lists() != before
        told = {"cache_updated": updated, "changed": updated or bool(changes)}
        return dict(told, stdout=done.out, stderr=done.err)

    return Change("package lists", "pacman", after="refreshed", do=do, once=True)


def _upgrade(ask: Any) -> Iterator[Change]:
    words = split_words(ask.upgrade_extra_args, "upgrade_extra_args")
    argv = [ask.program, "--sync", "--sysupgrade", "--quiet", "--noconfirm", *words]
    for number, (name, (now, latest)) in enumerate(upgrades(ask.program).items()):
        yield _change(name, now, latest, None if number else lambda: _run(argv, "Could not upgrade"))


def _change(name: str, before: str | None, after: str | None, do: Any) -> Change:
    both = {
        side: "{}-{}\n".format(name, version) if version else ""
        for side, version in (("before", before), ("after", after))
    }
    return Change("package", name, before=before, after=after, do=do or _nothing, diff=both, once=True)


def _nothing() -> None:
    """The action of a package that another's action handles too."""


def _run(argv: list[str], what: str) -> dict[str, Any]:
    done = check(argv, what)
    return {"stdout": done.out, "stderr": done.err}


def _is_file(name: str) -> bool:
    return "://" in name or ".pkg.tar" in name


def _install(ask: Any) -> Iterator[Change]:
    """The changes that install packages, and those of their reasons. Raises Failure."""
    there = installed(ask.program)
    names = _expanded(ask, there)
    newer = upgrades(ask.program) if ask.state == "latest" else {}
    files = list(filter(_is_file, names))
    others = [each for each in names if each not in files and _is_missing(each, there, newer)]
    base = [ask.program, "--noconfirm", "--noprogressbar", "--needed", *split_words(ask.extra_args, "extra_args")]
    planned = []  # type: list[list[str]]
    found = {}  # type: dict[str, str]
    for verb, group in (("--sync", others), ("--upgrade", files)):
        new = listed([*base, verb, "--print-format", "%n %v"], group)
        found.update(new)
        planned += [[*base, verb, "--", *group]] if new else []
    for number, (name, version) in enumerate(found.items()):
        yield _change(name, there.get(name), version, None if number else lambda: _do_all(planned))
    yield from _reasons(ask, there, [*names, *found])


def _is_missing(name: str, there: Mapping[str, Any], newer: Mapping[str, Any]) -> bool:
    return name.rpartition("/")[2] not in there or name in newer


def _do_all(planned: list[list[str]]) -> dict[str, Any]:
    done = [check(argv, "Failed to install package(s)") for argv in planned]
    return {"stdout": "".join(each.out for each in done), "stderr": "".join(each.err for each in done)}


def _expanded(ask: Any, there: dict[str, str]) -> list[str]:
    """The names, groups by what is in them."""
    names = list(filter(None, ask.name))
    groups = {}  # type: dict[str, list[str]]
    if any(each not in there for each in names):
        verb = "--query" if ask.state in ("absent", "removed") else "--sync"
        argv = [ask.program, verb, *(["--groups"] * (2 if verb == "--sync" else 1))]
        for group, member in pairs(run(argv, timeout=600).out):
            groups.setdefault(group, []).append(member)
    return [member for each in names for member in groups.get(each, [each])]


def _reasons(ask: Any, there: dict[str, str], names: list[str]) -> Iterator[Change]:
    """The changes of why packages are installed."""
    if ask.reason is None:
        return
    deps = installed(ask.program, "--deps")
    for name in dict.fromkeys(each.rpartition("/")[2] for each in names if not _is_file(each)):
        now = _reason_of(name, there, deps)
        if _sets_reason(ask, now):
            yield _reason(ask, name, now)


def _reason_of(name: str, there: dict[str, str], deps: dict[str, str]) -> str | None:
    if name not in there:
        return None
    return "dependency" if name in deps else "explicit"


def _sets_reason(ask: Any, now: str | None) -> bool:
    """Whether a package's reason is to be set: what is new is explicit by itself."""
    if now is None:
        return bool(ask.reason == "dependency")
    return bool(ask.reason_for == "all" and now != ask.reason)


def _reason(ask: Any, name: str, now: str | None) -> Change:
    argv = [
        ask.program,
        "--noconfirm",
        "--database",
        "--asdeps" if ask.reason == "dependency" else "--asexplicit",
        name,
    ]

    def do() -> None:
        check(argv, "cannot set why {} is installed".format(name))

    return Change("package reason", name, before=now, after=ask.reason, do=do, once=True)


def _remove(ask: Any) -> Iterator[Change]:
    """The changes that remove packages, and what has to go with them. Raises Failure."""
    there = installed(ask.program)
    names = [each for each in _expanded(ask, there) if each in there]
    if not names:
        return
    argv = [ask.program, "--remove", "--noconfirm", "--noprogressbar", *split_words(ask.extra_args, "extra_args")]
    argv += ["--nodeps", "--nodeps"] * ask.force
    done = run([*argv, "--print-format", "%n %v", "--", *names], timeout=600)
    if done.rc != 0:
        raise refusal("failed to list package(s) to remove", done, names)
    real = [*argv, *(["--nosave"] if ask.remove_nosave else []), "--", *names]
    for number, (name, version) in enumerate(pairs(done.out)):
        yield _change(name, version, None, None if number else lambda: _run(real, "failed to remove package(s)"))
