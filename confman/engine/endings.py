"""What a task's end on a host leads to: effects, notifications, counts, and where the host goes next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from confman.engine.effects import fold, public, shown
from confman.engine.keywords import Keywords
from confman.engine.state import Command, Emit, Frame, HostPlay, PlayRun, Round, leave, settle
from confman.engine.task import Outcome
from confman.errors import ConfmanError
from confman.model.event import HostDone, Notified
from confman.model.program import Step


def conclude(run: PlayRun, current: Round, host: str, outcome: Outcome, everyone: list[str]) -> list[Command]:
    """Apply a task's end on a host (for `run_once`, on everyone) and say what to tell."""
    step = current.step
    movers = current.group if current.once else [host]
    commands: list[Command] = []
    if fold(run, host, step, outcome, everyone) and outcome.status == "ok":
        outcome.result["changed"] = True
        outcome = replace(outcome, status="changed")
    if step.kind in {"include_tasks", "include_role"}:
        _keep_includes(current, movers, outcome)
    problem = _notify(run, everyone, outcome, commands)
    if problem:
        outcome.result.update(failed=True, msg=problem)
        outcome = replace(outcome, status="failed")
    commands.append(Emit(_event(current, host, outcome)))
    _count(run, run.hosts[host], host, outcome)
    if step.role is not None and outcome.status != "skipped":
        run.hosts[host].ran.add(step.role.key)
    for name in movers:
        _move(run, current, name, outcome)
    return commands


def _keep_includes(current: Round, movers: list[str], outcome: Outcome) -> None:
    if outcome.status in {"ok", "changed"}:
        for name in movers:
            current.includes[name] = [item for item in outcome.items if "_include" in item]


def _event(current: Round, host: str, outcome: Outcome) -> HostDone:
    return HostDone(
        host=host,
        task=current.info,
        status=outcome.status,
        result=shown(outcome.result, no_log=outcome.no_log),
        ignored=outcome.ignored,
        delegated=next((name for name in outcome.delegated if name), ""),
        loop=outcome.loop,
    )


def _notify(run: PlayRun, hosts: list[str], outcome: Outcome, commands: list[Command]) -> str:
    for name in outcome.notify if outcome.status == "changed" else ():
        found = run.handlers.find(name)
        if not found:
            return (
                f"The requested handler '{name}' was not found in either the main handlers list nor in the listening "
                "handlers list"
            )
        for host in hosts:
            for index in found:
                run.hosts[host].notified[index] = None
            commands.append(Emit(Notified(host, name)))
    return ""


def _move(run: PlayRun, current: Round, name: str, outcome: Outcome) -> None:
    """Send a host on its way after a task's end."""
    host = run.hosts[name]
    if not host.frames:
        return  # ended by another host's `end_play` while it was at work
    step = host.frames[-1].step  # its own: copies of an `always` section differ in where they lead
    if outcome.status == "unreachable" and not outcome.ignored:
        host.unreachable = True
        host.frames.clear()
        current.broken.append(name)
        current.fatal.append(name)
    elif outcome.status == "failed" and not outcome.ignored:
        current.broken.append(name)
        if not host.rescued:
            current.fatal.append(name)
        _remember_failure(run, step, name, outcome)
        fail(host, step)
    elif name not in current.includes:
        go_on(host, step.ok)


def _count(run: PlayRun, host: HostPlay, name: str, outcome: Outcome) -> None:
    """Count a task's end for the host that did it; includes are counted when they are resolved."""
    changed = int(bool(outcome.result.get("changed")))
    if outcome.status in {"failed", "unreachable"} and outcome.ignored:
        run.count(name, ok=1, changed=changed, ignored=1)
    elif outcome.status == "unreachable":
        run.count(name, unreachable=1)
    elif outcome.status == "failed":
        run.count(name, **({"rescued": 1} if host.rescued else {"failed": 1}))
    elif outcome.status == "skipped":
        run.count(name, skipped=1)
    elif not any("_include" in item for item in outcome.items):
        run.count(name, ok=1, changed=changed)


def _remember_failure(run: PlayRun, step: Step, name: str, outcome: Outcome) -> None:
    if run.hosts[name].rescued:
        shown = {"name": step.task.name, "action": step.task.action, "args": {}}
        registered = run.means.world.state(name).registered
        registered.update(ansible_failed_task=shown, ansible_failed_result=public(outcome.result))


def fail(host: HostPlay, step: Step) -> None:
    """Send a host on its way after a failure."""
    host.failed = host.failed or not host.rescued
    go_on(host, step.failed)


def go_on(host: HostPlay, target: int) -> None:
    """Send a host to another step of its program, and out of whatever has ended."""
    leave(host, target)
    settle(host)


def end_round(run: PlayRun, current: Round, fatal: Any) -> None:
    """Fail the other hosts too where a failure is everybody's; `fatal()` says whether the task itself makes it so."""
    if not current.broken:
        return
    everybody = (current.once and bool(current.fatal)) or run.any_errors_fatal or fatal()
    if not everybody and current.fatal and run.max_fail_percentage is not None:
        everybody = run.stopped = _percentage_lost(run) > run.max_fail_percentage
    if everybody:
        _fail_the_others(run, current)


def _percentage_lost(run: PlayRun) -> float:
    bad = sum(host.failed or host.unreachable for host in run.hosts.values())
    return bad / len(run.hosts) * 100


def _fail_the_others(run: PlayRun, current: Round) -> None:
    for name, host in run.hosts.items():
        if name not in current.broken and host.active:
            _fail_with_others(host, current.stood.get(name))


def _fail_with_others(host: HostPlay, stood: list[tuple[Frame, int]] | None) -> None:
    """Fail a host that did well: from the task that failed elsewhere, if it was there, else from where it is."""
    if stood is not None:
        host.frames = [frame for frame, _ in stood]
        for frame, position in stood:
            frame.position = position
    step = host.frames[-1].step
    host.failed = host.failed or not host.rescued
    go_on(host, step.failed)


def is_fatal(step: Step, keywords: Keywords) -> bool:
    """Whether a task says `any_errors_fatal`."""
    if step.own.keywords.get("any_errors_fatal") is None:
        return False
    try:
        return keywords.flag("any_errors_fatal")
    except ConfmanError:
        return True
