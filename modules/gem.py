"""Packages of Ruby."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.commands import Completed, check
from confman.kit.programs import need
from confman.kit.words import split_words

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_LISTED = re.compile(r"^\S+ +\((.+)\) *$", re.MULTILINE)
_EXACT = re.compile(r"^\d+(\.\w+)*(-\w+)?$")
_TIMEOUT = 1800


@rules(exclusive=[("gem_source", "repository"), ("gem_source", "version")])
def gem(
    name: str,
    state: Literal["present", "absent", "latest"] = "present",
    gem_source: Path | None = None,
    include_dependencies: bool = True,
    repository: Annotated[str | None, "source"] = None,
    user_install: bool = True,
    executable: Path | None = None,
    install_dir: Path | None = None,
    bindir: Path | None = None,
    norc: bool = True,
    env_shebang: bool = False,
    version: str | None = None,
    pre_release: bool = False,
    include_doc: bool = False,
    build_flags: str | None = None,
    force: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a package of Ruby installed, or away.

    Args:
        name: The package.
        state: latest: the newest version that the repository has.
        gem_source: A file on the host to install from.
        include_dependencies: Install what it depends on, too.
        repository: The repository to install from.
        user_install: Install for the user only, not for all.
        executable: The program gem, with further words if need be.
        install_dir: Install in a folder of its own; user_install must be false.
        bindir: The folder for its programs.
        norc: Do not read .gemrc (RubyGems 2.5.2 and later).
        env_shebang: Let its programs be started by /usr/bin/env.
        version: The version; a requirement such as ">= 2" is given to gem each time.
        pre_release: Allow versions before a release.
        include_doc: Install its documentation, too.
        build_flags: Flags for what is compiled.
        force: Do it though other packages depend on it, or it has objections.

    Returns:
        name, state, version: As they were asked for; latest: the version that is the newest.

    Examples:
        - gem:
            name: vagrant
            version: "1.0"
        - gem:
            name: rake
            state: latest
            user_install: false
        - gem:
            name: rake
            gem_source: /srv/gems/rake-1.0.gem

    Platforms: any with RubyGems 2.0 or later.
    """
    ask = SimpleNamespace(**locals())
    _check(ask)
    tool = _Gem(ask)
    if state == "latest":
        ask.version = next(iter(tool.versions(remote=True)), None)
        if ask.version is None:
            where = repository or "the repositories of gem"
            raise Failure("{} has no package {}".format(where, name), name=name)
    yield from _absent(tool, ask) if state == "absent" else _present(tool, ask)
    return dict({"name": name, "state": state}, **({"version": ask.version} if ask.version else {}))


def _present(tool: _Gem, ask: Any) -> Iterator[Change]:
    have, want = tool.versions(), ask.version
    if want not in have if want else not have:
        once = bool(want) and not _EXACT.match(want)
        before = ", ".join(have) or None
        yield Change("gem", ask.name, before=before, after=want or UNKNOWN, do=tool.install, once=once)


def _absent(tool: _Gem, ask: Any) -> Iterator[Change]:
    have = tool.versions()
    left = [each for each in have if ask.version not in (None, each)]
    if left != have:
        before, after = ", ".join(have), ", ".join(left) or None
        yield Change("gem", ask.name, before=before, after=after, do=tool.uninstall)


def _check(ask: Any) -> None:
    if not re.match(r"^[A-Za-z0-9_.][A-Za-z0-9_.-]*$", ask.name):
        raise Failure("{!r} is not the name of a gem".format(ask.name))
    if ask.version and ask.state == "latest":
        raise Failure("Cannot specify version when state=latest")
    if ask.gem_source and ask.state == "latest":
        raise Failure("Cannot maintain state=latest when installing from local source")
    if ask.user_install and ask.install_dir:
        raise Failure("install_dir requires user_install=false")


class _Gem:
    """The program."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.argv = ask.executable.split() if ask.executable else [need("gem")]
        self.env = {"GEM_HOME": ask.install_dir} if ask.install_dir else {}
        self.common = ["--norc"] if ask.norc and self._knows_norc() else []

    def _run(self, *words: str) -> Completed:
        what = "gem {} failed".format(" ".join(words))
        return check([*self.argv, *words], what, env=self.env, timeout=_TIMEOUT)

    def _knows_norc(self) -> bool:
        numbers = re.findall(r"\d+", self._run("--version").out)[:3]
        return [int(number) for number in numbers] >= [2, 5, 2]

    def versions(self, remote: bool = False) -> list[str]:
        """The versions that are installed, or that the repository has; the newest first."""
        words = ["list", *self.common, "--remote" if remote else "--local"]
        if remote:
            words += ["--source", self.ask.repository] if self.ask.repository else []
            words += ["--pre"] if self.ask.pre_release else []
        said = self._run(*words, "^{}$".format(re.escape(self.ask.name))).out
        listed = ", ".join(_LISTED.findall(said))
        return [version.replace("default: ", "").split()[0] for version in filter(None, listed.split(", "))]

    def install(self) -> None:
        """Install it. Raises Failure."""
        ask = self.ask
        words = ["install", *self.common]
        words += [] if ask.include_dependencies else ["--ignore-dependencies"]
        words += ["--user-install" if ask.user_install else "--no-user-install"]
        for option, value in (
            ("--version", ask.version),
            ("--source", ask.repository),
            ("--install-dir", ask.install_dir),
            ("--bindir", ask.bindir),
        ):
            words += [option, value] if value else []
        for flag, wanted in (
            ("--pre", ask.pre_release),
            ("--no-document", not ask.include_doc),
            ("--env-shebang", ask.env_shebang),
            ("--force", ask.force),
        ):
            words += [flag] if wanted else []
        words += [ask.gem_source or ask.name]
        words += ["--", *split_words(ask.build_flags, "build_flags")] if ask.build_flags else []
        self._run(*words)

    def uninstall(self) -> None:
        """Remove the version that is named, or all. Raises Failure."""
        ask = self.ask
        words = ["uninstall", *self.common, "--executables"]
        words += ["--install-dir", ask.install_dir] if ask.install_dir else []
        words += ["--bindir", ask.bindir] if ask.bindir else []
        words += ["--version", ask.version] if ask.version else ["--all"]
        words += ["--force"] if ask.force else []
        self._run(*words, ask.name)
