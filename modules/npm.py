"""Packages of Node.js."""

from __future__ import annotations

import json
import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, rules
from confman.kit.commands import Completed, run
from confman.kit.files import make_folders
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_EXACT = re.compile(r"^\d+\.\d+\.\d+\S*$")
_FLAGS = (
    ("ignore_scripts", "--ignore-scripts"),
    ("unsafe_perm", "--unsafe-perm"),
    ("no_optional", "--no-optional"),
    ("no_bin_links", "--no-bin-links"),
    ("force", "--force"),
)
_TIMEOUT = 3600


@rules(required_if=[("state", "absent", ("name",))])
def npm(
    name: str | None = None,
    path: Path | None = None,
    version: str | None = None,
    everywhere: Annotated[bool, "global"] = False,
    executable: Path | None = None,
    ignore_scripts: bool = False,
    unsafe_perm: bool = False,
    ci: bool = False,
    production: bool = False,
    registry: str | None = None,
    state: Literal["present", "absent", "latest"] = "present",
    no_optional: bool = False,
    no_bin_links: bool = False,
    force: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep packages of Node.js installed, in a folder or for all, or keep them away.

    Args:
        name: The package; without one, all that the package.json of `path` asks for.
        path: The folder of the application.
        version: The version; a range or a tag is given to npm each time.
        everywhere: Install for all (global), not in a folder.
        executable: The program npm, with further words if need be.
        ignore_scripts: Run no scripts of packages.
        unsafe_perm: Run scripts as root (npm before 7).
        ci: Install exactly what the lock file says, each time (npm ci).
        production: Leave out what is needed for development only.
        registry: The registry to install from.
        state: latest: also update to the newest version that package.json allows.
        no_optional: Leave out optional packages.
        no_bin_links: Make no links to programs.
        force: Install also what npm has objections to.

    Returns:
        stdout, stderr, rc: Of the last npm that changed something.

    Examples:
        - npm:
            name: coffee-script
            version: 1.6.1
            path: /srv/app
        - npm:
            name: pm2
            global: true
            state: latest
        - npm:
            path: /srv/app
            ci: true
            production: true

    Platforms: any with npm 3 or later.
    """
    ask = SimpleNamespace(**locals())
    if not path and not everywhere:
        raise Failure("path must be specified when not using global")
    if name is not None and not re.match(r"^[^\s-]\S*$", name):
        raise Failure("{!r} is not the name of a package".format(name))
    tool = _Npm(ask)
    if path is not None and state != "absent":
        yield from make_folders(os.path.abspath(path))
    if ci:
        yield tool.change("packages", tool.where, "ci", before=None, after="as locked", once=True)
    elif state == "absent":
        yield from _absent(tool, str(name))
    else:
        yield from _present(tool, ask)
    return {}


def _absent(tool: _Npm, name: str) -> Iterator[Change]:
    have = tool.installed().get(name)
    if have is not None:
        yield tool.change("package", name, "uninstall", before=have, after=None)


def _present(tool: _Npm, ask: Any) -> Iterator[Change]:
    lacking = list(_named(tool, ask) if ask.name else _all(tool))
    yield from lacking
    if ask.state == "latest" and not lacking:
        yield from _newer(tool, ask)


def _named(tool: _Npm, ask: Any) -> Iterator[Change]:
    """The change that installs the package that is named, if it lacks or has another version."""
    have, want = tool.installed().get(ask.name), ask.version
    if have is None or want not in (None, have):
        once = bool(want) and not _EXACT.match(want)
        yield tool.change("package", ask.name, "install", before=have, after=want or UNKNOWN, once=once)


def _all(tool: _Npm) -> Iterator[Change]:
    """The change that installs what package.json asks for, if anything lacks."""
    lacking = {name: each for name, each in tool.packages().items() if each.get("missing") or each.get("invalid")}
    if lacking:
        before = {name: None if each.get("missing") else each.get("version") for name, each in lacking.items()}
        yield tool.change("packages", tool.where, "install", before=before, after=UNKNOWN)


def _newer(tool: _Npm, ask: Any) -> Iterator[Change]:
    """The change that updates what may be newer."""
    old = tool.outdated()
    if old:
        before, after = ({name: each.get(key) for name, each in old.items()} for key in ("current", "wanted"))
        yield tool.change("packages", ask.name or tool.where, "update", before=before, after=after)


class _Npm:
    """The program."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.argv = ask.executable.split() if ask.executable else [need("npm")]
        self.place = ["--global"] if ask.everywhere else []
        self.where = ask.path or "global"
        self.package = [ask.name] if ask.name else []
        if ask.name and ask.version and ask.state != "absent":
            self.package = ["{}@{}".format(ask.name, ask.version)]

    def run(self, *words: str) -> Completed:
        """Run it in the application's folder."""
        folder = self.ask.path
        if folder is not None and not os.path.isdir(folder) and os.path.exists(folder):
            raise Failure("path {} is not a directory".format(folder))
        return run([*self.argv, *words, *self.place], cwd=folder, timeout=_TIMEOUT)

    def _asked(self, *words: str) -> dict[str, Any]:
        """The JSON object that it answers with; its exit code says nothing. Raises Failure."""
        if self.ask.path is not None and not os.path.exists(self.ask.path):
            return {}
        done = self.run(*words, "--json")
        try:
            found = json.loads(done.out or "{}")
        except ValueError as error:
            said = (done.err or done.out).strip()
            raise Failure(
                "cannot read the answer of npm {}: {}: {}".format(words[0], error, said), **done.data()
            ) from None
        return found if isinstance(found, dict) else {}

    def packages(self) -> dict[str, Any]:
        """What is installed, or missing, at the top level."""
        words = ["list", "--long", "--depth=0", *(["--production"] if self.ask.production else [])]
        found = self._asked(*words).get("dependencies") or {}
        return {name: each for name, each in found.items() if isinstance(each, dict)}

    def installed(self) -> dict[str, str]:
        """Installed packages with their versions."""
        there = {name: each for name, each in self.packages().items() if not each.get("missing")}
        return {name: str(each.get("version", "")) for name, each in there.items() if not each.get("invalid")}

    def outdated(self) -> dict[str, Any]:
        """Packages that may be updated, with their versions: current, wanted and latest."""
        found = self._asked("outdated", *([self.ask.name] if self.ask.name else []))
        return {name: each for name, each in found.items() if each.get("current") != each.get("wanted")}

    def change(self, kind: str, name: str, verb: str, **more: Any) -> Change:
        """A change that is made by calling npm with a verb."""
        words = [verb, *[flag for option, flag in _FLAGS if getattr(self.ask, option)]]
        words += ["--production"] if self.ask.production and verb != "uninstall" else []
        words += ["--registry", self.ask.registry] if self.ask.registry else []
        words += [] if verb == "ci" else self.package

        def act() -> dict[str, Any]:
            done = self.run(*words)
            if done.rc != 0:
                said = " ".join((done.err or done.out).split())
                raise Failure("npm {} failed: {}".format(" ".join(words), said), **done.data())
            return done.data()

        return Change("npm " + kind, name, do=act, **more)
