"""One try after the other: arguments rendered, the action driven, the verdict spoken, until it satisfies."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import field
from typing import Any

from confman.actions.base import ActionTask, Steps, Ways, condition
from confman.actions.plain import plain
from confman.catalogue.coerce import to_bool
from confman.engine.arguments import advise, render_action, render_arguments
from confman.engine.calls import note_invocation, reach, unplanned, ways
from confman.engine.connection import defined, make_identity, make_target
from confman.engine.discovery import discovered
from confman.engine.jobs import check_job, follow
from confman.engine.keywords import Keywords, searched
from confman.engine.means import Job
from confman.engine.rehearsal import foreseen
from confman.engine.signing import signature
from confman.engine.verdict import awaited, doubted, failure, judge, tidy
from confman.engine.wayvars import without_ways
from confman.errors import ConfmanError, TimedOut, UnknownUntilApplied
from confman.language.keywords import short_name
from confman.model.call import Identity, Target
from confman.model.records import dataclass
from confman.model.request import Invocation, Notice, Reach, Sleep, Within
from confman.templating.unforeseen import UnforeseenResult
from confman.variables.scope import Scope

_OWN = frozenset({"ansible.builtin", "ansible.legacy"})
Pipeline = Generator[Any, Any, Any]


@dataclass(frozen=True)
class ItemNote:
    """Told for each item of a loop, and before each retry (`left` attempts)."""

    result: dict[str, Any]
    label: Any = None
    left: int | None = None
    ignored: bool = False
    no_log: bool = False


@dataclass(frozen=True)
class Asked:
    """What a task (or a loop item) asked for, for a plan: its action with rendered arguments, and what it sent.

    way: where requests of the action go and as whom.
    """

    action: str
    args: Mapping[str, Any]
    sent: tuple[Reach, ...]
    way: tuple[Target, Identity]


@dataclass(frozen=True)
class Attempt:
    """A task's (or a loop item's) way to its result; `delegated` names the host that does the work, "" for its own.

    sent: what the last try sent, or would have sent.
    """

    job: Job
    scope: Scope
    keywords: Keywords
    delegated: str
    sent: list[Reach] = field(default_factory=list)


def retry(attempt: Attempt) -> Pipeline:
    """The result, after as many tries as `until` and `retries` ask for."""
    until = attempt.job.step.task.keywords.get("until")
    wanted = attempt.keywords.get("retries")
    if until is None and wanted is None:
        return (yield from _try(attempt, None))
    tries = max(int(attempt.keywords.number("retries", 3)), 0) + 1
    delay = max(attempt.keywords.number("delay", 5), 0)
    for number in range(1, tries + 1):
        result = yield from _try(attempt, number)
        if _satisfied(attempt, until, result):
            return result
        if number == tries:
            result["attempts"] = tries - 1
            return result if until is None else {**result, "failed": True}
        no_log = attempt.keywords.secret()
        yield Notice(ItemNote({**result, "retries": tries}, left=tries - number, no_log=no_log))
        yield Sleep(delay)
    return {"failed": True, "changed": False, "msg": "no attempt was made"}


def _satisfied(attempt: Attempt, until: Any, result: dict[str, Any]) -> bool:
    if until is None:
        return not result.get("failed")
    scope = registered(attempt.job, attempt.scope, result)
    conditions = until if isinstance(until, list) else [until]
    means = attempt.job.means
    try:
        return all(condition(each, scope, means.engine, means.settings) for each in conditions)
    except UnknownUntilApplied:
        # A dry run does not wait for what it cannot see.
        return True


def _try(attempt: Attempt, number: int | None) -> Pipeline:
    """One try; `number` is in its result where there may be several."""
    job = attempt.job
    attempt.sent.clear()
    action = render_action(job, attempt.scope)
    raw, args = render_arguments(job, attempt.scope, action, attempt.keywords.defaults(action))
    task = _action_task(attempt, action, raw, args)
    function = job.means.actions.get(action_name(job, action), plain)
    try:
        check_job(action, attempt.keywords, job.means)
        result = yield from _within(attempt, function(task))
        result = yield from follow(task, attempt.keywords, result, lambda steps: _drive(steps, attempt))
    except ConfmanError as error:
        result = failure(error)
    advise(result, action)
    _note_python(attempt, result)
    result = foreseen(awaited(tidy(result), job, attempt.delegated), action, job)
    if number is not None:
        result["attempts"] = number
    result = judge(result, job, registered(job, attempt.scope, result))
    host = attempt.delegated or job.host
    result = doubted(result, job, host, ignored=attempt.keywords.safe_flag("ignore_errors"))
    if job.means.settings.signing:
        result["_signature"] = signature(attempt.sent)
    if job.means.settings.planning:
        way = ways(None, job, attempt.keywords, attempt.delegated)
        result["_asked"] = Asked(action, args, tuple(attempt.sent), way)
    return result


def _note_python(attempt: Attempt, result: dict[str, Any]) -> None:
    """Let the result tell of the Python that was found, unless it is another host's and facts stay with their own."""
    job, host = attempt.job, attempt.delegated
    if not host:
        discovered(job, attempt.scope, job.host, result)
    else:
        owner = host if attempt.keywords.safe_flag("delegate_facts") else ""
        discovered(job, job.other(host), owner, result)


def action_name(job: Job, action: str) -> str:
    """The name of the action plugin, where a collection that the task searches brings it."""
    catalogue = job.means.catalogue
    for collection in searched(job.step) if "." not in action else ():
        name = f"{collection}.{action}"
        if collection not in _OWN and (catalogue.has_action(name) or catalogue.find(name) is not None):
            return name
    short = short_name(action)
    # Modules of other collections that are ours, too, have the action that goes with them.
    found = job.means.catalogue.find(short) if "." in short else None
    return found.name if found is not None and found.own else short


def _within(attempt: Attempt, action: Steps) -> Pipeline:
    """Run an action in the time that `timeout` gives it. Raises TimedOut."""
    seconds = attempt.keywords.whole("timeout", attempt.job.means.settings.task_timeout)
    if seconds <= 0:
        return (yield from _drive(action, attempt))
    yield Within(seconds)
    try:
        result = yield from _drive(action, attempt)
    except ConfmanError:
        yield Within(0)
        raise
    yield Within(0)
    return result


def _drive(action: Generator[Any, Any, dict[str, Any]], attempt: Attempt) -> Pipeline:
    """Run an action, settling each of its wishes for the run room; errors go back into it."""
    answer: Any = None
    error: ConfmanError | None = None
    python: dict[str, Any] = {}
    while True:
        try:
            wish = action.throw(error) if error is not None else action.send(answer)
        except StopIteration as end:
            return {**end.value, **python}
        answer, error = None, None
        try:
            request = reach(wish, attempt.job, attempt.keywords, attempt.delegated)
            if isinstance(request, Reach):
                attempt.sent.append(request)
            answer = unplanned(request) or (yield request)
            note_invocation(request, answer, attempt.job)
            python = _python_of(wish, answer) or python
        except TimedOut:
            action.close()
            raise
        except ConfmanError as problem:
            error = problem


def _python_of(wish: Any, answer: Any) -> dict[str, Any]:
    """The Python that an answer tells of, taken out of it; that of this machine says nothing of the host."""
    if not isinstance(answer, dict) or "_interpreter" not in answer:
        return {}
    found = {name: answer.pop(name, "") for name in ("_interpreter", "_candidate")}
    return {} if isinstance(wish, Invocation) and wish.on_controller else found


def _action_task(attempt: Attempt, action: str, raw: Any, args: dict[str, Any]) -> ActionTask:
    job = attempt.job
    settings = job.means.settings
    return ActionTask(
        action=action,
        args=args,
        raw=raw if isinstance(raw, Mapping) else {},
        scope=attempt.scope,
        engine=job.means.engine,
        settings=settings,
        files=job.means.finder(job.step),
        host=job.host,
        check=job.check,
        diff=job.diff,
        role=job.step.role,
        source=job.step.task.source,
        remember=job.means.remember,
        extra={"name": job.step.task.name, "collections": searched(job.step), "become": _becomes(attempt)},
        defaults=attempt.keywords.defaults,
        own=lambda name: job.means.catalogue.name_of(name) is not None,
        ways=lambda: _ways(attempt),
    )


def _ways(attempt: Attempt) -> Ways:
    """How the task's own host is reached, and the one that it is delegated to. Raises UsageError."""
    job, keywords, settings = attempt.job, attempt.keywords, attempt.job.means.settings
    find, words = without_ways(attempt.scope).find, keywords.connection()
    own = make_target(job.host, find, words, settings)
    other = attempt.delegated
    there = make_target(other, job.other(other).find, words, settings) if other else None
    return Ways(own, make_identity(find, words, settings), there)


def _becomes(attempt: Attempt) -> bool:
    """Whether a task runs as somebody else, as far as that can be told."""
    settings = attempt.job.means.settings
    try:
        wanted = defined(attempt.scope.find)("ansible_become", None)
        return attempt.keywords.flag("become", settings.become) if wanted is None else to_bool(wanted)
    except (ConfmanError, TypeError):
        return False


def registered(job: Job, scope: Scope, result: dict[str, Any]) -> Scope:
    """The scope in which the verdict is spoken: the result under its registered name."""
    known = known_as(job, result)
    return scope.under(known) if known else scope


def known_as(job: Job, result: dict[str, Any]) -> dict[str, Any]:
    """A result under the name that its task registers, if any."""
    name = job.step.task.keywords.get("register")
    reason = result.get("_unknown")
    return {str(name): result if reason is None else UnforeseenResult(result, str(reason))} if name else {}
