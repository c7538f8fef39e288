"""What a stage has instead of a service manager: the units as they were, and a systemctl that only notes."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING

from confman.agent.stage.asking import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "/run/confman"
STATE = FOLDER + "/units.json"
PROPERTIES = (
    "Id Names Description LoadState ActiveState SubState UnitFileState UnitFilePreset FragmentPath DropInPaths "
    "SourcePath Type RemainAfterExit MainPID ExecMainPID Result CanReload CanStart CanStop NeedDaemonReload "
    "ActiveEnterTimestamp InactiveEnterTimestamp Requires Wants WantedBy Conflicts Before After Triggers TriggeredBy "
    "ExecStart User Group Restart StatusText"
).split()
"""What is noted of each unit that the manager has loaded (systemctl(1), show)."""
POLICY = "#!/bin/sh\n# On the stage of a dry run no daemon is started.\nexit 101\n"
PROGRAM = """#!{python} -IS
import sys
sys.path.insert(0, {library!r})
from confman.agent.stage.systemctl import main
sys.exit(main(sys.argv))
"""
_MANAGER = "/run/systemd/system"
_PLACES = ("/usr/bin/systemctl", "/bin/systemctl")
_DPKG = "/var/lib/dpkg"


class Survey:
    """The services of a host: the units that its manager has loaded, and the manager's capabilities, a bit each."""

    def __init__(self, units: Mapping[str, Mapping[str, str]], held: int) -> None:
        self.units = units
        self.held = held


def survey() -> Survey:
    """What runs on the host; no units where there is no systemd."""
    return Survey(_units() if os.path.isdir(_MANAGER) else {}, _held())


def _held() -> int:
    with open("/proc/1/status", encoding="utf-8", errors="replace") as file:
        lines = [line.split() for line in file if line.startswith("CapBnd:")]
    return int(lines[0][1], 16) if lines else -1


def _units() -> dict[str, dict[str, str]]:
    wanted = [word for name in PROPERTIES for word in ("-p", name)]
    _code, text = ask(["systemctl", "show", "--no-pager", "--all", *wanted, "*"])
    blocks = text.split("\n\n")
    units = [dict(_pairs(block)) for block in blocks]
    return {unit["Id"]: unit for unit in units if unit.get("Id")}


def _pairs(block: str) -> list[tuple[str, str]]:
    lines = [line.partition("=") for line in block.splitlines()]
    return [(name, value) for name, equals, value in lines if equals]


def furnish(sources: Mapping[str, tuple[bool, str, str]], found: Survey) -> None:
    """On the stage: put the systemctl that only notes in the place of the real one, or forbid daemons to start.

    Raises OSError.
    """
    if not found.units:
        _write("/usr/sbin/policy-rc.d", POLICY, 0o755)
        return
    real = next((path for path in _PLACES if os.path.exists(path)), None)
    if real is None:
        raise OSError(0, "systemd runs, but there is no systemctl")
    moved = real + ".confman"
    os.rename(real, moved)
    _divert(real, moved)
    with contextlib.suppress(FileExistsError):
        os.mkdir(FOLDER, 0o755)
    _write(STATE, json.dumps({"real": moved, "held": found.held, "live": found.units, "now": {}, "acts": []}), 0o644)
    _unpack(sources, os.path.join(FOLDER, "lib"))
    _write(real, PROGRAM.format(python=sys.executable, library=os.path.join(FOLDER, "lib")), 0o755)


def _unpack(sources: Mapping[str, tuple[bool, str, str]], library: str) -> None:
    """Lay our sources into a folder, for the program that stands in for systemctl."""
    for name, (package, _origin, text) in sources.items():
        path = os.path.join(library, *name.split("."))
        os.makedirs(path if package else os.path.dirname(path), exist_ok=True)
        _write(os.path.join(path, "__init__.py") if package else path + ".py", text, 0o644)


def _write(path: str, text: str, mode: int) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def _divert(real: str, moved: str) -> None:
    """Let dpkg put a new systemctl beside ours, not over it (dpkg-divert(1))."""
    listed = os.path.join(_DPKG, "info", "systemd.list")
    if not os.path.exists(listed):
        return
    with open(listed, encoding="utf-8", errors="replace") as file:
        names = file.read().split("\n")
    packaged = next((path for path in _PLACES if path in names), real)
    target = os.path.join(os.path.dirname(packaged), os.path.basename(moved))
    with open(os.path.join(_DPKG, "diversions"), "a", encoding="utf-8") as file:
        file.write("{}\n{}\n:\n".format(packaged, target))
