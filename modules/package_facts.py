"""Which packages are installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Warn
from confman.kit.commands import check, find_program
from confman.kit.dpkg import STATUS, read_database
from confman.kit.replace import read_file
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_APK = "/lib/apk/db/installed"
_RPM = r"%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n"
_SAME = {"yum": "rpm", "dnf": "rpm", "dnf5": "rpm", "zypper": "rpm", "openbsd_pkg": "pkg_info", "pkg5": "pkg"}
_ORDER = ("rpm", "apt", "apk", "pacman", "portage", "pkg", "pkg_info")


def package_facts(
    manager: list[
        Literal[
            "apk", "apt", "auto", "dnf", "dnf5", "openbsd_pkg", "pacman", "pkg", "pkg5", "pkg_info", "pkgng",
            "portage", "rpm", "yum", "zypper",
        ]
    ] | None = None,
    strategy: Literal["all", "first"] = "first",
) -> Generator[Change | Warn, None, dict[str, Any]]:  # fmt: skip
    """Look which packages are installed; they become the fact `packages`.

    Args:
        manager: Whose packages: apt, rpm (dnf, yum, zypper), apk, pacman; auto: whichever there are.
        strategy: first: of the first manager that is there. all: of all.

    Returns:
        ansible_facts: packages: a mapping from names to lists of installed versions, each with name, version,
            arch, source and what else the manager knows (release, epoch, category, origin).

    Examples:
        - package_facts:
        - package_facts:
            manager: apt
        - package_facts:
            manager: [auto]
            strategy: all

    Platforms: Linux with dpkg, rpm, apk or pacman.
    """
    names = [_SAME.get(name, name) for name in manager or ["auto"]]
    wanted = list(_ORDER) if "auto" in names else names
    packages = {}  # type: dict[str, list[dict[str, Any]]]
    found = False
    for name in dict.fromkeys(wanted):
        entries = _READERS.get(name, _nobody)()
        if entries is None:
            if "auto" not in names:
                yield Warn("Requested package manager {} was not usable by this module".format(name))
            continue
        found = True
        for entry in entries:
            packages.setdefault(entry["name"], []).append(dict(entry, source=name))
        if strategy == "first":
            break
    if not found:
        raise Failure("Could not detect a supported package manager from the following list: {}".format(names))
    return {"ansible_facts": {"packages": packages}}


def _nobody() -> list[dict[str, Any]] | None:
    """The packages of a manager that cannot be asked."""
    return None


def _apt() -> list[dict[str, Any]] | None:
    if read_file(STATUS) is None:
        return None
    entries = [entry for group in read_database().by_name.values() for entry in group if entry.there]
    return [
        {"name": e.name, "version": e.version, "arch": e.arch, "category": e.section, "origin": ""} for e in entries
    ]


def _rpm() -> list[dict[str, Any]] | None:
    program = find_program("rpm")
    if program is None or find_program("dpkg"):
        return None
    return parse_rpm(check([program, "-qa", "--qf", _RPM], "cannot list the packages", timeout=300).out)


def parse_rpm(text: str) -> list[dict[str, Any]]:
    """Packages from lines of name, version, release, epoch and architecture."""
    found = []  # type: list[dict[str, Any]]
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) == 5:
            name, version, release, epoch, arch = fields
            number = int(epoch) if epoch.isdigit() else None
            found.append({"name": name, "version": version, "release": release, "epoch": number, "arch": arch})
    return found


def _apk() -> list[dict[str, Any]] | None:
    data = read_file(_APK)
    return None if data is None else parse_apk(to_text(data))


def parse_apk(text: str) -> list[dict[str, Any]]:
    """Packages from apk's database: stanzas of one-letter fields."""
    found = []  # type: list[dict[str, Any]]
    for block in text.split("\n\n"):
        fields = {line[0]: line[2:] for line in block.splitlines() if line[1:2] == ":"}
        if "P" in fields:
            version, _dash, release = fields.get("V", "").rpartition("-")
            found.append(
                {
                    "name": fields["P"],
                    "version": version or release,
                    "release": release if version else "",
                    "arch": fields.get("A", ""),
                }
            )
    return found


def _pacman() -> list[dict[str, Any]] | None:
    program = find_program("pacman")
    if program is None:
        return None
    out = check([program, "-Qi"], "cannot list the packages", timeout=300).out
    blocks = [dict(re.findall(r"^(\w[\w ]*?)\s*: (.*)$", block, re.MULTILINE)) for block in out.split("\n\n")]
    return [
        {"name": block["Name"], "version": block.get("Version", ""), "arch": block.get("Architecture", "")}
        for block in blocks
        if "Name" in block
    ]


_READERS = {"apt": _apt, "rpm": _rpm, "apk": _apk, "pacman": _pacman}
