"""Which facts are asked for, and gathering them: each kind with a time limit of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from confman.kit.change import Failure
from confman.kit.facts import distribution, hardware, managers, network, platform, session, storage, system, virtual

Collector = Callable[[], "dict[str, Any]"]

MINIMAL: dict[str, Collector] = {
    "apparmor": system.apparmor,
    "caps": system.caps,
    "chroot": platform.is_chroot,
    "cmdline": system.cmdline,
    "date_time": session.date_time,
    "distribution": distribution.distribution,
    "dns": system.dns,
    "env": session.env,
    "fips": system.fips,
    "loadavg": platform.loadavg,
    "lsb": distribution.lsb,
    "pkg_mgr": managers.pkg_mgr,
    "platform": platform.platform,
    "python": session.python,
    "selinux": system.selinux,
    "service_mgr": managers.service_mgr,
    "ssh_pub_keys": system.ssh_pub_keys,
    "systemd": managers.systemd,
    "user": session.user,
}
"""What is gathered unless `!min` says otherwise; `local` comes with it."""

FURTHER: dict[str, Collector] = {
    "devices": storage.devices,
    "dmi": hardware.firmware,
    "memory": hardware.memory,
    "mounts": storage.mounts,
    "network": network.network,
    "processor": hardware.processors,
    "uptime": hardware.uptime,
    "virtual": virtual.virtual,
}
GROUPS = {
    "hardware": ("devices", "dmi", "memory", "mounts", "processor", "uptime"),
    "interfaces": ("network",),
    "virtualization_type": ("virtual",),
    "virtualization_role": ("virtual",),
    "distribution_version": ("distribution",),
    "distribution_release": ("distribution",),
    "distribution_major_version": ("distribution",),
    "os_family": ("distribution",),
    "system": ("platform",),
    "kernel": ("platform",),
    "machine": ("platform",),
    "hostname": ("platform",),
    "fqdn": ("platform",),
    "domain": ("platform",),
    "user_id": ("user",),
    "default_ipv4": ("network",),
    "default_ipv6": ("network",),
    "all_ipv4_addresses": ("network",),
    "processor_cores": ("processor",),
    "processor_count": ("processor",),
    "python_version": ("python",),
    "date": ("date_time",),
}
"""Names that stand for several kinds, or for the kind that has them."""
_ELSEWHERE = frozenset({"facter", "ohai", "lvm"})


def choose(subsets: Iterable[str]) -> list[str]:
    """The kinds of facts that `gather_subset` asks for, sorted. Raises Failure for a name that does not exist."""
    every = {*MINIMAL, *FURTHER, "local"}
    minimal = {*MINIMAL, "local"}
    wanted: set[str] = set()
    refused: set[str] = set()
    explicit: set[str] = set()
    for name in subsets:
        bare = name.lstrip("!")
        if bare == "all":
            kinds = every - minimal if name.startswith("!") else every
        elif bare == "min":
            kinds = minimal
        else:
            kinds = _kinds(bare, every, strict=not name.startswith("!"))
            explicit |= set() if name.startswith("!") else kinds
        if name.startswith("!"):
            refused |= kinds
        else:
            wanted |= kinds
    if not wanted:
        wanted = set(every)
    return sorted(((wanted | minimal) - refused) | explicit)


def _kinds(name: str, every: set[str], strict: bool) -> set[str]:
    if name in every:
        return {name}
    if name in GROUPS:
        return set(GROUPS[name])
    if name in _ELSEWHERE or not strict:
        return set()
    known = ", ".join(sorted(every | set(GROUPS) | {"all", "min"}))
    raise Failure("Bad subset '{}' given to Ansible. gather_subset options allowed: {}".format(name, known))


def gather(kinds: Iterable[str], folder: str, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """The facts of the kinds, and warnings about those that took more than `seconds` or went wrong."""
    collectors = dict(MINIMAL, **FURTHER)
    collectors["local"] = lambda: system.local(folder)
    found: dict[str, Any] = {}
    warnings = []
    for kind in kinds:
        facts, problem = _bounded(collectors[kind], seconds)
        warnings += facts.pop("_warnings", ())
        found.update(facts)
        if problem:
            warnings.append("facts of {}: {}".format(kind, problem))
    return found, warnings


def _bounded(collector: Collector, seconds: float) -> tuple[dict[str, Any], str]:
    """A collector's facts, or what was wrong; one that hangs (a stale mount, say) is left behind."""
    answer: dict[str, Any] = {}
    problem = []

    def work() -> None:
        try:
            answer.update(collector())
        except Exception as error:
            problem.append("{}: {}".format(type(error).__name__, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return {}, "no answer within {:g} s".format(seconds)
    return dict(answer), problem[0] if problem else ""
