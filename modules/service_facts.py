"""Which services there are, and whether they run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from confman.kit import Change, Warn
from confman.kit.commands import find_program
from confman.kit.runlevels import SCRIPTS, levels_of, script_runs
from confman.kit.units import Systemctl, offline

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_BAD = ("not-found", "masked", "failed")


def service_facts() -> Generator[Change | Warn, None, dict[str, Any]]:
    """Look which services there are; they become the fact `services`.

    Returns:
        ansible_facts: services: a mapping from names to name, state (running, stopped, failed ...), status
            (enabled, disabled, static, masked, not-found ...) and source (systemd, sysv).

    Examples:
        - service_facts:
        - debug:
            var: ansible_facts.services["ssh.service"].state
        - debug:
            msg: "{{ services | dict2items | selectattr('value.state', '==', 'running') | map(attribute='key') }}"

    Platforms: Linux with systemd or init scripts.
    """
    services = {}  # type: dict[str, dict[str, str]]
    if os.path.isdir(SCRIPTS):
        services.update(_scripts())
    if find_program("systemctl") and not offline():
        control = Systemctl()
        units = control.ask("list-units", "--no-pager", "--no-legend", "--type", "service", "--all", "--plain")
        files = control.ask("list-unit-files", "--no-pager", "--no-legend", "--type", "service", "--all")
        for done, what in ((units, "list units from systemd"), (files, "get unit files data from systemd")):
            if done.rc != 0:
                yield Warn("Could not {}: {}".format(what, done.err.strip()))
        found = merge_units(units.out, files.out)
        for name, service in services.items():
            service["state"] = found.get(name + ".service", service)["state"]
        services.update(found)
    return {"ansible_facts": {"services": services}}


def merge_units(units: str, files: str) -> dict[str, dict[str, str]]:
    """Services from what `systemctl list-units` and `list-unit-files` print."""
    found = {}  # type: dict[str, dict[str, str]]
    for name, load, active, sub in _rows(units, 4):
        status = next((word for word in (load, active, sub) if word in _BAD), active)
        state = "running" if sub == "running" else "stopped"
        found[name] = {"name": name, "state": state, "status": status, "source": "systemd"}
    for name, status in _rows(files, 2):
        if name not in found:
            # no unit of this file is loaded: nothing runs
            state = "unknown" if "@." in name else "inactive"
            found[name] = {"name": name, "state": state, "status": status, "source": "systemd"}
        elif found[name]["status"] not in _BAD:
            found[name]["status"] = status
    return found


def _rows(text: str, width: int) -> Iterator[list[str]]:
    """The first words of each line about a service."""
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= width and fields[0].endswith(".service"):
            yield fields[:width]


def _scripts() -> dict[str, dict[str, str]]:
    """Services of init scripts; where systemd runs, it answers for most of them by units of their own."""
    found = {}  # type: dict[str, dict[str, str]]
    for name in sorted(os.listdir(SCRIPTS)):
        path = os.path.join(SCRIPTS, name)
        if not os.access(path, os.X_OK) or not os.path.isfile(path) or name in ("rc", "rcS", "functions", "README"):
            continue
        running = script_runs(name, []) if offline() else None
        state = {True: "running", False: "stopped", None: "unknown"}[running]
        status = "enabled" if "S" in levels_of(name).values() else "disabled"
        found[name] = {"name": name, "state": state, "status": status, "source": "sysv"}
    return found
