"""One task on one host, as a pipeline: items, condition, arguments, action, verdict, retries.

A plain generator: it yields what it needs done (`Reach`, `Sleep`, `Notice`), gets answers sent or errors
thrown in, and returns an `Outcome`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from confman.actions.base import ActionFailed, ActionTask, condition
from confman.actions.plain import plain
from confman.engine.calls import reach
from confman.engine.keywords import Keywords
from confman.engine.loops import LoopPlan, combine_items, plan_loop
from confman.engine.means import Job
from confman.engine.verdict import judge, status_of, tidy
from confman.errors import ConfmanError, ConnectionFailed, UndefinedVariable
from confman.language.keywords import short_name
from confman.model.event import Status
from confman.model.request import Notice, Reach, Sleep
from confman.model.values import OMIT, SourcedDict, Text
from confman.variables.scope import Scope

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
class Outcome:
    """A task's end on a host.

    result: what is registered. items: the single results (one without a loop), each with its effects. delegated: the host
    that did the work, for each of them. notify: the handlers that the task notifies when it changed something.
    """

    status: Status
    result: dict[str, Any]
    items: tuple[dict[str, Any], ...]
    delegated: tuple[str, ...] = ()
    ignored: bool = False
    no_log: bool = False
    notify: tuple[str, ...] = ()
    loop: bool = False


def run_task(job: Job) -> Generator[Any, Any, Outcome]:
    """Run a task on a host to its outcome; errors of templates and connections become failed results."""
    try:
        if job.step.task.loop is None:
            result, delegated = yield from _once(job, job.scope)
            return _outcome(job, job.scope, [result], [delegated], loop=False)
        return (yield from _loop(job))
    except ConfmanError as error:
        return _outcome(job, job.scope, [_failure(error)], [""], loop=False)


def _outcome(job: Job, scope: Scope, items: list[dict[str, Any]], delegated: list[str], *, loop: bool) -> Outcome:
    result = combine_items(items) if loop else items[0]
    status = status_of(result)
    keywords = Keywords(job.step, scope, job.means)
    ignored = False
    if status in {"failed", "unreachable"}:
        name = "ignore_errors" if status == "failed" else "ignore_unreachable"
        ignored = _safe_flag(keywords, name)
    notify: tuple[str, ...] = ()
    if result.get("changed") and status == "changed":
        notify = tuple(_names(job, scope))
    return Outcome(
        status=status,
        result=result,
        items=tuple(items),
        delegated=tuple(delegated),
        ignored=ignored,
        no_log=job.means.settings.no_log or _safe_flag(keywords, "no_log", on_error=True),
        notify=notify,
        loop=loop,
    )


def _safe_flag(keywords: Keywords, name: str, *, on_error: bool = False) -> bool:
    try:
        return keywords.flag(name)
    except ConfmanError:
        return on_error


def _names(job: Job, scope: Scope) -> list[str]:
    found: list[str] = []
    for entry in job.step.own.notify:
        value = job.means.engine.render(entry, scope)
        found += [str(name) for name in (value if isinstance(value, list) else [value]) if name is not OMIT]
    return found


def _failure(error: ConfmanError) -> dict[str, Any]:
    if isinstance(error, ActionFailed):
        return {"changed": False, "failed": True, "msg": error.message, **error.result}
    result: dict[str, Any] = {"changed": False, "msg": error.message}
    result["unreachable" if isinstance(error, ConnectionFailed) else "failed"] = True
    if error.source is not None:
        result["_source"] = error.source
    if error.hint:
        result["_hint"] = error.hint
    if isinstance(error, UndefinedVariable):
        result["_undefined"] = True
    return result


# -- loops


def _loop(job: Job) -> Generator[Any, Any, Outcome]:
    loop = job.step.task.loop
    assert loop is not None
    try:
        plan = plan_loop(loop, job)
    except ConfmanError as error:
        return _loop_failure(job, error)
    results: list[dict[str, Any]] = []
    delegated: list[str] = []
    for position in range(len(plan.items)):
        if position and plan.pause:
            yield Sleep(plan.pause)
        scope = job.scope.under(plan.layer(position))
        result, host = yield from _item(job, plan, position, scope)
        results.append(result)
        delegated.append(host)
        if result.get("unreachable") or _breaks(job, plan, scope, result):
            break
    return _outcome(job, job.scope, results, delegated, loop=True)


def _loop_failure(job: Job, error: ConfmanError) -> Outcome:
    """A loop that cannot be evaluated does no harm where the task is not to run anyway."""
    try:
        unmet = Keywords(job.step, job.scope, job.means).unmet(job.scope)
    except ConfmanError:
        unmet = None
    result = _skipped(unmet) if unmet is not None else _failure(error)
    return _outcome(job, job.scope, [result], [""], loop=False)


def _item(job: Job, plan: LoopPlan, position: int, scope: Scope) -> Pipeline:
    try:
        result, delegated = yield from _once(job, scope)
    except ConfmanError as error:
        result, delegated = _failure(error), ""
    layer = plan.layer(position)
    result.update({key: value for key, value in layer.items() if key != "ansible_loop"})
    if "ansible_loop" in layer:
        result["ansible_loop"] = layer["ansible_loop"]
    label = layer[plan.variable]
    if plan.label is not None:
        try:
            label = job.means.engine.render(plan.label, scope)
        except ConfmanError as error:
            result.update(failed=True, msg=f"Failed to template loop_control.label: {error.message}")
    result["_ansible_item_label"] = label
    keywords = Keywords(job.step, scope, job.means)
    ignored = bool(result.get("failed")) and _safe_flag(keywords, "ignore_errors")
    yield Notice(ItemNote(result, label, ignored=ignored, no_log=_safe_flag(keywords, "no_log", on_error=True)))
    return result, delegated


def _breaks(job: Job, plan: LoopPlan, scope: Scope, result: dict[str, Any]) -> bool:
    if plan.break_when is None:
        return False
    inner = _registered(job, scope, result)
    conditions = plan.break_when if isinstance(plan.break_when, list) else [plan.break_when]
    return all(condition(each, inner, job.means.engine, job.means.settings) for each in conditions)


# -- one item


def _skipped(unmet: Any) -> dict[str, Any]:
    return {
        "changed": False,
        "skipped": True,
        "skip_reason": "Conditional result was False",
        "false_condition": str(unmet) if isinstance(unmet, str) else unmet,
    }


def _once(job: Job, scope: Scope) -> Pipeline:
    """One item (or the whole of a task without a loop): its result and the host it was delegated to."""
    keywords = Keywords(job.step, scope, job.means)
    unmet = keywords.unmet(scope)
    if unmet is not None:
        return _skipped(unmet), ""
    if job.step.kind in {"include_tasks", "include_role"}:
        return _include(job, scope), ""
    delegated = keywords.get("delegate_to", "")
    attempt = _Attempt(job, scope, keywords, str(delegated or ""))
    return (yield from _retry(attempt)), attempt.delegated


@dataclass(frozen=True)
class _Attempt:
    job: Job
    scope: Scope
    keywords: Keywords
    delegated: str
    extra: Mapping[str, Any] = field(default_factory=dict)


def _retry(attempt: _Attempt) -> Pipeline:
    until = attempt.job.step.task.keywords.get("until")
    wanted = attempt.keywords.get("retries")
    if until is None and wanted is None:
        return (yield from _try(attempt))
    tries = max(int(attempt.keywords.number("retries", 3)), 0) + 1
    delay = max(attempt.keywords.number("delay", 5), 0)
    for number in range(1, tries + 1):
        result = yield from _try(attempt)
        result["attempts"] = number
        if _satisfied(attempt, until, result):
            break
        if number < tries:
            no_log = _safe_flag(attempt.keywords, "no_log", on_error=True)
            yield Notice(ItemNote({**result, "retries": tries}, left=tries - number, no_log=no_log))
            yield Sleep(delay)
    else:
        if until is not None:
            result["failed"] = True
        result["attempts"] = tries - 1
    return result


def _satisfied(attempt: _Attempt, until: Any, result: dict[str, Any]) -> bool:
    if until is None:
        return not result.get("failed")
    scope = _registered(attempt.job, attempt.scope, result)
    conditions = until if isinstance(until, list) else [until]
    means = attempt.job.means
    return all(condition(each, scope, means.engine, means.settings) for each in conditions)


def _try(attempt: _Attempt) -> Pipeline:
    job = attempt.job
    action = _render_action(job, attempt.scope)
    raw, args = _arguments(job, attempt, action)
    task = _action_task(attempt, action, raw, args)
    function = job.means.actions.get(short_name(action), plain)
    try:
        result = yield from _drive(function(task), attempt)
    except ConfmanError as error:
        result = _failure(error)
    result = tidy(result)
    return judge(result, job, attempt.keywords, _registered(job, attempt.scope, result))


def _drive(action: Generator[Any, Any, dict[str, Any]], attempt: _Attempt) -> Pipeline:
    """Run an action, settling each of its wishes for the run room; errors go back into it."""
    answer: Any = None
    error: ConfmanError | None = None
    while True:
        try:
            wish = action.throw(error) if error is not None else action.send(answer)
        except StopIteration as end:
            return dict(end.value)
        answer, error = None, None
        try:
            request = reach(wish, attempt.job, attempt.keywords, attempt.delegated)
            answer = (yield request) if isinstance(request, Reach | Sleep | Notice) else request
        except ConfmanError as problem:
            error = problem


def _action_task(attempt: _Attempt, action: str, raw: Any, args: dict[str, Any]) -> ActionTask:
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
        extra={"name": job.step.task.name},
    )


def _render_action(job: Job, scope: Scope) -> str:
    return str(job.means.engine.render(job.step.task.action, scope)).strip()


_UNRENDERED = {"assert": ("that",), "debug": ("var",)}
"""Parameters that an action evaluates itself."""


def _arguments(job: Job, attempt: _Attempt, action: str) -> tuple[Any, dict[str, Any]]:
    raw = job.step.task.args
    engine, scope = job.means.engine, attempt.scope
    merged = attempt.keywords.defaults(action)
    if not isinstance(raw, SourcedDict):
        return raw, merged
    given = dict(raw)
    whole = given.pop("_variable_params", None)
    if whole is not None:
        value = engine.render(whole, scope)
        if not isinstance(value, dict):
            raise ActionFailed(f"the arguments of {action} must be a mapping, got {type(value).__name__}")
        merged.update(value)
    kept = _UNRENDERED.get(short_name(action), ())
    for key, value in given.items():
        name = engine.render(key, scope)
        rendered = value if key in kept else _render_argument(job, scope, action, str(name), value)
        if rendered is OMIT:
            merged.pop(name, None)
        else:
            merged[name] = rendered
    return raw, merged


def _render_argument(job: Job, scope: Scope, action: str, name: str, value: Any) -> Any:
    try:
        return job.means.engine.render(value, scope)
    except ConfmanError as error:
        full = action if "." in action else f"ansible.builtin.{action}"
        error.message = (
            f"Finalization of task args for {full!r} failed: Error while resolving value for {name!r}: {error.message}"
        )
        raise


def _registered(job: Job, scope: Scope, result: dict[str, Any]) -> Scope:
    """The scope in which the verdict is spoken: the result under its registered name."""
    name = job.step.task.keywords.get("register")
    return scope.under({str(name): result}) if name else scope


# -- includes


def _include(job: Job, scope: Scope) -> dict[str, Any]:
    """What an include asks for; the play resolves it."""
    args = {key: job.means.engine.render(value, scope) for key, value in job.step.task.args.items() if key != "apply"}
    args = {key: value for key, value in args.items() if value is not OMIT}
    result: dict[str, Any] = {"changed": False, "_include": args}
    if job.step.kind == "include_tasks":
        name = args.get("file", args.get("_raw_params"))
        if not name:
            raise ActionFailed("No file specified for include_tasks")
        result["include"] = str(name)
    else:
        name = args.get("name", args.get("role"))
        if not name:
            raise ActionFailed("'name' is a required field for include_role.")
        result["include"] = str(name)
    return result


def expression(text: str) -> Text:
    """A trusted expression of ours."""
    return Text(text)


def with_status(outcome: Outcome, status: Status) -> Outcome:
    """The same outcome under another verdict."""
    return replace(outcome, status=status)
