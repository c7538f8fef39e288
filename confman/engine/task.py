"""One task on one host, as a pipeline: items, condition, arguments, action, verdict, retries.

A plain generator: it yields what it needs done (`Reach`, `Sleep`, `Notice`), gets answers sent or errors
thrown in, and returns an `Outcome`.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from confman.actions.base import ActionFailed, condition
from confman.engine.attempt import Attempt, ItemNote, Pipeline, known_as, registered, retry
from confman.engine.keywords import Keywords
from confman.engine.loops import LoopPlan, combine_items, plan_loop
from confman.engine.means import Job
from confman.engine.rehearsal import may_be_tried, spared, was_tried
from confman.engine.verdict import failure, status_of
from confman.engine.wayvars import with_ways
from confman.errors import ConfmanError, LanguageError
from confman.language.keywords import short_name
from confman.model.event import Status
from confman.model.records import dataclass
from confman.model.request import Notice, Sleep
from confman.model.values import OMIT, source_of
from confman.variables.scope import Scope


@dataclass(frozen=True)
class Outcome:
    """A task's end on a host.

    result: what is registered. items: the single results (one without a loop), each with its effects.
    delegated: the host that did the work, for each of them. notify: the handlers that the task notifies.
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
        return _outcome(job, job.scope, [failure(error)], [""], loop=False)


def _outcome(job: Job, scope: Scope, items: list[dict[str, Any]], delegated: list[str], *, loop: bool) -> Outcome:
    result = combine_items(items) if loop else items[0]
    status = status_of(result)
    keywords = Keywords(job.step, scope, job.means)
    ignored = False
    if status in {"failed", "unreachable"}:
        name = "ignore_errors" if status == "failed" else "ignore_unreachable"
        ignored = keywords.safe_flag(name)
    notify: tuple[str, ...] = ()
    if result.get("changed") and status == "changed":
        notify = tuple(topics_of(job, scope))
    return Outcome(
        status=status,
        result=result,
        items=tuple(items),
        delegated=tuple(delegated),
        ignored=ignored,
        no_log=keywords.secret() or any(item.get("_ansible_no_log") for item in items),
        notify=notify,
        loop=loop,
    )


def topics_of(job: Job, scope: Scope) -> list[str]:
    """What a task notifies if it changes something. Raises ConfmanError."""
    found: list[str] = []
    for entry in job.step.own.notify:
        value = job.means.engine.render(entry, scope)
        found += [str(name) for name in (value if isinstance(value, list) else [value]) if name is not OMIT]
    return found


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
    learnt: dict[str, Any] = {}
    for position in range(len(plan.items)):
        if position and plan.pause:
            yield Sleep(plan.pause)
        scope = job.scope.under(learnt).under(plan.layer(position))
        result, host = yield from _item(job, plan, position, scope)
        results.append(result)
        delegated.append(host)
        learnt = {**learnt, **_facts_of(job, result), **known_as(job, result)}
        if result.get("unreachable") or _breaks(job, plan, scope, result):
            break
    return _outcome(job, job.scope, results, delegated, loop=True)


def _facts_of(job: Job, result: dict[str, Any]) -> dict[str, Any]:
    """What the items to come see of an item: facts that the user sets."""
    facts = result.get("ansible_facts")
    wanted = short_name(job.step.task.action) in {"set_fact", "include_vars"}
    return facts if wanted and isinstance(facts, dict) else {}


def _loop_failure(job: Job, error: ConfmanError) -> Outcome:
    """A loop that cannot be evaluated does no harm where the task is not to run anyway."""
    try:
        unmet = Keywords(job.step, job.scope, job.means).unmet(job.scope)
    except ConfmanError:
        unmet = None
    result = _skipped(unmet) if unmet is not None else failure(error)
    return _outcome(job, job.scope, [result], [""], loop=False)


def _item(job: Job, plan: LoopPlan, position: int, scope: Scope) -> Pipeline:
    try:
        result, delegated = yield from _once(job, scope)
    except ConfmanError as error:
        result, delegated = failure(error), ""
    layer = plan.layer(position)
    result.update({key: value for key, value in layer.items() if key != "ansible_loop"})
    if "ansible_loop" in layer:
        result["ansible_loop"] = layer["ansible_loop"]
    label = layer[plan.variable]
    if plan.label is not None:
        try:
            label = job.means.engine.render(plan.label, registered(job, scope, result))
        except ConfmanError as error:
            result.update(failed=True, msg=f"Failed to template loop_control.label: {error.message}")
    result["_ansible_item_label"] = label
    keywords = Keywords(job.step, scope, job.means)
    ignored = bool(result.get("failed")) and keywords.safe_flag("ignore_errors")
    silent = bool(result.get("_ansible_no_log")) or keywords.secret()
    if silent:
        result["_ansible_no_log"] = True
    yield Notice(ItemNote(result, label, ignored=ignored, no_log=silent))
    return result, delegated


def _breaks(job: Job, plan: LoopPlan, scope: Scope, result: dict[str, Any]) -> bool:
    if plan.break_when is None:
        return False
    inner = registered(job, scope, result)
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
    for name in ("check_mode", "diff"):
        keywords.flag(name)
    delegated = _delegate(keywords)
    scope = with_ways(job, scope, delegated)
    keywords = Keywords(job.step, scope, job.means)
    unmet = keywords.unmet(scope)
    left_out = {} if unmet is None else spared(_skipped(unmet), job, scope)
    if left_out and not may_be_tried(left_out, job):
        return left_out, ""
    if job.step.kind in {"include_tasks", "include_role"}:
        return _include(job, scope), ""
    attempt = Attempt(job, scope, keywords, delegated)
    result = yield from retry(attempt)
    if attempt.delegated not in {"", job.host}:
        result["_delegated_to"] = _with_address(job, attempt.delegated)
    return (result, attempt.delegated) if not left_out or was_tried(result, job) else (left_out, "")


def _with_address(job: Job, host: str) -> str:
    """A host as it is told that work is delegated to it: with its address, where that is not its name."""
    try:
        address = job.other(host).find("ansible_host", host)
    except ConfmanError:
        return host
    return host if address == host else f"{host}({address})"


def _delegate(keywords: Keywords) -> str:
    """The host that does the work instead, "" for none; known before the condition. Raises LanguageError."""
    written = keywords.step.own.keywords.get("delegate_to")
    value = keywords.get("delegate_to")
    host = "" if value is None else str(value)
    if written and value is not None and not host:
        place = source_of(written) or keywords.step.task.source
        raise LanguageError(f"Empty hostname produced from delegate_to: {str(written)!r}", source=place)
    return host


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
