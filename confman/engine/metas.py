"""`meta` tasks: what the engine does to itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confman.engine.endings import end_share
from confman.engine.failing import end, forgive, go_on
from confman.engine.host import Frame, HostPlay, leave, next_handler, settle
from confman.engine.keywords import Keywords
from confman.engine.means import Job
from confman.engine.notifying import consume_notification, resolve
from confman.engine.state import Command, Emit, PlayRun, Refresh, Reset
from confman.errors import ConfmanError
from confman.model.event import HostDone, Message, TaskInfo, TaskStarted
from confman.model.program import END, Step

MakeJob = Callable[[PlayRun, Step, str], Job]
_UNCONDITIONAL = frozenset({"noop", "refresh_inventory", "reset_connection", "role_complete"})
_DEBUG = 6
"""How much one has to want to know to hear of what nobody wrote."""
_EACH = frozenset({"noop", "flush_handlers", "reset_connection", "role_complete", "end_host", "end_role"})
"""What is done host by host."""


def perform(run: PlayRun, step: Step, group: list[str], make_job: MakeJob) -> list[Command]:
    """Do a meta task for the hosts that stand at it, and send them on."""
    for name in group:
        run.hosts[name].stand()
    # What concerns all hosts is decided by the first one, where they are kept in step.
    asked = group if run.free or _what(step) in _EACH else group[:1]
    for name in group:
        consume_notification(run, name, once=asked != group)
    commands = [command for name in asked for command in _ask(run, step, name, make_job)]
    for name in group:
        _pass_by(run.hosts[name], step)
    return commands + end_share(run)


def _ask(run: PlayRun, step: Step, name: str, make_job: MakeJob) -> list[Command]:
    """Do it for one host, if its conditions hold there."""
    what = _what(step)
    commands: list[Command] = []
    info = None
    if not step.implicit:
        info = _info(run, step, handler=run.hosts[name].flushing)
        commands.append(Emit(TaskStarted(info)))
    if what not in _UNCONDITIONAL:
        if not _wanted(run, step, name, make_job, commands):
            return commands + _skipped(info or _info(run, step, handler=False), name, what)
    elif step.own.when and not step.implicit:
        commands.append(Emit(Message("warning", f"{what} task does not support when conditional")))
    told = _told(run, step, name)
    return [*commands, *_ACTIONS[what](run, step, [name]), *told]


def _told(run: PlayRun, step: Step, name: str) -> list[Command]:
    """What is said of it: to who wants to know of a flush that nobody wrote, where it has something to run."""
    what, level = _what(step), _DEBUG if step.implicit else 2
    if step.implicit and not (what in _DID and run.hosts[name].saved):
        return []
    return [Emit(Message("info", f"META: {_DID[what].format(name)}", level))]


def _what(step: Step) -> str:
    return str(step.task.args.get("_raw_params", "")).strip()


def _pass_by(host: HostPlay, step: Step) -> None:
    """Send a host on that still stands at the meta task."""
    if host.frames and host.frames[-1].position >= 0 and host.frames[-1].step.task is step.task:
        leave(host, host.frames[-1].step.ok)
        settle(host)


def _info(run: PlayRun, step: Step, *, handler: bool) -> TaskInfo:
    shown = step.task.name or "meta"
    role = step.role.name if step.role else ""
    return TaskInfo(
        next(run.numbers),
        f"{role} : {shown}" if role else shown,
        "meta",
        step.task.source,
        handler=handler,
        role=role,
        check=run.means.settings.check,
    )


def _wanted(run: PlayRun, step: Step, name: str, make_job: MakeJob, commands: list[Command]) -> bool:
    job = make_job(run, step, name)
    try:
        return Keywords(step, job.scope, run.means).unmet(job.scope) is None
    except ConfmanError as error:
        commands.append(Emit(Message("error", error.message, source=error.source)))
        return False


_DID = {
    "noop": "noop",
    "flush_handlers": "triggered running handlers for {}",
    "refresh_inventory": "inventory successfully refreshed",
    "clear_facts": "facts cleared",
    "clear_host_errors": "cleared host errors",
    "end_batch": "ending batch",
    "end_play": "ending play",
    "end_host": "ending play for {}",
    "end_role": "ending role for {}",
    "reset_connection": "reset connection",
}
_GOES_ON = {
    "end_play": "continuing play",
    "end_batch": "continuing current batch",
    "end_host": "continuing execution for {}",
    "end_role": "continuing role for {}",
    "flush_handlers": "not running handlers for {}",
    "clear_facts": "not clearing facts and fact cache for {}",
    "clear_host_errors": "not clearing host error state for {}",
}


def _skipped(info: TaskInfo, name: str, what: str) -> list[Command]:
    reason = f"{what} conditional evaluated to False, {_GOES_ON.get(what, 'not done').format(name)}"
    ended = f"end_host conditional evaluated to false, {_GOES_ON['end_host'].format(name)}"
    result = {"skipped": True, "msg": ended if what == "end_host" else what, "skip_reason": reason}
    return [Emit(Message("info", f"META: {reason}", 2)), Emit(HostDone(name, info, "skipped", result))]


def _noop(_run: PlayRun, _step: Step, _group: list[str]) -> list[Command]:
    return []


def _flush(run: PlayRun, step: Step, group: list[str]) -> list[Command]:
    if run.hosts[group[0]].flushing:
        hint = "a handler that another one notifies runs in the same flush if it stands behind that one"
        raise ConfmanError("flush_handlers cannot be used as a handler", source=step.task.source, hint=hint)
    commands: list[Command] = []
    for name in group:
        host = run.hosts[name]
        commands += resolve(run, name)
        first = next_handler(host, host.passed)
        host.passed = -1
        if first != END:
            host.frames.append(Frame(run.handlers.program, first, handlers=True))
    return commands


def _role_complete(run: PlayRun, step: Step, group: list[str]) -> list[Command]:
    if step.completes is not None:
        for name in group:
            if step.completes.key in run.hosts[name].ran:
                run.hosts[name].completed.add(step.completes.key)
    return []


def _end_host(run: PlayRun, _step: Step, group: list[str]) -> list[Command]:
    for name in group:
        end(run, name)
    return []


def _end_batch(run: PlayRun, _step: Step, _group: list[str]) -> list[Command]:
    for name in run.hosts:
        end(run, name)
    return []


def _end_play(run: PlayRun, step: Step, group: list[str]) -> list[Command]:
    run.stopped = run.ended = True
    _end_batch(run, step, group)
    return []


def _end_role(run: PlayRun, step: Step, group: list[str]) -> list[Command]:
    """Pass by everything up to the end of the role; a host on its way out after a failure goes that way."""
    for name in group:
        host = run.hosts[name]
        while host.frames and host.frames[-1].step.completes != step.role:
            go_on(host, host.frames[-1].step.ok)
    return []


def _clear_errors(run: PlayRun, _step: Step, _group: list[str]) -> list[Command]:
    run.cleared = True
    for name, host in run.hosts.items():
        forgive(host, working=name in run.rounds)
    return []


def _clear_facts(run: PlayRun, _step: Step, _group: list[str]) -> list[Command]:
    for name in run.all_hosts:
        run.means.world.forget_facts(name)
    return []


def _refresh(_run: PlayRun, _step: Step, _group: list[str]) -> list[Command]:
    return [Refresh()]


def _reset(_run: PlayRun, _step: Step, group: list[str]) -> list[Command]:
    return [Reset(name) for name in group]


_ACTIONS: dict[str, Callable[[PlayRun, Step, list[str]], list[Any]]] = {
    "noop": _noop,
    "flush_handlers": _flush,
    "role_complete": _role_complete,
    "end_host": _end_host,
    "end_batch": _end_batch,
    "end_play": _end_play,
    "end_role": _end_role,
    "clear_host_errors": _clear_errors,
    "clear_facts": _clear_facts,
    "refresh_inventory": _refresh,
    "reset_connection": _reset,
}
