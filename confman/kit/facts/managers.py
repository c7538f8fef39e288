"""Which programs manage packages and services."""

from __future__ import annotations

import os
from typing import Any

from confman.kit.commands import find_program, run
from confman.kit.facts.distribution import distribution
from confman.kit.facts.text import read_text

_PACKAGES = (
    ("/usr/bin/apt-get", "apt"),
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/dnf-3", "dnf"),
    ("/usr/bin/dnf", "dnf"),
    ("/usr/bin/yum", "yum"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/bin/pacman", "pacman"),
    ("/sbin/apk", "apk"),
    ("/usr/bin/emerge", "portage"),
    ("/usr/sbin/swupd", "swupd"),
    ("/usr/bin/xbps-install", "xbps"),
    ("/run/current-system/sw/bin/nix-env", "nix"),
)
_PREFERRED = {"Debian": "apt", "Suse": "zypper", "Archlinux": "pacman", "Alpine": "apk"}


def pkg_mgr() -> dict[str, Any]:
    """pkg_mgr: the package manager of this distribution, `unknown` when none is known."""
    there = [name for path, name in _PACKAGES if os.path.exists(path)]
    preferred = _PREFERRED.get(str(distribution()["os_family"]))
    if preferred in there:
        return {"pkg_mgr": preferred}
    others = [name for name in there if name != "apt"] or there
    return {"pkg_mgr": others[0] if others else "unknown"}


def service_mgr() -> dict[str, Any]:
    """service_mgr: what starts and stops services, by what PID 1 is and by what there is."""
    first = os.path.basename(read_text("/proc/1/comm") or "")
    if _runs_systemd():
        return {"service_mgr": "systemd"}
    known = {"openrc-init": "openrc", "runit": "runit", "runit-init": "runit", "s6-svscan": "s6", "procd": "procd"}
    if first in known:
        return {"service_mgr": known[first]}
    if os.path.exists("/sbin/openrc") or os.path.exists("/sbin/rc-service"):
        return {"service_mgr": "openrc"}
    if os.path.exists("/etc/init.d"):
        return {"service_mgr": "sysvinit"}
    return {"service_mgr": "service"}


def systemd() -> dict[str, Any]:
    """systemd: its version and features, where it runs."""
    program = find_program("systemctl")
    if program is None or not _runs_systemd():
        return {}
    lines = run([program, "--version"], timeout=10).out.splitlines()
    words = lines[0].split() if lines else []
    if len(words) < 2 or not words[1].isdigit():
        return {}
    return {"systemd": {"version": int(words[1]), "features": lines[1] if len(lines) > 1 else ""}}


def _runs_systemd() -> bool:
    return any(os.path.exists(path) for path in ("/run/systemd/system", "/dev/.run/systemd", "/dev/.systemd"))
