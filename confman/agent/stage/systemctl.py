"""Stands in for systemctl(1) on a stage: what would be started, stopped or restarted is noted, not done.

Files of units and what enabling makes of them are the stage's own: for these verbs the real program is called with
`--root=/`. This file is a program of its own; it imports nothing of ours.
"""

from __future__ import annotations

import fcntl
import fnmatch
import glob
import json
import os
import subprocess
import sys
from typing import Any

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
_TAKES_VALUE = frozenset(
    "-t --type --state -p --property -P -H --host -M --machine -n --lines -o --output -s --signal --kill-whom "
    "--kill-who --job-mode --preset-mode --root --image --legend --timestamp --what --when --message "
    "--check-inhibitors --boot-loader-menu --boot-loader-entry --reboot-argument".split()
)
_OFFLINE = frozenset(
    "enable disable reenable preset preset-all mask unmask link revert add-wants add-requires set-default get-default "
    "is-enabled list-unit-files edit".split()
)
"""Verbs that only concern files: the real program does them without a manager."""
_QUIET = frozenset(
    "daemon-reload daemon-reexec reset-failed set-environment unset-environment import-environment set-property "
    "list-jobs list-timers list-sockets list-dependencies list-machines list-automounts list-paths cancel log-level "
    "log-target service-watchdogs clean freeze thaw default rescue emergency".split()
)
_ENDING = frozenset(
    "poweroff reboot halt kexec soft-reboot suspend hibernate hybrid-sleep suspend-then-hibernate exit "
    "switch-root".split()
)
_NOT_THERE = {"LoadState": "not-found", "ActiveState": "inactive", "SubState": "dead", "UnitFileState": ""}


class Words:
    """A command line taken apart: the verb, its names, and the options."""

    def __init__(self, words: list[str]) -> None:
        self.flags = set()  # type: set[str]
        self.values = {}  # type: dict[str, list[str]]
        self.names = []  # type: list[str]
        rest = list(words)
        while rest:
            self._take(rest)
        self.verb = self.names.pop(0) if self.names else "list-units"

    def _take(self, rest: list[str]) -> None:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            self.names += rest
            del rest[:]
        elif not word.startswith("-") or word == "-":
            self.names.append(word)
        elif equals and word.startswith("--"):
            self.values.setdefault(name, []).append(value)
        elif word in _TAKES_VALUE and rest:
            self.values.setdefault(word, []).append(rest.pop(0))
        elif not word.startswith("--") and word[:2] in _TAKES_VALUE and len(word) > 2:
            self.values.setdefault(word[:2], []).append(word[2:])
        elif word.startswith("--"):
            self.flags.add(word)
        else:
            self.flags.update("-" + letter for letter in word[1:])

    def has(self, *names: str) -> bool:
        """Whether one of these flags was given."""
        return any(name in self.flags or name in self.values for name in names)

    def listed(self, *names: str) -> list[str]:
        """The words of all values of these options, which may be lists with commas."""
        return [word for name in names for value in self.values.get(name, []) for word in value.split(",") if word]


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
        """The properties of a unit, whether it runs or not."""
        unit = self.find(name)
        found = dict(self.data["live"].get(unit, {}))
        path = unit_file(unit)
        real = os.path.realpath(path) if path else ""
        if real and real not in (path, "/dev/null") and not unit_pattern(os.path.basename(path)):
            # A link to another unit is another name of it.
            target = os.path.basename(real)
            if target != unit and target.partition(".")[2] == unit.partition(".")[2]:
                found = self.show(target)
                found["Names"] = " ".join(sorted({*found.get("Names", target).split(), unit}))
                return found
        if not path and not found.get("FragmentPath") and found.get("LoadState") not in ("loaded", "masked"):
            found = dict(_NOT_THERE, Id=unit, Names=unit)
        elif path:
            found = dict(from_file(unit, path, real), **found)
            found["LoadState"] = "masked" if real == "/dev/null" else "loaded"
        elif found.get("FragmentPath") and not os.path.exists(found["FragmentPath"]):
            found = dict(found, LoadState="not-found", UnitFileState="")
        found.update(self.data["now"].get(unit, {}))
        return found


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


def from_file(unit: str, path: str, real: str) -> dict[str, str]:
    """What the file of a unit that does not run says of it."""
    found = {
        "Id": unit,
        "Names": unit,
        "ActiveState": "inactive",
        "SubState": "dead",
        "FragmentPath": "" if path.startswith("/etc/init.d/") else path,
        "CanReload": "no",
        "MainPID": "0",
    }
    further = {*glob.glob(path + ".d/*.conf"), *glob.glob("/etc/systemd/system/" + unit + ".d/*.conf")}
    for part in [real, *sorted(further)]:
        for key, value in settings(part):
            if key in ("Description", "Type", "RemainAfterExit", "User", "Group", "Restart"):
                found[key] = value
            elif key == "ExecReload" and value:
                found["CanReload"] = "yes"
    return found


def settings(path: str) -> list[tuple[str, str]]:
    """The keys and values of a unit's file; none of what cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.strip().partition("=") for line in file.read(262144).splitlines()]
    except OSError:
        return []
    return [(key.strip(), value.strip()) for key, equals, value in lines if equals and not key.startswith(("#", ";"))]


def is_active(properties: dict[str, str]) -> bool:
    """Whether a unit is up, coming up or reloading."""
    return properties.get("ActiveState") in ("active", "activating", "reloading")


def started(properties: dict[str, str]) -> dict[str, str]:
    """How a unit is after it was started: a task that ends is over at once."""
    over = properties.get("Type") == "oneshot" and properties.get("RemainAfterExit", "no") not in ("yes", "true", "1")
    if over:
        return {"ActiveState": "inactive", "SubState": "dead", "Result": "success"}
    kind = properties.get("Id", "").rpartition(".")[2]
    words = {"service": "running", "socket": "listening", "timer": "waiting", "path": "waiting", "mount": "mounted"}
    sub = "exited" if properties.get("Type") == "oneshot" else words.get(kind, "active")
    return {"ActiveState": "active", "SubState": sub, "Result": "success"}


STOPPED = {"ActiveState": "inactive", "SubState": "dead", "MainPID": "0"}


def act(store: Store, words: Words) -> int:
    """start, stop, restart and their kind: note each. The exit code is systemctl's."""
    if not words.names:
        sys.stderr.write("Too few arguments.\n")
        return 1
    code = 0
    for name in [name for given in words.names for name in expand(store, complete(given))]:
        properties = store.show(name)
        unit = properties.get("Id", name)
        problem = refused(words.verb, name, properties)
        if problem:
            sys.stderr.write(problem)
            code = 1 if "masked" in problem else 5
            continue
        state = after(words.verb, properties)
        if state is not None:
            store.note(words.verb, unit, state)
    return code


def expand(store: Store, name: str) -> list[str]:
    """The units that a name with wildcards means, or the name."""
    return fnmatch.filter(store.names(), name) if any(letter in name for letter in "*?[") else [name]


def refused(verb: str, name: str, properties: dict[str, str]) -> str:
    """Why systemctl would not do it; "" when it would."""
    if properties.get("LoadState") == "not-found":
        if verb in ("kill", "try-restart", "condrestart", "try-reload-or-restart", "stop") and is_active(properties):
            return ""
        return "Failed to {} {}: Unit {} not found.\n".format(verb, name, name)
    if properties.get("LoadState") == "masked" and verb not in ("stop", "kill"):
        return "Failed to {} {}: Unit {} is masked.\n".format(verb, name, name)
    return ""


def after(verb: str, properties: dict[str, str]) -> dict[str, str] | None:
    """How a unit is after a verb; None when nothing would happen."""
    up = is_active(properties)
    if verb == "start":
        return None if up else started(properties)
    if verb in ("stop", "kill"):
        return dict(STOPPED) if up or properties.get("ActiveState") == "failed" else None
    if verb in ("try-restart", "condrestart", "try-reload-or-restart", "reload", "force-reload"):
        return started(properties) if up else None
    return started(properties)


def show(store: Store, words: Words) -> int:
    """Print properties as systemctl does."""
    wanted = words.listed("-p", "--property", "-P")
    bare = words.has("--value", "-P")
    names = [name for given in words.names for name in expand(store, complete(given))]
    if not words.names:
        blocks = [{"Version": "stage", "SystemState": "running"}]
    else:
        blocks = [with_file_state(store, store.show(name)) for name in names]
    for number, properties in enumerate(blocks):
        if number:
            sys.stdout.write("\n")
        keys = wanted or sorted(properties)
        for key in keys:
            if bare:
                sys.stdout.write(properties.get(key, "") + "\n")
            elif key in properties or not wanted:
                sys.stdout.write("{}={}\n".format(key, properties.get(key, "")))
    return 0


def with_file_state(store: Store, properties: dict[str, str]) -> dict[str, str]:
    """The properties with what enabling says now."""
    if properties.get("LoadState") == "not-found":
        return properties
    unit = properties.get("Id", "")
    done = subprocess.run(
        [store.real, "--root=/", "is-enabled", "--", unit],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    word = done.stdout.decode("utf-8", "replace").strip().split("\n")[-1]
    if word and word != "not-found" and " " not in word:
        properties = dict(properties, UnitFileState=word)
    return properties


def tell_active(store: Store, words: Words) -> int:
    """is-active and is-failed."""
    states = [store.show(complete(name)).get("ActiveState", "inactive") for name in words.names]
    if not words.has("-q", "--quiet"):
        sys.stdout.write("".join(state + "\n" for state in states))
    if words.verb == "is-failed":
        return 0 if "failed" in states else 1
    return 0 if any(state in ("active", "reloading") for state in states) else 3


def tell_status(store: Store, words: Words) -> int:
    """A short form of status."""
    code = 0
    for name in words.names:
        properties = store.show(complete(name))
        if properties.get("LoadState") == "not-found":
            sys.stderr.write("Unit {} could not be found.\n".format(complete(name)))
            code = 4
            continue
        text = "{} - {}\n     Loaded: {} ({})\n     Active: {} ({})\n"
        keys = ("Id", "Description", "LoadState", "FragmentPath", "ActiveState", "SubState")
        sys.stdout.write(text.format(*(properties.get(key, "") for key in keys)))
        code = code or (0 if is_active(properties) else 3)
    return code


def list_units(store: Store, words: Words) -> int:
    """The table of units, as programs read it."""
    kinds = words.listed("-t", "--type")
    states = words.listed("--state")
    everything = words.has("-a", "--all") or bool(states)
    for name in store.names():
        found = store.show(name)
        row = [found.get(key, "") for key in ("LoadState", "ActiveState", "SubState")]
        chosen = not kinds or name.rpartition(".")[2] in kinds
        named = not words.names or any(fnmatch.fnmatchcase(name, complete(each)) for each in words.names)
        if chosen and named and (everything or is_active(found)) and (not states or set(states) & set(row)):
            sys.stdout.write("  {} {} {}\n".format(name, " ".join(row), found.get("Description", "")))
    return 0


def cat(_store: Store, words: Words) -> int:
    """Print the files of units."""
    for name in words.names:
        path = unit_file(complete(name))
        if not path:
            sys.stderr.write("No files found for {}.\n".format(complete(name)))
            return 1
        with open(path, encoding="utf-8", errors="replace") as file:
            sys.stdout.write("# {}\n{}".format(path, file.read()))
    return 0


def end(store: Store, words: Words) -> int:
    """A wish to end or restart the system is noted."""
    store.note(words.verb, "", {})
    return 0


def nothing(_store: Store, _words: Words) -> int:
    """Verbs that change nothing that can be seen here."""
    return 0


def running(_store: Store, _words: Words) -> int:
    """is-system-running."""
    sys.stdout.write("running\n")
    return 0


_VERBS = {
    "show": show,
    "status": tell_status,
    "is-active": tell_active,
    "is-failed": tell_active,
    "list-units": list_units,
    "cat": cat,
    "is-system-running": running,
}
_ACTS = frozenset(
    "start stop restart reload try-restart condrestart reload-or-restart try-reload-or-restart force-reload kill "
    "isolate".split()
)


def main(argv: list[str]) -> int:
    """Do what a command line asks; the exit code."""
    called = os.path.basename(argv[0])
    words = Words(argv[1:] if called.startswith("systemctl") else [called])
    store = Store(STATE)
    if words.has("--root", "--image", "--version", "--help", "-h"):
        os.execv(store.real, [store.real, *argv[1:]])
    if words.has("--user", "--global") and words.verb not in _OFFLINE:
        return 0
    if words.verb in _OFFLINE:
        return offline(store, words, argv[1:])
    if words.verb in _ACTS:
        return act(store, words)
    if words.verb in _ENDING or called in ("shutdown", "telinit", "init", "runlevel"):
        return end(store, words)
    if words.verb in _QUIET:
        return nothing(store, words)
    if words.verb in _VERBS:
        return _VERBS[words.verb](store, words)
    sys.stderr.write("Unknown command verb {}.\n".format(words.verb))
    return 1


def offline(store: Store, words: Words, argv: list[str]) -> int:
    """Let the real program work on files; then what `--now` asks for."""
    rest = [word for word in argv if word not in ("--now", "--no-reload", "--no-block", "--runtime-only")]
    done = os.spawnv(os.P_WAIT, store.real, [store.real, "--root=/", *rest])
    if done == 0 and words.has("--now") and words.verb in ("enable", "disable", "mask", "reenable"):
        words.verb = "start" if words.verb in ("enable", "reenable") else "stop"
        return act(store, words)
    return done


if __name__ == "__main__":
    sys.exit(main(sys.argv))
