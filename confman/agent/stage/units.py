"""The units of a stage: what runs as far as one can tell, and what their files say."""

from __future__ import annotations

import fcntl
import glob
import json
import os
from typing import Any

from confman.agent.stage.asking import ask

STATE = "/run/confman/units.json"
FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/run/systemd/generator.early",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
)
"""Where units are looked for, the first one wins (systemd.unit(5))."""
KINDS = ("service", "socket", "timer", "target", "mount", "automount", "path", "slice", "scope", "swap", "device")
CAPABILITIES = tuple(
    """CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID CAP_SETPCAP
    CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK CAP_IPC_OWNER
    CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN CAP_SYS_BOOT CAP_SYS_NICE
    CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE CAP_AUDIT_CONTROL CAP_SETFCAP
    CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND CAP_AUDIT_READ CAP_PERFMON CAP_BPF
    CAP_CHECKPOINT_RESTORE""".split()
)
"""By number (capabilities(7))."""
_TOLD = ("Description", "Type", "RemainAfterExit", "User", "Group", "Restart")
_NOT_THERE = {"LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead", "UnitFileState": ""}


class Store:
    """The state of all units, in a file that one program at a time may change."""

    def __init__(self, path: str) -> None:
        self._path = path
        with open(path, encoding="utf-8") as file:
            self.data = parsed(file.read())

    def note(self, verb: str, unit: str, state: dict[str, str]) -> None:
        """Remember what was wished, and how the unit is from now on."""
        with open(self._path, "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.data = parsed(file.read())
            self.data["acts"].append([verb, unit])
            if state:
                self.data["now"].setdefault(unit, {}).update(state)
            text = json.dumps(self.data)
            file.seek(0)
            file.write(text)
            file.truncate()

    @property
    def real(self) -> str:
        """The path of the real systemctl."""
        return str(self.data["real"])

    @property
    def held(self) -> int:
        """The capabilities of the host's service manager, a bit each."""
        return int(self.data["held"])

    def names(self) -> list[str]:
        """The units that have a state, in order."""
        return sorted({*self.data["live"], *self.data["now"]})

    def find(self, name: str) -> str:
        """The name under which a unit is kept: other names of it are looked through."""
        if name in self.data["live"]:
            return name
        for unit, properties in self.data["live"].items():
            if name in properties.get("Names", "").split():
                return str(unit)
        return name

    def show(self, name: str) -> dict[str, str]:
        """The properties of a unit, whether it runs or not (systemctl(1), show)."""
        unit = self.find(name)
        path = unit_file(unit)
        other = _other_name(unit, path)
        if other:
            found = self.show(other)
            return dict(found, Names=" ".join(sorted({*found.get("Names", other).split(), unit})))
        known = self.data["live"].get(unit, {})
        return dict(_loaded(unit, path, known), **self.data["now"].get(unit, {}))


def _other_name(unit: str, path: str) -> str:
    """The unit to whose file the file of this one is a link; "" when it has one of its own."""
    real = os.path.realpath(path) if path else ""
    target = os.path.basename(real)
    if real in ("", path, "/dev/null") or unit_pattern(os.path.basename(path)):
        return ""
    same_kind = target.rpartition(".")[2] == unit.rpartition(".")[2]
    return target if target != unit and same_kind else ""


def _loaded(unit: str, path: str, known: dict[str, str]) -> dict[str, str]:
    """The properties of a unit as its file and what ran before have it."""
    if path:
        masked = os.path.realpath(path) == "/dev/null"
        return dict(from_file(unit, path), **dict(known, LoadState="masked" if masked else "loaded"))
    if known.get("FragmentPath"):
        # It ran, and its file was taken away since.
        return dict(known, LoadState="not-found", UnitFileState="")
    return dict(known) if known.get("LoadState") == "loaded" else dict(_NOT_THERE, Id=unit, Names=unit)


def parsed(text: str) -> dict[str, Any]:
    """The state of all units from the text of its file."""
    state = json.loads(text)  # type: dict[str, Any]
    return state


def complete(name: str) -> str:
    """A unit's name with its kind."""
    return name if name.rpartition(".")[2] in KINDS and "." in name else name + ".service"


def unit_pattern(name: str) -> str:
    """`foo@.service` for `foo@bar.service`; "" for what is no instance."""
    stem, dot, kind = name.rpartition(".")
    before, at, instance = stem.partition("@")
    return before + "@" + dot + kind if at and instance else ""


def unit_file(name: str) -> str:
    """The path of a unit's file, of its template, or of the script from which it is made; "" when there is none."""
    for wanted in filter(None, (name, unit_pattern(name))):
        for folder in FOLDERS:
            path = os.path.join(folder, wanted)
            if os.path.lexists(path):
                return path
    stem, _, kind = name.rpartition(".")
    script = os.path.join("/etc/init.d", stem)
    return script if kind == "service" and os.access(script, os.X_OK) else ""


def from_file(unit: str, path: str) -> dict[str, str]:
    """What the file of a unit, and what is laid beside it, say of a unit that does not run."""
    found = {
        "Id": unit,
        "Names": unit,
        "ActiveState": "inactive",
        "SubState": "dead",
        "FragmentPath": "" if path.startswith("/etc/init.d/") else path,
        "CanReload": "no",
        "MainPID": "0",
    }
    for part in _files(unit, path):
        for key, value in settings(part):
            if key in _TOLD:
                found[key] = value
            elif key == "ExecReload" and value:
                found["CanReload"] = "yes"
    return found


def _files(unit: str, path: str) -> list[str]:
    further = {*glob.glob(path + ".d/*.conf"), *glob.glob("/etc/systemd/system/" + unit + ".d/*.conf")}
    return [path, *sorted(further)]


def settings(path: str) -> list[tuple[str, str]]:
    """The keys and values of a unit's file; none of what cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.strip().partition("=") for line in file.read(262144).splitlines()]
    except OSError:
        return []
    return [(key.strip(), value.strip()) for key, equals, value in lines if equals and not key.startswith(("#", ";"))]


def unmet(unit: str, path: str, held: int) -> bool:
    """Whether a condition of a unit does not hold, so that a start would do nothing (systemd.unit(5)).

    held: the capabilities of the host's own service manager, a bit each: those of the stage say nothing.
    """
    lines = [line for part in _files(unit, path) for line in settings(part)]
    wanted = [value for key, value in lines if key == "ConditionCapability"]
    if not all(_is_held(value, held) for value in wanted):
        return True
    asked = ["{}={}".format(*line) for line in lines if _is_asked(*line)]
    return bool(asked) and not _holds(asked)


def _is_asked(key: str, value: str) -> bool:
    return bool(value) and key.startswith("Condition") and key != "ConditionCapability"


def _holds(conditions: list[str]) -> bool:
    """Whether all conditions hold here and now; those that cannot be judged do."""
    code, _text = ask(["systemd-analyze", "condition", *conditions])
    return code != 1


def _is_held(value: str, held: int) -> bool:
    wanted = not value.startswith("!")
    name = value.lstrip("|!").strip().upper()
    number = CAPABILITIES.index(name) if name in CAPABILITIES else -1
    return number < 0 or bool(held >> number & 1) == wanted


def is_active(properties: dict[str, str]) -> bool:
    """Whether a unit is up, coming up or reloading."""
    return properties.get("ActiveState") in ("active", "activating", "reloading")
