"""Packages of Debian and its kin."""

from __future__ import annotations

import glob
import os
import re
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, Warn, aptget, rules
from confman.kit.aptplan import Spec, parse_specs, to_install, to_remove
from confman.kit.commands import check
from confman.kit.dpkg import compare_versions, read_database
from confman.kit.http import Access, fetch, mask
from confman.kit.programs import need
from confman.kit.scratch import call_scratch
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_ARCHIVES = "/var/cache/apt/archives"


@rules(
    exclusive=[("deb", "package", "upgrade")],
    verify=False,
)
def apt(
    package: Annotated[list[str] | None, "name", "pkg"] = None,
    state: Literal["absent", "build-dep", "latest", "present", "fixed"] = "present",
    update_cache: Annotated[bool | None, "update-cache"] = None,
    update_cache_retries: int = 5,
    update_cache_retry_max_delay: int = 12,
    cache_valid_time: int = 0,
    purge: bool = False,
    default_release: Annotated[str | None, "default-release"] = None,
    install_recommends: Annotated[bool | None, "install-recommends"] = None,
    force: bool = False,
    clean: bool = False,
    allow_unauthenticated: Annotated[bool, "allow-unauthenticated"] = False,
    allow_downgrade: Annotated[bool, "allow-downgrade", "allow_downgrades", "allow-downgrades"] = False,
    allow_change_held_packages: bool = False,
    upgrade: Literal["dist", "full", "no", "safe", "yes"] | None = None,
    dpkg_options: str = "force-confdef,force-confold",
    deb: Path | None = None,
    autoremove: bool = False,
    autoclean: bool = False,
    policy_rc_d: int | None = None,
    only_upgrade: bool = False,
    fail_on_autoremove: bool = False,
    force_apt_get: bool = False,
    lock_timeout: int = 60,
    auto_install_module_deps: bool = True,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep packages installed, up to date or away.

    Args:
        package: Names, with a version if need be: foo, foo=1.0, foo=1.0*, foo>=1.0, foo:i386; patterns as foo*.
        state: present: installed. latest: in the newest version. absent: removed. build-dep: what is needed to
            build them. fixed: broken dependencies are mended.
        update_cache: Update the package lists first.
        update_cache_retries: How often that is tried.
        update_cache_retry_max_delay: The longest pause between two tries, in seconds.
        cache_valid_time: Update the lists only if they are older, in seconds.
        purge: Remove configuration too (state=absent, autoremove).
        default_release: Take versions of this release.
        install_recommends: Install what the packages recommend, or not; default: as apt is configured.
        force: Allow whatever apt-get warns of: unauthenticated packages, downgrades, removal of essential ones.
        clean: Remove all downloaded package files.
        allow_unauthenticated: Install packages whose origin cannot be checked.
        allow_downgrade: Let a version asked for replace a newer one.
        allow_change_held_packages: Change packages that are on hold.
        upgrade: safe, yes: upgrade everything without removing anything. dist, full: remove what is in the way.
        dpkg_options: Options for dpkg, separated by commas.
        deb: A package file on the host, or its address.
        autoremove: Remove packages that nothing needs any more.
        autoclean: Remove downloaded package files that are out of date.
        policy_rc_d: What policy-rc.d answers meanwhile; 101: no service is started.
        only_upgrade: Do not install what is not installed yet.
        fail_on_autoremove: Fail rather than remove any package.
        force_apt_get: apt-get is always used; aptitude never.
        lock_timeout: Seconds to wait for another that is using apt.
        auto_install_module_deps: Nothing needs to be installed for this module.

    Returns:
        cache_updated: Whether the package lists were updated.
        cache_update_time: When that was, in seconds since 1970.
        stdout, stderr: What apt-get said.

    Examples:
        - apt:
            name: [nginx, "openssl>=3.0"]
            update_cache: true
            cache_valid_time: 3600
        - apt:
            deb: https://example.com/app_1.0_amd64.deb
        - apt:
            upgrade: dist
            autoremove: true

    Platforms: Debian, Ubuntu and others with dpkg and apt-get.
    """
    ask = SimpleNamespace(**locals())
    specs = _check(ask)
    job = _Job(ask, specs)
    stamp = aptget.lists_time()
    stale = bool(update_cache or cache_valid_time) and time.time() - stamp >= cache_valid_time
    changes = list(job.foresee(stale))
    data = dict(job.told(), cache_updated=stale, cache_update_time=int(stamp))  # type: dict[str, Any]
    if clean:
        yield from _clean()
    if stale:
        yield Change("package lists", aptget.LISTS, before=int(stamp), after=UNKNOWN, do=job.update_and_run, once=True)
        data["changed"] = bool(changes) or not job.asked
    elif changes and isinstance(changes[0], Change):
        changes[0].do = job.run
    yield from changes
    return data


def _check(ask: Any) -> list[Spec]:
    """The packages that are asked for by name; settles `ask.upgrade`. Raises Failure."""
    ask.upgrade = None if ask.upgrade == "no" else ask.upgrade
    names = ask.package or []
    specs = parse_specs(name for name in names if name != "*")
    if ask.deb and ask.state != "present":
        raise Failure("deb only supports state=present")
    if "*" in names:
        if specs:
            raise Failure("unable to install additional packages when upgrading all installed packages")
        if ask.state == "latest":
            ask.upgrade = "yes"
    aptget.options_from(ask.dpkg_options)
    return specs


class _Job:
    """What apt-get has to do, foreseen and done."""

    def __init__(self, ask: Any, specs: list[Spec]) -> None:
        self.ask = ask
        self.specs = specs
        self.asked = bool(specs or ask.upgrade or ask.deb or ask.autoremove or ask.autoclean or ask.clean)
        self.deb = ""
        self.said = ""
        self.planned = None  # type: list[tuple[list[str], list[aptget.Step]]] | None

    def foresee(self, stale: bool) -> Iterator[Change | Warn]:
        """The changes of packages; with lists that are going to be updated, as far as the old ones tell."""
        try:
            self.planned = [(argv, self._steps(argv)) for argv in self.commands()]
        except Failure as failure:
            if not stale:
                raise
            yield Warn("with the present package lists: " + failure.msg)
            for spec in self.specs:
                yield Change("package", spec.name, before=None, after=UNKNOWN, do=_nothing, once=True)
            return
        for step in (step for _argv, steps in self.planned for step in steps):
            yield Change(
                "package", step.name, before=step.before or None, after=step.after or None, do=_nothing, once=True
            )

    def _steps(self, argv: list[str]) -> list[aptget.Step]:
        """What an apt-get command would change; what it says of that is kept."""
        steps, done = aptget.simulate(argv)
        self.said += done.out
        if argv[-1] == "autoclean":
            names = re.findall(r"^Del (\S+) (\S+)", done.out, re.MULTILINE)
            return [aptget.Step(name + ".deb", version, "") for name, version in names]
        return steps

    def told(self) -> dict[str, Any]:
        """What apt-get says of a plan: all there is where nothing is done."""
        if not self.planned:
            return {}
        told = {"stdout": self.said, "stdout_lines": self.said.splitlines(), "stderr": "", "stderr_lines": []}
        return dict(told, msg=self.said) if self.ask.upgrade else told

    def commands(self) -> Iterator[list[str]]:
        """The argument lists for apt-get; none when everything is as it should be."""
        ask = self.ask
        if ask.upgrade:
            verb = ["dist-upgrade"] if ask.upgrade in ("dist", "full") else ["upgrade", "--with-new-pkgs"]
            yield [*self._options(), *verb]
        if ask.deb:
            yield from self._deb_command()
        if self.specs:
            yield from self._package_command()
        else:
            yield from self._upkeep_commands()

    def _upkeep_commands(self) -> Iterator[list[str]]:
        """What is asked for when no packages are named."""
        ask = self.ask
        if ask.state == "fixed" and ask.package is not None:
            yield [*self._options(), "--fix-broken", "install"]
        if ask.autoclean:
            yield [*self._options(), "autoclean"]
        if ask.autoremove and not ask.upgrade and not ask.deb:
            yield [*self._options(), *self._purge(), "autoremove"]

    def _purge(self) -> list[str]:
        return ["--purge"] if self.ask.purge else []

    def _package_command(self) -> Iterator[list[str]]:
        ask, database = self.ask, read_database()
        if ask.state == "absent":
            names = to_remove(self.specs, database, ask.purge)
            if names:
                yield [*self._options(), *self._purge(), "remove", "--", *names]
        elif ask.state == "build-dep":
            yield [*self._options(), "build-dep", "--", *(spec.text for spec in self.specs)]
        else:
            names = to_install(self.specs, database, ask.state, ask.only_upgrade)
            fixed = ["--fix-broken"] if ask.state == "fixed" else []
            upgrade = ["--only-upgrade"] if ask.only_upgrade else []
            if names or fixed:
                yield [*self._options(), *fixed, *upgrade, "install", "--", *names]

    def _deb_command(self) -> Iterator[list[str]]:
        self.deb = self.deb or (_download(self.ask.deb) if "://" in self.ask.deb else os.path.abspath(self.ask.deb))
        name, version, arch = _deb_facts(self.deb)
        database = read_database()
        have = database.find(name if arch in ("all", database.native) else "{}:{}".format(name, arch))
        if have is not None and have.there:
            order = compare_versions(version, have.version)
            if order == 0:
                return
            if order < 0 and not (self.ask.allow_downgrade or self.ask.force):
                raise Failure(
                    "A later version is already installed: {} {}, the file has {} (allow_downgrade lets it be "
                    "replaced)".format(name, have.version, version)
                )
        yield [*self._options(), "install", "--", self.deb]

    def _options(self) -> list[str]:
        ask = self.ask
        argv = aptget.options_from(ask.dpkg_options)
        argv += ["-t", ask.default_release] if ask.default_release else []
        if ask.install_recommends is not None:
            argv += ["-o", "APT::Install-Recommends={}".format("yes" if ask.install_recommends else "no")]
        argv += self._permissions()
        argv += ["--no-remove"] if ask.fail_on_autoremove else []
        argv += ["--auto-remove"] if ask.autoremove and (self.specs or ask.upgrade or ask.deb) else []
        return argv

    def _permissions(self) -> list[str]:
        """What apt-get may do that it would refuse otherwise."""
        ask = self.ask
        allowed = {
            "--allow-unauthenticated": ask.allow_unauthenticated,
            "--allow-downgrades": ask.allow_downgrade,
            "--allow-change-held-packages": ask.allow_change_held_packages,
            "--allow-remove-essential": False,
        }
        return [option for option, wanted in allowed.items() if wanted or ask.force]

    def update_and_run(self) -> dict[str, Any]:
        """Update the package lists, look again, and do what is needed then."""
        ask = self.ask
        aptget.update(ask.update_cache_retries, ask.update_cache_retry_max_delay, ask.lock_timeout)
        self.planned = None
        data = self.run() if self.asked else {}
        return dict(data, cache_updated=True, cache_update_time=int(aptget.lists_time()))

    def run(self) -> dict[str, Any]:
        """Do what is needed; the result data. Raises Failure."""
        out, err, changed = [], [], bool(self.ask.clean)
        with aptget.policy(self.ask.policy_rc_d):
            for argv, needed in self.planned or [(argv, self._steps(argv)) for argv in self.commands()]:
                if not needed:
                    continue
                changed = True
                what = "apt-get {}".format(" ".join(argv[argv.index("--") - 1 :] if "--" in argv else argv[-2:]))
                done = aptget.perform(argv, self.ask.lock_timeout, what)
                out.append(done.out)
                err.append(done.err)
                _verify(needed)
        data = {"stdout": "".join(out), "stderr": "".join(err), "changed": changed}  # type: dict[str, Any]
        data.update({"msg": data["stdout"]} if self.ask.upgrade else {})
        return dict(data, stdout_lines=data["stdout"].splitlines(), stderr_lines=data["stderr"].splitlines())


def _nothing() -> None:
    """The action of a package that another's action handles too."""


def _verify(steps: list[aptget.Step]) -> None:
    """Look into dpkg's database, whatever apt-get said. Raises Failure."""
    database = read_database()
    for step in steps:
        if step.name.endswith(".deb"):
            continue
        have = database.find(step.name)
        there = have is not None and have.state == "installed"
        if bool(step.after) != there:
            raise Failure(
                "did not converge: package {} is {}".format(step.name, have.state if have else "not installed"),
                changed=True,
            )


def _clean() -> Iterator[Change]:
    files = glob.glob(os.path.join(_ARCHIVES, "*.deb")) + glob.glob(os.path.join(_ARCHIVES, "partial", "*"))
    if files:

        def do() -> dict[str, Any]:
            done = check([need("apt-get"), "clean"], "cannot clean {}".format(_ARCHIVES))
            return {"msg": done.out, "stdout": done.out, "stderr": done.err}

        yield Change("directory", _ARCHIVES, before="{} files".format(len(files)), after="empty", do=do)


def _deb_facts(path: str) -> tuple[str, str, str]:
    """Name, version and architecture of a package file. Raises Failure."""
    if not os.path.isfile(path):
        raise Failure("the package file {} does not exist".format(path), path=path, _lacks=path)
    fields = ["Package", "Version", "Architecture"]
    done = check([need("dpkg-deb"), "-f", "--", path, *fields], "cannot read the package file {}".format(path))
    found = dict(re.findall(r"^(\w+): (.*)$", done.out, re.MULTILINE))
    if set(fields) - set(found):
        raise Failure("the package file {} lacks its name, version or architecture".format(path), path=path)
    return found["Package"], found["Version"], found["Architecture"]


def _download(url: str) -> str:
    """Fetch a package file into a private folder that apt may read; its path. Raises Failure."""
    response = fetch(url, Access(timeout=60), "GET", {})
    if not 200 <= response.status < 300:
        raise Failure("cannot get {}: {} {}".format(mask(url), response.status, response.reason), url=mask(url))
    try:
        path = os.path.join(call_scratch(), "package.deb")
        with open(path, "wb") as stream:
            stream.writelines(response.chunks())
    except OSError as error:
        raise Failure("cannot keep the download of {}: {}".format(mask(url), os_reason(error)), url=mask(url)) from None
    return path
