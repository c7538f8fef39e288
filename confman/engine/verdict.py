"""What a result means: failed, changed, skipped, and what the task's own conditions make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.actions.base import ActionFailed, condition
from confman.engine.means import Job
from confman.engine.rehearsal import COMMANDS
from confman.errors import ConfmanError, ConnectionFailed, TimedOut, UndefinedVariable, UnknownUntilApplied
from confman.language.keywords import short_name
from confman.model.event import Status
from confman.variables.scope import Scope

NO_TRACEBACK = "(traceback unavailable)"
"""What results of failures that were raised have for `exception`: playbooks ask whether there is one."""


def status_of(result: Mapping[str, Any]) -> Status:
    """The status that a result stands for."""
    if result.get("unreachable"):
        return "unreachable"
    if _failed(result):
        return "failed"
    if result.get("skipped"):
        return "skipped"
    return "changed" if result.get("changed") else "ok"


def _failed(result: Mapping[str, Any]) -> bool:
    """Whether a result is a failure: `failed_when` has the last word, even where no try satisfied `until`."""
    if "failed_when_result" in result:
        return bool(result["failed_when_result"])
    items = result.get("results")
    if isinstance(items, list) and any(isinstance(item, Mapping) and "failed_when_result" in item for item in items):
        return any(_failed(item) for item in items if isinstance(item, Mapping))
    return bool(result.get("failed"))


def tidy(result: dict[str, Any]) -> dict[str, Any]:
    """A result as it is registered: `changed` and `failed` are there, texts have their lines."""
    for name in ("stdout", "stderr"):
        text = result.get(name)
        if isinstance(text, str) and f"{name}_lines" not in result:
            result[f"{name}_lines"] = text.splitlines()
    result.setdefault("changed", False)
    if "failed" not in result and not result.get("unreachable"):
        result["failed"] = result.get("rc", 0) not in {0, "0", None} if _is_scalar(result.get("rc", 0)) else False
    return result


def _is_scalar(value: Any) -> bool:
    return isinstance(value, int | str | None.__class__)


def awaited(result: dict[str, Any], job: Job, delegated: str = "") -> dict[str, Any]:
    """The result, but no failure where a dry run lacks what changes may bring that it only foresaw on this host.

    Modules name such a thing in `_lacks`. Where nothing is pending the run would fail too, and the dry run says so.
    """
    lacks = result.pop("_lacks", None)
    host = delegated or job.host
    if lacks is None or not result.get("failed") or not job.check:
        return result
    state, tried = job.means.world.state(host), result.get("_grade") == "exact"
    if not (state.untried if tried else state.pending):
        return result
    told = {key: value for key, value in result.items() if key not in {"msg", "rc", "exception"}}
    text = f"{lacks} is not there yet: earlier tasks would change {host} and may bring it, which a dry run cannot tell"
    warnings = [*told.get("warnings", ()), text]
    sure = {"_grade": "predicted"} if tried else {}
    return {**told, **sure, "failed": False, "changed": True, "warnings": warnings}


def _overrule(result: dict[str, Any], failed: bool) -> None:
    """Note what `failed_when` makes of a result."""
    if result.get("failed") and not failed:
        result["failed_when_suppressed_exception"] = "(traceback unavailable)"
        result.pop("_source", None)
    if failed and "msg" not in result:
        result.update(msg="Task failed: Action failed: Unknown error.", _error="its failed_when holds")
    result["failed"] = result["failed_when_result"] = failed


def judge(result: dict[str, Any], job: Job, scope: Scope) -> dict[str, Any]:
    """The result after `changed_when` and `failed_when`; an error in these fails the task."""
    if result.get("unreachable") or result.get("skipped"):
        return result
    own = job.step.task.keywords
    try:
        if own.get("changed_when") is not None:
            result["changed"] = _all(own["changed_when"], job, scope)
        if own.get("failed_when") is not None:
            _overrule(result, _all(own["failed_when"], job, scope))
    except UnknownUntilApplied as error:
        result.update(_grade="unknown", _unknown=error.message)
    except ConfmanError as error:
        result.update(failed=True, msg=error.message, failed_when_result=error.message)
        if error.source:
            result["_source"] = error.source
        if error.advice:
            result["_hint"] = error.advice
    return result


def _all(value: Any, job: Job, scope: Scope) -> bool:
    """`failed_when` and `changed_when`: a list holds when each of it does."""
    conditions = value if isinstance(value, list) else [value]
    return all(condition(each, scope, job.means.engine, job.means.settings) for each in conditions)


def unforeseen(reason: str) -> dict[str, Any]:
    """The result of a task of which a dry run cannot even tell whether it would run."""
    text = f"unknown until applied: {reason}"
    return {"changed": False, "skipped": True, "msg": text, "_grade": "unknown", "_unknown": reason}


def doubted(result: dict[str, Any], job: Job, host: str, *, ignored: bool) -> dict[str, Any]:
    """The result, but unknown where a dry run failed for want of what the real run has.

    In a rehearsal that is what runs on the host (`_doubt`), in a mere plan what earlier tasks will have changed.
    ignored: the task takes failures as they come, and so as they are.
    """
    doubt = result.pop("_doubt", "")
    if not job.rehearse or not result.get("failed"):
        return result
    doubt = doubt or _too_early(result, job, host)
    if not doubt or (ignored and "network" not in doubt):
        return result
    said = _said(result)
    why = f"{doubt} ({said})" if said else doubt
    return _will_run(job, why) if short_name(job.step.task.action) in COMMANDS else unforeseen(why)


def _too_early(result: dict[str, Any], job: Job, host: str) -> str:
    planned = result.get("_grade") == "predicted" and job.means.world.state(host).pending
    return "it fails on the host as it is now, before the changes of earlier tasks" if planned else ""


def _said(result: Mapping[str, Any]) -> str:
    lines = str(result.get("stderr") or result.get("msg") or "").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _will_run(job: Job, why: str) -> dict[str, Any]:
    """A command that could not be tried out: it will run, and, unless it says otherwise, count as a change."""
    changed = job.step.task.keywords.get("changed_when") is None
    return {"changed": changed, "failed": False, "rc": 0, "_grade": "unknown", "_unknown": why}


_FRAME = "where a module was when its time was up is not known to the controller"


def failure(error: ConfmanError) -> dict[str, Any]:
    """The result that an error stands for."""
    if isinstance(error, UnknownUntilApplied):
        return unforeseen(error.message)
    if isinstance(error, ActionFailed):
        return {"changed": False, "failed": True, "msg": error.message, "exception": NO_TRACEBACK, **error.result}
    result: dict[str, Any] = {"changed": False, "msg": f"Task failed: {error.message}", "_raised": True}
    result["exception"] = NO_TRACEBACK
    result["unreachable" if isinstance(error, ConnectionFailed) else "failed"] = True
    if error.source is not None:
        result["_source"] = error.source
    if error.advice:
        result["_hint"] = error.advice
    if isinstance(error, TimedOut):
        result["timedout"] = {"frame": _FRAME, "period": error.seconds}
    if isinstance(error, UndefinedVariable):
        result["_undefined"] = True
    return result
