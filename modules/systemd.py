"""Units of systemd."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Warn, rules
from confman.kit.units import NOT_ITSELF, Systemctl, ignored, is_running, is_stopping, offline
from confman.kit.writing import then_tell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(
    required_by={"state": ("name",), "enabled": ("name",), "masked": ("name",)},
)
def systemd(
    name: Annotated[str | None, "service", "unit"] = None,
    state: Literal["reloaded", "restarted", "started", "stopped"] | None = None,
    enabled: bool | None = None,
    force: bool | None = None,
    masked: bool | None = None,
    daemon_reload: Annotated[bool, "daemon-reload"] = False,
    daemon_reexec: Annotated[bool, "daemon-reexec"] = False,
    scope: Literal["system", "user", "global"] = "system",
    no_block: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a unit of systemd running or stopped, started at boot or not; restart and reload it.

    Args:
        name: The unit; without a suffix a service is meant.
        state: started, stopped: as it says. restarted: always restarted. reloaded: always told to read its
            configuration again, or started if it does not run.
        enabled: Whether it starts at boot.
        force: Replace links that are in the way.
        masked: Whether it is made impossible to start.
        daemon_reload: Let systemd read its unit files again first; this alone does not count as a change.
        daemon_reexec: Let systemd start itself again first; this alone does not count as a change.
        scope: The manager: the system's, the user's own, or the one of all users.
        no_block: Do not wait until it is done.

    Returns:
        name: As asked.
        state: started or stopped.
        enabled: Whether it starts at boot.
        status: All properties of the unit, as systemctl showed them before anything was done.

    Examples:
        - systemd:
            name: nginx
            state: started
            enabled: true
        - systemd:
            name: app.timer
            state: restarted
            daemon_reload: true
        - systemd:
            name: apt-daily.timer
            masked: true

    Platforms: Linux with systemd.
    """
    options = (*(("--no-block",) if no_block else ()), *(("--force",) if force else ()))
    control = Systemctl(scope, options)
    yield from _manager(control, daemon_reload, daemon_reexec)
    if name is None:
        return {"name": name, "changed": False, "status": {}}
    _check_name(name)
    unit = _Unit(control, name)
    changes = list(unit.steps(masked, enabled, state))
    for step in changes:
        yield then_tell(step, lambda: {"status": unit.status})
    data = {"name": name, "status": unit.status}  # type: dict[str, Any]
    data["changed"] = any(isinstance(step, Change) for step in changes)
    if enabled is not None:
        data["enabled"] = enabled
    if state is not None:
        data["state"] = state if state in ("started", "stopped") else "started"
    return data


def _check_name(name: str) -> None:
    for sign in "*?[":
        if sign in name:
            raise Failure("{!r} is a pattern; name takes one unit".format(name), name=name)
    if not name or "/" in name or "\n" in name:
        raise Failure("{!r} is not the name of a unit".format(name), name=name)


def _manager(control: Systemctl, reload: bool, reexec: bool) -> Iterator[Change]:
    for asked, verb in ((reload, "daemon-reload"), (reexec, "daemon-reexec")):
        if asked:
            yield Change("systemd", verb, before=None, after=UNKNOWN, do=_manager_act(control, verb), once=True)


def _manager_act(control: Systemctl, verb: str) -> Any:
    def do() -> dict[str, Any] | None:
        done = control.act(verb)
        if done.rc == 0:
            return None
        text = "{} failed: {}".format(verb, (done.err or done.out).strip())
        if offline():
            return {"warnings": [text + " (there is no running systemd here)"]}
        raise Failure(text, **done.data())

    return do


class _Unit:
    """One unit as it is, and the changes it needs."""

    def __init__(self, control: Systemctl, name: str) -> None:
        self.control = control
        self.name = name
        self.status = control.show(name)
        self.file_state = control.file_state(name, self.status)
        load = self.status.get("LoadState", "")
        self.script = control.scope == "system" and os.path.exists("/etc/init.d/" + name)
        self.found = (load not in ("", "not-found")) or bool(self.file_state) or self.script
        if load not in ("masked", "not-found") and self.status.get("LoadError", "").strip('" '):
            raise Failure("Error loading unit file {!r}: {}".format(name, self.status["LoadError"]), name=name)

    def steps(self, masked: bool | None, enabled: bool | None, state: str | None) -> Iterator[Change | Warn]:
        """All that is needed; None: leave it."""
        if masked is not None:
            yield from self.mask(masked)
        if enabled is not None:
            yield from self.enable(enabled)
        if state is not None:
            yield from self.bring(state)

    def mask(self, wanted: bool) -> Iterator[Change | Warn]:
        """Make it impossible, or possible, to start."""
        have = self.file_state.startswith("masked")
        if have != wanted:
            verb = "mask" if wanted else "unmask"
            yield Change("unit mask", self.name, before=have, after=wanted, do=lambda: self._act(verb))

    def enable(self, wanted: bool) -> Iterator[Change | Warn]:
        """Have it start at boot, or not."""
        self._there()
        state = self.file_state
        if not wanted and state in ("static", "generated", "alias"):
            yield Warn("{} is {}: there is nothing that could be disabled".format(self.name, state))
            return
        have = state in ("enabled", "static", "generated") or self.by_others()
        if have != wanted:
            verb = "enable" if wanted else "disable"
            again = wanted and state in NOT_ITSELF
            once = again or offline()
            yield Change("unit file", self.name, before=have, after=wanted, do=lambda: self._known(verb), once=once)

    def by_others(self) -> bool:
        """Whether a unit that is enabled by way of another one (Also=, an alias) is."""
        return self.file_state in ("indirect", "alias") and len(self.control.installed(self.name)) > 1

    def bring(self, state: str) -> Iterator[Change | Warn]:
        """Start, stop, restart or reload it, whatever is needed."""
        if self.found and "ActiveState" not in self.status:
            if not offline() and self.control.scope != "global":
                raise Failure("the state of {} cannot be found out".format(self.name), name=self.name)
            yield Warn("there is no running systemd here: {} was not brought to state {}".format(self.name, state))
            return
        self._there()
        verb = self._verb(state)
        if verb:
            before = self.status.get("ActiveState")
            after = "inactive" if verb == "stop" else "active"
            yield Change("unit", self.name, before=before, after=after, do=lambda: self._run(verb), once=True)

    def _verb(self, state: str) -> str:
        """What systemctl has to do to it; a unit that is not there yet may run once it is."""
        running = is_running(self.status)
        if state == "stopped":
            return "stop" if running or is_stopping(self.status) or not self.found else ""
        if state == "started" or not running:
            return "" if running else "start"
        return state[:-2]

    def _there(self) -> None:
        if not self.found and not offline():
            text = "Could not find the requested service {}: host".format(self.name)
            raise Failure(text, name=self.name, _lacks="the unit {}".format(self.name))

    def _run(self, verb: str) -> dict[str, Any] | None:
        self._known(verb)
        if verb == "stop" or "--no-block" in self.control.options:
            return None
        now = self.control.show(self.name)
        if is_running(now) or now.get("Type") == "oneshot":
            return None
        reason = "a condition was not met" if now.get("ConditionResult") == "no" else now.get("Result", "")
        text = "{} does not run after {}: {} ({})".format(self.name, verb, now.get("ActiveState"), reason)
        return {"warnings": [text]}

    def _known(self, verb: str) -> None:
        """Act on a unit that must exist by now."""
        if not self.found:
            now = self.control.show(self.name)
            known = now.get("LoadState", "not-found") != "not-found" or self.control.file_state(self.name, now)
            if not known:
                raise Failure("Could not find the requested service {}: host".format(self.name), name=self.name)
        self._act(verb)

    def _act(self, verb: str) -> None:
        done = self.control.act(verb, "--", self.name)
        if done.rc == 0 or ignored(done):
            return
        said = (done.err or done.out).strip()
        hint = ""
        if verb in ("start", "restart", "reload"):
            hint = self._journal()
        what = "Unable to {} service {}: {}{}".format(verb, self.name, said, hint)
        raise Failure(what, name=self.name, **done.data())

    def _journal(self) -> str:
        """The last that the unit said, for the message of a failure."""
        done = self.control.ask("status", "--no-pager", "--lines=8", "--full", "--", self.name)
        lines = done.out.partition("\n\n")[2].strip()
        return "\n" + lines if lines else ""
