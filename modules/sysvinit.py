"""Services that init scripts start."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.commands import Completed, check, find_program, run
from confman.kit.runlevels import SCRIPTS, levels_of, pattern_runs, script_runs
from confman.kit.text import os_reason
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_SECONDS = 600
_SOON = 5
_NOTHING = {"changed": False, "rc": None, "stdout": None, "stderr": None}


@rules(one_of=[("state", "enabled")])
def sysvinit(
    name: Annotated[str, "service"],
    state: Literal["started", "stopped", "restarted", "reloaded"] | None = None,
    enabled: bool | None = None,
    sleep: int = 1,
    pattern: str | None = None,
    runlevels: list[str] | None = None,
    arguments: Annotated[str | None, "args"] = None,
    daemonize: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a service of an init script running or stopped, started at boot or not.

    Args:
        name: The script in /etc/init.d.
        state: started, stopped: as it says. restarted, reloaded: always done.
        enabled: Whether it starts at boot.
        sleep: Seconds between stop and start of a restart.
        pattern: A text in the command line of a process that tells that the service runs, for scripts that
            cannot tell.
        runlevels: The runlevels it shall start in; default: as the script says.
        arguments: Further arguments for the script.
        daemonize: The script stays in the foreground: leave it running there when it has not ended in five seconds.

    Returns:
        name: As asked.
        status: What is so before: enabled.changed, state.changed.
        results: What the script said: rc, stdout, stderr.

    Examples:
        - sysvinit:
            name: apache2
            state: started
            enabled: true
        - sysvinit:
            name: apache2
            state: restarted
            sleep: 3
        - sysvinit:
            name: apache2
            enabled: true
            runlevels: ["3", "5"]

    Platforms: Linux with /etc/init.d and update-rc.d or chkconfig.
    """
    _check(name)
    words = shlex.split(arguments or "")
    data = {"name": name, "status": {}, "results": None}  # type: dict[str, Any]
    if enabled is not None:
        changes = list(_boot(name, enabled, runlevels))
        levels = {"runlevels": runlevels} if runlevels else {}  # type: dict[str, Any]
        data["status"]["enabled"] = dict(_NOTHING, changed=bool(changes), **levels)
        for change in changes:
            yield then_tell(change, lambda: _done(data, "enabled", {"rc": 0, "stdout": "", "stderr": ""}))
    if state is not None:
        running = _runs(name, pattern, words)
        verb = _verb(state, running)
        data["status"][state] = dict(_NOTHING, changed=bool(verb))
        if verb:
            yield Change(
                "service",
                name,
                before="started" if running else "stopped",
                after="stopped" if verb == "stop" else "started",
                do=lambda: _done(data, str(state), _run(name, verb, words, (sleep, daemonize))),
                once=True,
            )
    return data


def _check(name: str) -> None:
    if "/" in name or name in ("", ".", ".."):
        raise Failure("{!r} is not the name of an init script".format(name), name=name)
    path = os.path.join(SCRIPTS, name)
    if not os.path.exists(path):
        text = "Could not find the requested service {}: host ({} does not exist)".format(name, path)
        raise Failure(text, name=name, _lacks=path)


def _done(data: dict[str, Any], what: str, told: dict[str, Any]) -> dict[str, Any]:
    """The result data once a part is done: what the programs said."""
    data["status"][what].update(told)
    return {"status": data["status"], "results": told}


def _runs(name: str, pattern: str | None, words: list[str]) -> bool:
    if pattern:
        return pattern_runs(pattern)
    running = script_runs(name, words)
    return pattern_runs(name) if running is None else running


def _verb(state: str, running: bool) -> str:
    if state == "started":
        return "" if running else "start"
    if state == "stopped":
        return "stop" if running else ""
    return state[:-2] if running or state == "restarted" else "start"


def _run(name: str, verb: str, words: list[str], how: tuple[int, bool]) -> dict[str, Any]:
    """Call the script; a restart is a stop, a pause and a start. Raises Failure."""
    pause, leave = how
    done = Completed(0, b"", b"")
    for number, step in enumerate(["stop", "start"] if verb == "restart" else [verb]):
        if number:
            time.sleep(max(0, pause))
        done = _call(name, step, words, leave)
        if done.rc != 0 and not (verb == "restart" and step == "stop"):
            said = (done.err or done.out).strip()
            raise Failure("Failed to {} service {}: {}".format(step, name, said), name=name, **done.data())
    return done.data()


def _call(name: str, step: str, words: list[str], leave: bool) -> Completed:
    path = os.path.join(SCRIPTS, name)
    if leave and step != "stop":
        return _leave([path, step, *words])
    return run([path, step, *words], cwd="/", timeout=_SECONDS)


def _leave(argv: list[str]) -> Completed:
    """Start a program for itself; how it ended if it does so soon, else success. Raises Failure."""
    try:
        process = subprocess.Popen(
            argv,
            cwd="/",
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return Completed(process.wait(_SOON), b"", b"")
    except subprocess.TimeoutExpired:
        return Completed(0, b"", b"")
    except OSError as error:
        raise Failure("cannot run {}: {}".format(argv[0], os_reason(error)), name=argv[0]) from None


def _boot(name: str, enabled: bool, runlevels: list[str] | None) -> Iterator[Change]:
    have = levels_of(name)
    starts = {level for level, kind in have.items() if kind == "S"}
    asked = set(runlevels or ())
    right = asked <= starts if enabled and asked else bool(starts) == enabled if not asked else not asked & starts
    if right:
        return
    yield Change(
        "service at boot",
        name,
        before=sorted(starts),
        after=sorted(asked) or enabled,
        do=lambda: _set_boot(name, enabled, sorted(asked)),
    )


def _set_boot(name: str, enabled: bool, levels: list[str]) -> None:
    what = "cannot {} service {}".format("enable" if enabled else "disable", name)
    verb = "enable" if enabled else "disable"
    tool = find_program("update-rc.d")
    if tool:
        if enabled and not levels_of(name):
            check([tool, name, "defaults"], what)
        check([tool, name, verb, *levels], what)
        return
    tool = find_program("chkconfig")
    if tool is None:
        raise Failure("{}: neither update-rc.d nor chkconfig was found".format(what), name=name)
    check([tool, "--add", name], what)
    for level in [["--level", "".join(levels)]] if levels else [[]]:
        check([tool, *level, name, "on" if enabled else "off"], what)
