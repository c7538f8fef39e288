"""service and package: whatever the host really runs decides which module does it."""

from __future__ import annotations

from typing import Any

from confman.actions.base import ActionFailed, ActionTask, Steps
from confman.model.request import Invocation

SERVICE_MANAGERS = {
    "systemd": "systemd",
    "sysvinit": "sysvinit",
    "service": "sysvinit",
    "openrc": "openrc",
}
PACKAGE_MANAGERS = {
    "apt": "apt",
    "dnf": "dnf",
    "dnf5": "dnf",
    "yum": "dnf",
    "zypper": "zypper",
    "apk": "apk",
    "pacman": "pacman",
}
_OVERRIDES = {"pkg_mgr": "ansible_package_use"}
"""Variables that name the module where the task does not."""
_OTHERWISE = {"service_mgr": "sysvinit"}
"""What does it where the first process is none that we know, as in most containers: it asks the init scripts."""
_ELSEWHERE = frozenset({"openwrt_init", "runit"})
"""What hosts may run that keeps services in ways of its own, and has modules in collections."""
_UNKNOWN = {
    "systemd": frozenset({"pattern", "runlevel", "sleep", "arguments", "args"}),
    "sysvinit": frozenset({"runlevel"}),
}
"""Arguments of `service` that mean nothing to what does it: runlevels by name are OpenRC's."""


def service(task: ActionTask) -> Steps:
    """Keep a service running or stopped, by systemd where it is the init, else by the init that is there."""
    args = dict(task.args)
    manager = yield from _manager(task, str(args.pop("use", "auto") or "auto"), "service_mgr", SERVICE_MANAGERS)
    args = {**task.defaults(manager), **args}
    unknown = _UNKNOWN.get(manager, frozenset())
    args = {key: value for key, value in args.items() if key not in unknown}
    result: dict[str, Any] = yield Invocation(manager, args, final=True)
    return result


def package(task: ActionTask) -> Steps:
    """Keep packages installed or away, by the package manager of the host."""
    args = dict(task.args)
    manager = yield from _manager(task, str(args.pop("use", "auto") or "auto"), "pkg_mgr", PACKAGE_MANAGERS)
    args = {**task.defaults(manager), **args}
    result: dict[str, Any] = yield Invocation(manager, args, final=True)
    return result


def _manager(task: ActionTask, wanted: str, fact: str, known: dict[str, str]) -> Any:
    """The module to use: as asked, by a variable, or by fact; only names that we know are ever taken."""
    override = _OVERRIDES.get(fact)
    name = asked = wanted.rsplit(".", 1)[-1]
    if name == "auto" and override:
        name = str(task.scope.find(override, "auto")).rsplit(".", 1)[-1]
    if name == "auto":
        name = yield from _running(task, fact)
    if name not in known and asked == "auto" and fact in _OTHERWISE and name not in _ELSEWHERE:
        return _OTHERWISE[fact]
    if name not in known:
        raise ActionFailed(
            f"Could not find a matching action for the {name!r} {fact.replace('_', ' ')}: "
            f"set `use` to one of {', '.join(sorted(known))}"
        )
    return known[name]


def _running(task: ActionTask, fact: str) -> Any:
    """The fact, asked of the host where it is not there yet."""
    facts = task.scope.find("ansible_facts", {}) or {}
    name = facts.get(fact, "auto")
    if name == "auto":
        arguments = {"gather_subset": ["!all", "!min", fact], "filter": [f"ansible_{fact}"]}
        answer = yield Invocation("setup", arguments, check=False, foreground=True)
        name = (answer.get("ansible_facts") or {}).get(f"ansible_{fact}", "unknown")
    return name
