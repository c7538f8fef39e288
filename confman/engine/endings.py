"""What a task's end on a host leads to: effects, notifications, counts, and where the host goes next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from confman.engine.effects import fold, public, shown
from confman.engine.failing import fail, go_on
from confman.engine.host import HostPlay
from confman.engine.keywords import Keywords
from confman.engine.notifying import UnknownHandler, notify
from confman.engine.rehearsal import grade_of
from confman.engine.signing import of_items
from confman.engine.state import Command, Emit, PlayRun, Round
from confman.engine.task import Outcome
from confman.errors import ConfmanError
from confman.language.reserved import reserved
from confman.model.event import HostDone, Message, NoHosts
from confman.model.program import Step
from confman.model.source import Source
from confman.model.values import SourcedDict


def conclude(run: PlayRun, current: Round, host: str, outcome: Outcome, everyone: list[str]) -> list[Command]:
    """Apply a task's end on a host (for `run_once`, on everyone) and say what to tell."""
    step = current.step
    commands: list[Command] = []
    if fold(run, host, step, outcome, everyone) and outcome.status == "ok":
        outcome = replace(outcome, status="changed")
    if step.kind in {"include_tasks", "include_role"}:
        _keep_includes(current, host, outcome)
    try:
        notify(run, host, outcome.notify if outcome.status == "changed" else (), commands)
    except UnknownHandler as error:
        error.source = step.task.source
        raise
    commands += _tell_reserved(run, step, outcome)
    commands.append(Emit(ended(current, host, outcome)))
    _count(run, run.hosts[host], host, outcome)
    if step.role is not None and outcome.status not in {"skipped", "unreachable"}:
        run.hosts[host].ran.add(step.role.key)
    _send_on(run, current, host, outcome)
    return commands


def _tell_reserved(run: PlayRun, step: Step, outcome: Outcome) -> list[Command]:
    """Tell, once, of variables that a task sets under names that they should not have."""
    given = [item["ansible_facts"] for item in outcome.items if isinstance(item.get("ansible_facts"), dict)]
    register = step.task.keywords.get("register")
    names = {name for facts in given for name in facts} | ({register} if register else set())
    told: list[Command] = []
    for text, _place in reserved(names):
        if text not in run.warned:
            run.warned.add(text)
            told.append(Emit(Message("warning", text, source=_written(step, text))))
    return told


def _written(step: Step, text: str) -> Source:
    """Where a task names what a warning is about: at its argument, or at the task."""
    args = step.task.args if isinstance(step.task.args, SourcedDict) else {}
    name = next((key for key in args if repr(str(key)) in text), None)
    place = args.key_source(name) if name is not None and isinstance(args, SourcedDict) else None
    return place or step.task.source


def _send_on(run: PlayRun, current: Round, host: str, outcome: Outcome) -> None:
    if outcome.status == "unreachable":
        current.unreached.append(host)
    elif outcome.status == "failed" and outcome.ignored:
        current.excused.append(host)
    if outcome.status in {"failed", "unreachable"} and not outcome.ignored:
        _break(run, current, host, outcome)
    else:
        _pass(run, current, current.group if current.once else [host])


def _keep_includes(current: Round, host: str, outcome: Outcome) -> None:
    """Note what a host is to enter; with `run_once`, it alone does."""
    if outcome.status in {"ok", "changed"}:
        current.includes[host] = [item for item in outcome.items if "_include" in item]


def ended(current: Round, host: str, outcome: Outcome) -> HostDone:
    """A task's end on a host, as it is told."""
    return HostDone(
        host=host,
        task=current.info,
        status=outcome.status,
        result=shown(outcome.result, no_log=outcome.no_log, loop=outcome.loop),
        ignored=outcome.ignored,
        delegated=next((name for name in outcome.delegated if name), ""),
        loop=outcome.loop,
        grade=grade_of(outcome.items),
        unknown=next((str(item["_unknown"]) for item in outcome.items if item.get("_unknown")), ""),
        signature="" if outcome.no_log else of_items(outcome.items),
        changes=() if outcome.no_log else tuple(each for item in outcome.items for each in item.get("_changes") or ()),
    )


def _pass(run: PlayRun, current: Round, names: list[str]) -> None:
    """Send hosts on whose task went well; those that include something are sent into it later."""
    for name in names:
        host = run.hosts[name]
        # Without frames it was ended by another host's `end_play` while it was at work.
        if host.frames and name not in current.includes:
            go_on(host, host.frames[-1].step.ok)  # its own: copies of an `always` section differ in where they lead


def _break(run: PlayRun, current: Round, name: str, outcome: Outcome) -> None:
    """Send a host on whose task failed; with `run_once`, its failure is that of all."""
    host = run.hosts[name]
    if not host.frames:
        return
    if outcome.status == "unreachable":
        _lose(run, name)
        _pass(run, current, [each for each in current.group if each != name] if current.once else [])
        return
    current.broken.append(name)
    rescuing = host.rescuing
    _remember_failure(run, host.frames[-1].step, name, outcome)
    for each in run.hosts if current.shared else [name]:
        if not run.hosts[each].unreachable:
            fail(run, each)
    if rescuing:
        run.removed.remove(name)


def _lose(run: PlayRun, name: str) -> None:
    """Take a host that was not reached out of the play; on its way after a failure it counts as lost alone.

    Among handlers it counts as failed, too.
    """
    host = run.hosts[name]
    host.failed = host.flushing and host.broken
    host.unreachable = True
    run.removed.append(name)
    host.frames.clear()


def _count(run: PlayRun, host: HostPlay, name: str, outcome: Outcome) -> None:
    """Count a task's end for the host that did it; includes are counted when they are resolved."""
    changed = int(bool(outcome.result.get("changed")))
    if outcome.status in {"failed", "unreachable"} and outcome.ignored:
        run.count(name, ok=1, changed=changed, ignored=1)
    elif outcome.status == "unreachable":
        run.count(name, unreachable=1)
    elif outcome.status == "failed":
        run.count(name, **({"rescued": 1} if host.rescuing else {"failed": 1}))
    elif outcome.status == "skipped":
        run.count(name, skipped=1)
    elif not any("_include" in item for item in outcome.items):
        run.count(name, ok=1, changed=changed)


def _remember_failure(run: PlayRun, step: Step, name: str, outcome: Outcome) -> None:
    if run.hosts[name].rescuing:
        shown = {"name": step.task.name, "action": step.task.action, "args": {}}
        registered = run.means.world.state(name).registered
        registered.update(ansible_failed_task=shown, ansible_failed_result=public(outcome.result))


def end_round(run: PlayRun, current: Round, fatal: Callable[[], bool]) -> list[Command]:
    """Fail the other hosts too where a failure is everybody's; `fatal()` says whether the task makes it so.

    Hosts that are not kept in step have nothing to do with each other.
    """
    if run.free:
        return []
    if (current.broken or current.unreached) and fatal():
        _fail_the_others(run, current.broken, current.unreached)
    return end_share(run, [*current.broken, *current.excused])


def end_share(run: PlayRun, broken: Sequence[str] = ()) -> list[Command]:
    """Fail the other hosts too where more failed than the play bears; nothing is begun when all have.

    Both are told, the one after the other where the one leads to the other, as callbacks of ansible-core are.
    """
    if run.max_fail_percentage is None or run.free:
        return []
    told: list[Command] = []
    if _percentage_lost(run) > run.max_fail_percentage:
        run.broken = True
        _fail_the_others(run, broken)
        told.append(Emit(NoHosts(matched=True)))
    left = sum(not host.unreachable for host in run.hosts.values())
    if run.broken and sum(host.lost for host in run.hosts.values()) >= left:
        run.stopped = True
        told.append(Emit(NoHosts(matched=True)))
    return told


def _percentage_lost(run: PlayRun) -> float:
    """The share of hosts that a failure took out at once.

    Neither those that were not reached count, nor those that had something left to do when they failed.
    """
    return sum(host.lost for host in run.hosts.values()) / len(run.hosts) * 100


def _fail_the_others(run: PlayRun, broken: Sequence[str], unreached: Sequence[str] = ()) -> None:
    """Fail all but those that did; those that could not be reached just now are failed too."""
    for name, host in run.hosts.items():
        if name not in broken and (not host.unreachable or name in unreached):
            fail(run, name)
            host.lost = True


def is_fatal(current: Round, keywords: Keywords, *, default: bool) -> bool:
    """Whether a failure of a task is everybody's: it says so, or what is around it; `run_once` says so too."""
    ignored = current.step.own.keywords.get("ignore_errors")
    if ignored not in (None, False, "no", "false"):
        return False
    try:
        return current.once or keywords.flag("any_errors_fatal", default)
    except ConfmanError:
        return True
