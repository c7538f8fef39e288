"""pacman: what it tells of packages, and why it refuses."""

from __future__ import annotations

import re

from confman.kit.change import Failure
from confman.kit.commands import Completed, run

_PAIR = re.compile(r"^\s*(\S+) (\S+)\s*$", re.MULTILINE)
_UPGRADE = re.compile(r"^\s*(\S+) (\S+) -> (\S+)\s*$", re.MULTILINE)
_NOISE = ("loading packages", "there is nothing to do", "Avoid running")


def pairs(text: str) -> list[tuple[str, str]]:
    """The lines of two words: name and version, group and member."""
    return _PAIR.findall(text)


def installed(program: str, *words: str) -> dict[str, str]:
    """Versions of installed packages by name."""
    return dict(_PAIR.findall(run([program, "--query", *words], timeout=600).out))


def upgrades(program: str) -> dict[str, tuple[str, str]]:
    """Packages with their present and their latest versions; ignored ones are left out."""
    found = _UPGRADE.findall(run([program, "--query", "--upgrades"], timeout=600).out)
    return {name: (now, latest) for name, now, latest in found}


def listed(argv: list[str], names: list[str]) -> dict[str, str]:
    """Versions by name of what pacman would install. Raises Failure."""
    if not names:
        return {}
    done = run([*argv, "--", *names], timeout=1800)
    if done.rc != 0:
        raise refusal("Failed to list package(s) to install", done, names)
    lines = [line for line in done.out.split("\n") if not any(noise in line for noise in _NOISE)]
    return dict(_PAIR.findall("\n".join(lines)))


def refusal(what: str, done: Completed, names: list[str]) -> Failure:
    """The failure for a pacman that refused; a package that it does not know is what is lacking."""
    said = " ".join((done.err + done.out).split("\n")).strip()
    lacks = {"_lacks": "the package {}".format(names[0])} if "not found" in said else {}
    return Failure("{}: {}".format(what, said), packages=[], **dict(done.data(), **lacks))
