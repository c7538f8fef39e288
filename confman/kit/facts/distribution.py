"""Which distribution it is."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from confman.kit.facts.text import parse_pairs, read_text

_NAMES = {
    "debian": "Debian",
    "ubuntu": "Ubuntu",
    "rhel": "RedHat",
    "centos": "CentOS",
    "fedora": "Fedora",
    "rocky": "Rocky",
    "almalinux": "AlmaLinux",
    "ol": "OracleLinux",
    "amzn": "Amazon",
    "alpine": "Alpine",
    "arch": "Archlinux",
    "gentoo": "Gentoo",
    "opensuse-leap": "openSUSE Leap",
    "opensuse-tumbleweed": "openSUSE Tumbleweed",
    "sles": "SLES",
    "linuxmint": "Linux Mint",
    "raspbian": "Debian",
    "kali": "Kali",
    "nixos": "NixOS",
    "void": "Void",
}
_FAMILIES = {
    "RedHat": "RedHat CentOS Fedora Rocky AlmaLinux OracleLinux Amazon",
    "Debian": "Debian Ubuntu Kali",
    "Suse": "SLES",
    "Archlinux": "Archlinux",
    "Alpine": "Alpine",
    "Gentoo": "Gentoo",
}
_FILES = {
    "Alpine": ("/etc/alpine-release", "Alpine"),
    "RedHat": ("/etc/redhat-release", "RedHat"),
    "Archlinux": ("/etc/arch-release", "Archlinux"),
}


def distribution() -> dict[str, Any]:
    """distribution, distribution_version, distribution_major_version, distribution_release, os_family ..."""
    text = read_text("/etc/os-release") or read_text("/usr/lib/os-release")
    found = describe(parse_pairs(text), read_text("/etc/debian_version"))
    path, variety = _FILES.get(str(found["os_family"]), ("/etc/os-release", str(found["distribution"])))
    if not os.path.exists(path):
        path = "/etc/os-release"
    found.update(distribution_file_path=path, distribution_file_variety=variety, distribution_file_parsed=True)
    return found


def describe(release: Mapping[str, str], debian_version: str) -> dict[str, Any]:
    """The facts that the fields of os-release tell; `debian_version` is the content of that file."""
    identity = release.get("ID", "").lower()
    name = _NAMES.get(identity) or release.get("NAME", "").split(" ")[0] or "NA"
    version = release.get("VERSION_ID", "NA")
    if name == "Debian" and re.match(r"\d", debian_version):
        version = debian_version
    codename = release.get("VERSION_CODENAME", "")
    if not codename:
        match = re.search(r"\(([^)]+)\)", release.get("VERSION", ""))
        codename = match.group(1).split(" ")[0].lower() if match else "NA"
    found = {
        "distribution": name,
        "distribution_version": version,
        "distribution_major_version": version.split(".")[0] if name != "Archlinux" else "NA",
        "distribution_release": codename,
        "os_family": family(name, release.get("ID_LIKE", "")),
    }
    if name == "Debian" and "." in debian_version:
        found["distribution_minor_version"] = debian_version.split(".")[1]
    return found


def family(name: str, like: str) -> str:
    """The family of a distribution, by its name, else by what it says it is like."""
    for candidate, members in _FAMILIES.items():
        if name in members.split(" ") or (candidate == "Suse" and "SUSE" in name):
            return candidate
    for word, candidate in (
        ("debian", "Debian"),
        ("rhel", "RedHat"),
        ("fedora", "RedHat"),
        ("suse", "Suse"),
        ("arch", "Archlinux"),
    ):
        if word in like.split():
            return candidate
    return name


def lsb() -> dict[str, Any]:
    """lsb: id, release, codename, description, as /etc/lsb-release or os-release have them."""
    given = parse_pairs(read_text("/etc/lsb-release"))
    release = parse_pairs(read_text("/etc/os-release"))
    found = {
        "id": given.get("DISTRIB_ID") or _NAMES.get(release.get("ID", ""), ""),
        "release": given.get("DISTRIB_RELEASE") or release.get("VERSION_ID", ""),
        "codename": given.get("DISTRIB_CODENAME") or release.get("VERSION_CODENAME", ""),
        "description": given.get("DISTRIB_DESCRIPTION") or release.get("PRETTY_NAME", ""),
    }
    if not any(found.values()):
        return {"lsb": {}}
    found["major_release"] = found["release"].split(".")[0]
    return {"lsb": found}
