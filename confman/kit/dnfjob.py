"""What dnf has to be asked for: specifications of packages against what is installed."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Change, Failure
from confman.kit.dnf import Step, perform, simulate
from confman.kit.rpm import Installed, Package, compare_evr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_RELATION = re.compile(r"^(\S+)\s+(>=|<=|>|<|=)\s+(\S+)$")
_VERSIONED = re.compile(r"^(?P<name>.+?)-(?P<evr>(?:\d+:)?\d[^-]*(?:-[^-]+)?)$")
_PATTERN = re.compile(r"[*?\[]")
_FITS = {
    ">=": lambda order: order >= 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    "<": lambda order: order < 0,
    "=": lambda order: order == 0,
}


def split_names(names: Iterable[str]) -> list[str]:
    """The specifications in a list of which each may be several, with commas between. Raises Failure."""
    found = []  # type: list[str]
    for text in names:
        # a group's name, an address and a relation may hold blanks or commas of their own
        parts = [text] if "://" in text or text.startswith("@") else text.split(",")
        found += [part.strip() for part in parts if part.strip()]
    for each in found:
        if each.startswith("-") or "\n" in each:
            raise Failure("{!r} is not the name of a package".format(each), results=[])
    return found


def options_of(ask: Any) -> list[str]:
    """The options of dnf for what is asked for."""
    five = os.path.basename(os.path.realpath(ask.program)) == "dnf5"
    argv = ["--config=" + ask.conf_file] if ask.conf_file else []
    for option, values in (
        ("--disablerepo", ask.disablerepo),
        ("--enablerepo", ask.enablerepo),
        ("--exclude", ask.exclude),
        ("--disable-plugin" if five else "--disableplugin", ask.disable_plugin),
        ("--enable-plugin" if five else "--enableplugin", ask.enable_plugin),
    ):
        argv += ["{}={}".format(option, value) for value in values or () if value]
    argv += ["--installroot=" + ask.installroot] if ask.installroot != "/" else []
    argv += ["--releasever=" + ask.releasever] if ask.releasever else []
    return argv + _switches(ask, five) + _limits(ask)


def _switches(ask: Any, five: bool) -> list[str]:
    best = (not ask.nobest) if ask.nobest is not None else ask.best
    wanted = [
        (("--no-gpgchecks" if five else "--nogpgcheck"), ask.disable_gpg_check),
        ("--skip-broken", ask.skip_broken),
        ("--skip-unavailable", ask.skip_broken and five),
        ("--allowerasing", ask.allowerasing or ask.state in ("absent", "removed")),
        ("--best", best is True),
        (("--no-best" if five else "--nobest"), best is False),
        ("--cacheonly", ask.cacheonly),
        ("--refresh", ask.update_cache and not ask.cacheonly),
        ("--setopt=install_weak_deps=0", not ask.install_weak_deps),
        ("--setopt=sslverify=0", not (ask.sslverify and ask.validate_certs)),
        ("--setopt=clean_requirements_on_remove={}".format(int(ask.autoremove)), True),
        ("--downloadonly", ask.download_only),
    ]
    return [option for option, given in wanted if given]


def _limits(ask: Any) -> list[str]:
    argv = ["--destdir=" + ask.download_dir] if ask.download_only and ask.download_dir else []
    return argv + (["--disableexcludes=" + ask.disable_excludes] if ask.disable_excludes else [])


def _is_file(spec: str) -> bool:
    """Whether a specification is about an rpm file, here or elsewhere."""
    return "://" in spec or (spec.endswith(".rpm") and "/" in spec)


class Job:
    """What dnf has to do, foreseen and done. results: lines that tell of it."""

    def __init__(self, ask: Any, installed: Installed) -> None:
        self.ask = ask
        self.installed = installed
        self.results = []  # type: list[str]
        self.state = {"installed": "present", "removed": "absent"}.get(ask.state, ask.state)
        if ask.autoremove and self.state not in (None, "absent"):
            raise Failure("Autoremove should be used alone or with state=absent", results=[])
        self.state = self.state or ("absent" if ask.autoremove else "present")

    def commands(self) -> list[list[str]]:
        """The verbs and packages to ask dnf for; none where rpm shows that nothing is to be done. Raises Failure."""
        if self.state == "absent":
            return self._removal()
        if self.state == "latest" and self.ask.names == ["*"]:
            return [["upgrade", *self._advisories()]]
        install = []  # type: list[str]
        upgrade = []  # type: list[str]
        for spec in self.ask.names:
            there = not spec.startswith("@") and self._is_there(spec)
            upgrade += [spec] if there or spec.startswith("@") else []
            install += [] if there else [spec]
        install = self._wanted(install)
        commands = [["install", *install]] if install else []
        return commands + self._upgrades(upgrade)

    def _upgrades(self, specs: list[str]) -> list[list[str]]:
        newest = [spec for spec in specs if not os.path.isfile(spec)]
        return [["upgrade", *self._advisories(), *newest]] if newest and self.state == "latest" else []

    def _wanted(self, missing: list[str]) -> list[str]:
        """Those of the missing packages that shall be installed."""
        if not (self.ask.update_only and self.state == "latest"):
            return missing
        groups = [spec for spec in missing if spec.startswith("@")]
        left = [spec for spec in missing if spec not in groups]
        self.results += ["Packages providing {} not installed due to update_only specified".format(s) for s in left]
        return groups

    def _advisories(self) -> list[str]:
        return ["--security"] * self.ask.security + ["--bugfix"] * self.ask.bugfix

    def _removal(self) -> list[list[str]]:
        if any(_is_file(spec) for spec in self.ask.names):
            raise Failure("Cannot remove paths -- please specify package name.", results=[])
        there = [spec for spec in self.ask.names if spec.startswith("@") or self.installed.find(spec)]
        self.results += ["{} is not installed".format(spec) for spec in self.ask.names if spec not in there]
        if there:
            return [["remove", *there]]
        return [] if self.ask.names else [["autoremove"]]

    def _is_there(self, spec: str) -> bool:
        """Whether rpm knows that a package, as it is specified, is installed, or a newer one that is to stay."""
        if "://" in spec or _PATTERN.search(spec):
            return False
        if spec.endswith(".rpm") and os.path.isfile(spec):
            there = self.installed.of_file(spec)
            return any(self._stays(each, there.evr) for each in self.installed.named([there.name]))
        relation = _RELATION.match(spec)
        if relation:
            name, sign, evr = relation.groups()
            return any(_FITS[sign](compare_evr(each, evr)) for each in self.installed.named([name]))
        return bool(self.installed.find(spec)) or self._is_newer(spec)

    def _is_newer(self, spec: str) -> bool:
        """Whether a newer version than the one that is named is installed, and stays."""
        match = _VERSIONED.match(spec)
        if match is None or self.ask.allow_downgrade:
            return False
        name, evr = match.group("name"), match.group("evr")
        return any(compare_evr(each, evr) > 0 for each in self.installed.named([name]))

    def _stays(self, have: Package, evr: str) -> bool:
        order = compare_evr(have, evr)
        return order == 0 or (order > 0 and not self.ask.allow_downgrade)

    def foresee(self) -> list[Change]:
        """The changes, told by dnf itself; the first one's action does them all. Raises Failure."""
        planned = [[self.ask.program, *options_of(self.ask), *command] for command in self.commands()]
        steps = [step for argv in planned for step in simulate(argv)[0]]
        unique = list({str(step): step for step in steps}.values())
        before = self._before(unique)
        self.results += list(self._lines(unique, before))
        changes = [_change(step, before) for step in unique]
        if changes:
            changes[0].do = lambda: self._do(planned, unique)
        return changes

    def _before(self, steps: list[Step]) -> dict[str, list[Package]]:
        names = [step.name for step in steps if step.verb != "other"]
        found = {}  # type: dict[str, list[Package]]
        for each in self.installed.named(names):
            found.setdefault("{}.{}".format(each.name, each.arch), []).append(each)
        return found

    def _lines(self, steps: list[Step], before: dict[str, list[Package]]) -> Iterator[str]:
        """What people are told of the steps."""
        word = "Downloaded" if self.ask.download_only else "Installed"
        for step in steps:
            if step.verb in ("install", "downgrade"):
                yield "{}: {}".format(word, step)
            elif step.verb == "other":
                yield "Changed: {}".format(step)
        for step in steps:
            if step.verb == "remove":
                yield "Removed: {}".format(step)
            for old in before.get("{}.{}".format(step.name, step.arch), ()) if step.verb != "remove" else ():
                yield "Removed: {}-{}.{}".format(old.name, old.evr, old.arch)

    def _do(self, planned: list[list[str]], steps: list[Step]) -> dict[str, Any]:
        for argv in planned:
            perform(argv, self.ask.lock_timeout)
        if not self.ask.download_only:
            self._verify(steps)
        return {"results": self.results, "msg": "", "rc": 0}

    def _verify(self, steps: list[Step]) -> None:
        """Look into rpm's database, whatever dnf said. Raises Failure."""
        there = {(each.name, each.arch): each for each in self.installed.named(step.name for step in steps)}
        for step in steps:
            wrong = (step.name, step.arch) in there if step.verb == "remove" else (step.name, step.arch) not in there
            if wrong and step.verb != "other":
                state = "still installed" if step.verb == "remove" else "not installed"
                raise Failure("did not converge: package {} is {}".format(step, state), changed=True, results=[])


def _change(step: Step, before: dict[str, list[Package]]) -> Change:
    if step.verb == "other":
        return Change("package group", step.name, after="changed", do=_nothing, once=True)
    old = ", ".join(each.evr for each in before.get("{}.{}".format(step.name, step.arch), ())) or None
    after = None if step.verb == "remove" else step.evr
    return Change("package", step.name, before=old, after=after, do=_nothing, once=True)


def _nothing() -> None:
    """The action of a package that another's action handles too."""
