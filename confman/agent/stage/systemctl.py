"""Stands in for systemctl(1) on a stage: what would be started, stopped or restarted is noted, not done.

Files of units and what enabling makes of them are the stage's own: for these verbs the real program is called with
`--root=/`.
"""

from __future__ import annotations

import fnmatch
import os
import sys

from confman.agent.stage.asking import ask
from confman.agent.stage.command_line import Words
from confman.agent.stage.units import STATE, Store, complete, is_active, unit_file, unmet

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
    "switch-root shutdown telinit init".split()
)
_ONLY_IF_UP = ("try-restart", "condrestart", "try-reload-or-restart", "reload", "force-reload")
_COLUMNS = ("LoadState", "ActiveState", "SubState")
_MANAGER = {"Version": "stage", "SystemState": "running"}
STOPPED = {"ActiveState": "inactive", "SubState": "dead", "MainPID": "0"}


def started(properties: dict[str, str]) -> dict[str, str]:
    """How a unit is after it was started: a task that ends is over at once."""
    over = properties.get("Type") == "oneshot" and properties.get("RemainAfterExit", "no") not in ("yes", "true", "1")
    if over:
        return {"ActiveState": "inactive", "SubState": "dead", "Result": "success"}
    kind = properties.get("Id", "").rpartition(".")[2]
    words = {"service": "running", "socket": "listening", "timer": "waiting", "path": "waiting", "mount": "mounted"}
    sub = "exited" if properties.get("Type") == "oneshot" else words.get(kind, "active")
    return {"ActiveState": "active", "SubState": sub, "Result": "success"}


def act(store: Store, words: Words) -> int:
    """start, stop, restart and their kind: note each. The exit code is systemctl's."""
    if not words.names:
        sys.stderr.write("Too few arguments.\n")
        return 1
    names = [name for given in words.names for name in expand(store, complete(given))]
    return max(_act(store, words.verb, name) for name in names) if names else 0


def _act(store: Store, verb: str, name: str) -> int:
    properties = store.show(name)
    problem = refused(verb, name, properties)
    if problem:
        sys.stderr.write(problem)
        return 1 if "masked" in problem else 5
    state = after(verb, properties, store.held)
    if state is not None:
        try:
            store.note(verb, properties.get("Id", name), state)
        except PermissionError:
            sys.stderr.write("Failed to {} {}: Access denied\n".format(verb, name))
            return 4
    return 0


def expand(store: Store, name: str) -> list[str]:
    """The units that a name with wildcards means, or the name."""
    return fnmatch.filter(store.names(), name) if any(letter in name for letter in "*?[") else [name]


def refused(verb: str, name: str, properties: dict[str, str]) -> str:
    """Why systemctl would not do it; "" when it would."""
    ends = verb in ("stop", "kill", *_ONLY_IF_UP)
    if properties.get("LoadState") == "not-found" and not (ends and is_active(properties)):
        return "Failed to {} {}: Unit {} not found.\n".format(verb, name, name)
    if properties.get("LoadState") == "masked" and verb not in ("stop", "kill"):
        return "Failed to {} {}: Unit {} is masked.\n".format(verb, name, name)
    return ""


def after(verb: str, properties: dict[str, str], held: int) -> dict[str, str] | None:
    """How a unit is after a verb; None when nothing would happen. held: the capabilities of the service manager."""
    up = is_active(properties)
    if verb in ("stop", "kill"):
        return dict(STOPPED) if up or properties.get("ActiveState") == "failed" else None
    if up if verb == "start" else not up and verb in _ONLY_IF_UP:
        return None
    if not up and unmet(properties.get("Id", ""), properties.get("FragmentPath", ""), held):
        return dict(STOPPED, ConditionResult="no")
    return dict(started(properties), ConditionResult="yes")


def show(store: Store, words: Words) -> int:
    """Print properties as systemctl does."""
    wanted = words.listed("-p", "--property", "-P")
    bare = words.has("--value", "-P")
    names = [name for given in words.names for name in expand(store, complete(given))]
    blocks = [with_file_state(store, store.show(name)) for name in names] if words.names else [_MANAGER]
    sys.stdout.write("\n".join(_block(properties, wanted, bare=bare) for properties in blocks))
    return 0


def _block(properties: dict[str, str], wanted: list[str], *, bare: bool) -> str:
    keys = [key for key in wanted if key in properties] or ([] if wanted else sorted(properties))
    return "".join(("{}\n" if bare else key + "={}\n").format(properties[key]) for key in keys)


def with_file_state(store: Store, properties: dict[str, str]) -> dict[str, str]:
    """The properties with what enabling says now."""
    if properties.get("LoadState") == "not-found":
        return properties
    unit = properties.get("Id", "")
    _code, said = ask([store.real, "--root=/", "is-enabled", "--", unit])
    word = said.strip().split("\n")[-1]
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
    for name in store.names():
        found = store.show(name)
        if _listed(name, found, words):
            row = [found.get(key, "") for key in _COLUMNS]
            sys.stdout.write("  {} {} {}\n".format(name, " ".join(row), found.get("Description", "")))
    return 0


def _listed(name: str, found: dict[str, str], words: Words) -> bool:
    kinds, states = words.listed("-t", "--type"), words.listed("--state")
    if kinds and name.rpartition(".")[2] not in kinds:
        return False
    if words.names and not any(fnmatch.fnmatchcase(name, complete(each)) for each in words.names):
        return False
    if states:
        return any(found.get(key) in states for key in _COLUMNS)
    return words.has("-a", "--all") or is_active(found)


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
    """Do what a command line asks; the exit code. Under another name (reboot, shutdown ...) that is the verb."""
    called = os.path.basename(argv[0])
    words = Words(argv[1:] if called.startswith("systemctl") else [called])
    store = Store(STATE)
    if words.has("--root", "--image", "--version", "--help", "-h"):
        os.execv(store.real, [store.real, *argv[1:]])
    if words.verb in _OFFLINE:
        return offline(store, words, argv[1:])
    if words.has("--user", "--global") or words.verb in _QUIET:
        return 0
    if words.verb in _ACTS:
        return act(store, words)
    if words.verb in _ENDING:
        return end(store, words)
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
