"""The pure decisions of a play: `begin` and `finished` change its state and say what is to be done next.

Linear: all hosts that stand at the first task (as written) run it, and nobody goes on before all are done.
Free: every host goes on as soon as it can.
"""

from __future__ import annotations

from confman.engine import includes, metas
from confman.engine.attempt import action_name
from confman.engine.endings import conclude, end_round, is_fatal
from confman.engine.failing import go_on
from confman.engine.host import settle
from confman.engine.keywords import Keywords, searched
from confman.engine.means import Job
from confman.engine.notifying import consume_notification
from confman.engine.picking import next_group, throttle_of
from confman.engine.scopes import make_job
from confman.engine.state import Command, Emit, PlayRun, Round, Start
from confman.engine.task import Outcome
from confman.engine.telling import arguments_text, render_name
from confman.errors import ConfmanError
from confman.language.keywords import short_name
from confman.model.event import Message, TaskInfo, TaskStarted
from confman.model.program import Step


def begin(run: PlayRun) -> list[Command]:
    """The first things to do."""
    for host in run.hosts.values():
        settle(host)
    return _advance(run)


def finished(run: PlayRun, host: str, outcome: Outcome) -> list[Command]:
    """What follows from a task's end on a host."""
    current = run.rounds[host]
    commands = conclude(run, current, host, outcome, _everyone(run, current, host))
    return commands + _leave_round(run, current, host)


def declined(run: PlayRun, host: str) -> list[Command]:
    """What follows when somebody does not want a host to run its task: nothing is counted, the host goes on."""
    current = run.rounds[host]
    for name in current.group if current.once else [host]:
        go_on(run.hosts[name], run.hosts[name].frames[-1].step.ok)
    return _leave_round(run, current, host)


def _everyone(run: PlayRun, current: Round, host: str) -> list[str]:
    """The hosts that a task's end on one host is the end for."""
    return [name for name in run.hosts if not run.hosts[name].unreachable] if current.shared else [host]


def _leave_round(run: PlayRun, current: Round, host: str) -> list[Command]:
    commands: list[Command] = []
    current.waiting.discard(host)
    del run.rounds[host]
    if current.held:
        commands += _start_held(run, current)
    if not current.waiting:
        commands += includes.enter(run, current)
        commands += end_round(run, current, lambda: _fatal(run, current))
        commands += _advance(run)
    elif run.free:
        commands += _advance(run)
    return commands


# -- going on


def _advance(run: PlayRun) -> list[Command]:
    """Start whatever can be started now."""
    commands: list[Command] = []
    while not run.stopped:
        group = next_group(run)
        if not group:
            break
        commands += _begin_group(run, group)
    return commands


def _begin_group(run: PlayRun, group: list[str]) -> list[Command]:
    step = run.hosts[group[0]].frames[-1].step
    through = [name for name in group if not run.hosts[name].flushing and repeated(step, run.hosts[name].completed)]
    for name in through:
        go_on(run.hosts[name], run.hosts[name].frames[-1].step.ok)
    group = [name for name in group if name not in through]
    if not group:
        return []
    if step.kind == "meta":
        return metas.perform(run, step, group, make_job)
    return _begin_task(run, step, group)


def repeated(step: Step, completed: set[str]) -> bool:
    """Whether a step is one of a role that is completed and not to be done twice."""
    role = step.role
    return role is not None and not role.allow_duplicates and role.key in completed and step.completes is None


def _begin_task(run: PlayRun, step: Step, group: list[str]) -> list[Command]:
    commands: list[Command] = []
    lead = make_job(run, step, group[0])
    keywords = Keywords(step, lead.scope, run.means)
    alone, shared = _alone(run, lead, keywords), _shared(run, keywords, commands)
    once = alone or shared
    throttle = throttle_of(keywords)
    info = task_info(run, step, lead)
    hosts = group[:1] if once else group
    most = throttle if throttle > 0 else len(hosts)
    current = Round(step, info, set(hosts), group, once=once, shared=shared, held=hosts[most:])
    commands.append(Emit(TaskStarted(info, tuple(hosts))))
    for name in group:
        run.hosts[name].stand()
    for name in hosts:
        consume_notification(run, name, once=once)
        run.rounds[name] = current
    commands.extend(_start(run, lead if name == group[0] else make_job(run, step, name), info) for name in hosts[:most])
    return commands


_ONCE = frozenset({"add_host", "pause"})
"""Actions that are for all hosts at once."""


def _alone(run: PlayRun, lead: Job, keywords: Keywords) -> bool:
    """Whether the action is one that a host runs for all. Raises ConfmanError where hosts are not kept in step."""
    action = keywords.action()
    alone = short_name(action) in _ONCE or run.means.for_all(action_name(lead, action))
    if alone and run.free:
        raise ConfmanError(
            f"The {action!r} module bypasses the host loop, which is currently not supported in the free strategy "
            "and would instead execute for every host in the inventory list.",
            source=keywords.step.task.source,
        )
    return alone


def _shared(run: PlayRun, keywords: Keywords, commands: list[Command]) -> bool:
    """Whether one host runs the task for all, and what becomes of it is that of all."""
    try:
        once = keywords.flag("run_once")
    except ConfmanError as error:
        commands.append(Emit(Message("error", error.message, source=error.source)))
        return False
    if once and run.free:
        text = (
            "Using run_once with the free strategy is not currently supported. This task will still be executed for "
            "every host in the inventory list."
        )
        commands.append(Emit(Message("warning", text)))
    return once


def _start(run: PlayRun, job: Job, info: TaskInfo) -> Start:
    run.jobs[job.host] = job
    return Start(job.host, job, info)


def _start_held(run: PlayRun, current: Round) -> list[Command]:
    name = current.held.pop(0)
    return [_start(run, make_job(run, current.step, name), current.info)]


def task_info(run: PlayRun, step: Step, job: Job) -> TaskInfo:
    """How a task is shown; its name is rendered for the first host of the round."""
    written = step.task.action if "{{" in step.task.action else ""
    action = Keywords(step, job.scope, run.means).action() if written else step.task.action
    name = step.task.name
    rendered = render_name(step.task.keywords.get("name"), job.scope, run.means.engine) if name else ""
    role = step.role.name if step.role else ""
    handler = run.hosts[job.host].flushing
    shown = rendered or _unnamed(run, step, job)
    no_log = step.own.keywords.get("no_log")
    return TaskInfo(
        id=next(run.numbers),
        name=f"{role} : {shown}" if role and step.kind != "include_role" else shown,
        action=action,
        source=step.task.source,
        handler=handler,
        role=role,
        check=job.check,
        no_log=bool(no_log) and no_log is not False,
        diff=job.diff,
        args="" if no_log else arguments_text(step.task.args),
        written=written,
        collections=searched(step),
    )


def _unnamed(run: PlayRun, step: Step, job: Job) -> str:
    """What is shown for a task without a name: its action, for an included role with the role."""
    if step.kind != "include_role":
        return step.task.action
    try:
        role = run.means.engine.render(step.task.args.get("name", step.task.args.get("role", "")), job.scope)
    except ConfmanError:
        return step.task.action
    return f"{step.task.action} : {role}"


def _fatal(run: PlayRun, current: Round) -> bool:
    job = make_job(run, current.step, (current.broken or current.unreached)[0])
    return is_fatal(current, Keywords(current.step, job.scope, run.means), default=run.any_errors_fatal)
