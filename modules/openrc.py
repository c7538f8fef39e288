"""Services of OpenRC."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Warn, rules
from confman.kit.commands import check, run
from confman.kit.programs import need
from confman.kit.runlevels import pattern_runs
from confman.kit.words import split_words

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_SECONDS = 600


@rules(one_of=[("state", "enabled")])
def openrc(
    name: Annotated[str, "service"],
    state: Literal["started", "stopped", "restarted", "reloaded"] | None = None,
    enabled: bool | None = None,
    runlevel: str = "default",
    sleep: int = 0,
    pattern: str | None = None,
    arguments: Annotated[str, "args"] = "",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a service of OpenRC running or stopped, started at boot or not. What `service` uses on such hosts.

    Args:
        name: The service: a script in /etc/init.d.
        state: started, stopped: as it says. restarted, reloaded: always done.
        enabled: Whether it starts in the runlevel.
        runlevel: The runlevel.
        sleep: Seconds between stop and start of a restart; 0: OpenRC's own restart.
        pattern: A text in the command line of a process that tells that the service runs, for scripts that cannot
            tell.
        arguments: Further arguments for the script.

    Returns:
        name: As asked.
        state: started or stopped, as asked for.
        enabled: As asked, if it was.

    Examples:
        - openrc:
            name: sshd
            state: started
            enabled: true
        - openrc:
            name: nginx
            state: reloaded
        - openrc:
            name: udev
            enabled: true
            runlevel: sysinit

    Platforms: Linux with OpenRC (Alpine, Gentoo).
    """
    if not re.match(r"^[A-Za-z0-9_.][\w.@+-]*$", name) or not re.match(r"^\w[\w.-]*$", runlevel):
        raise Failure("{!r} is not the name of a service or {!r} none of a runlevel".format(name, runlevel), name=name)
    ask = SimpleNamespace(name=name, sleep=sleep, pattern=pattern, words=split_words(arguments, "arguments"))
    if run([need("rc-service"), "--exists", name], timeout=60).rc != 0:
        text = "Could not find the requested service {}: there is no script of it in /etc/init.d".format(name)
        raise Failure(text, name=name, _lacks="the service {}".format(name))
    told = {"name": name}  # type: dict[str, Any]
    if enabled is not None:
        told["enabled"] = enabled
        yield from _boot(name, enabled, runlevel)
    if state is not None:
        told["state"] = "stopped" if state == "stopped" else "started"
        yield from _running(ask, state)
    return told


def parse_runlevels(text: str) -> dict[str, list[str]]:
    """The runlevels by service, from `rc-update show`."""
    rows = (line.partition("|") for line in text.split("\n"))
    return {name.strip(): levels.split() for name, bar, levels in rows if bar}


def _boot(name: str, enabled: bool, level: str) -> Iterator[Change]:
    levels = parse_runlevels(check([need("rc-update"), "show"], "cannot see the runlevels", timeout=60).out)
    now = level in levels.get(name, [])
    if now != enabled:
        argv = [need("rc-update"), "add" if enabled else "delete", name, level]

        def do() -> None:
            check(
                argv,
                "cannot {} {} in the runlevel {}".format("enable" if enabled else "disable", name, level),
                timeout=60,
            )

        words = {True: "enabled", False: "disabled"}
        yield Change("service", "{} ({})".format(name, level), before=words[now], after=words[enabled], do=do)


def _running(ask: Any, state: str) -> Iterator[Change]:
    runs = _runs(ask)
    before = "started" if runs else "stopped"
    if state in ("restarted", "reloaded"):
        verb = ("restart" if state == "restarted" else "reload") if runs else "start"
        yield Change("service", ask.name, before=before, after=state, do=lambda: _act(ask, verb), once=True)
    elif runs != (state == "started"):
        verb = "start" if state == "started" else "stop"
        yield Change("service", ask.name, before=before, after=state, do=lambda: _act(ask, verb))


def _runs(ask: Any) -> bool:
    if ask.pattern:
        return pattern_runs(ask.pattern)
    return run([need("rc-service"), ask.name, "status"], timeout=_SECONDS).rc == 0


def _act(ask: Any, verb: str) -> None:
    """Have the script do something; a restart with a pause is a stop and a start."""
    if verb == "restart" and ask.sleep:
        _act(ask, "stop")
        time.sleep(ask.sleep)
        verb = "start"
    argv = [need("rc-service"), ask.name, verb, *ask.words]
    check(argv, "Unable to {} service {}".format(verb, ask.name), timeout=_SECONDS)
