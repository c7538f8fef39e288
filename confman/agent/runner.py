"""Plan, do, plan again: the life of one module call on the target.

Every module is run by this one function, so that only this file knows what a dry run is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit.change import UNKNOWN, Change, Failure, Warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Plan:
    """What one pass over a module gave."""

    __slots__ = ("changes", "data", "warnings")

    def __init__(self) -> None:
        self.changes = []  # type: list[Change]
        self.warnings = []  # type: list[str]
        self.data = {}  # type: dict[str, Any]


def make_plan(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Plan:
    """Exhaust a module's generator without doing anything."""
    plan = Plan()
    steps = function(**arguments)
    while True:
        try:
            item = next(steps)
        except StopIteration as end:
            plan.data = dict(end.value or {})
            return plan
        if isinstance(item, Warn):
            plan.warnings.append(item.text)
        else:
            plan.changes.append(item)


def run_module(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    *,
    plan_only: bool = False,
    diff: bool = False,
    verify: bool = True,
    guard: Callable[[bool], None] | None = None,
) -> dict[str, Any]:
    """Run a module and give its result in Ansible's dialect (changed, failed, msg, diff, warnings and its data).

    guard(True) is called before planning and guard(False) after: while it is armed, a write is an error.
    """
    arm = guard or (lambda _armed: None)
    try:
        plan = _guarded(function, arguments, arm)
        result = dict(plan.data, changed=plan.data.get("changed", bool(plan.changes)))
        warnings = list(plan.warnings)
        if diff and plan.changes:
            result["diff"] = [_diff(change) for change in plan.changes]
        result["_changes"] = [_record(change) for change in plan.changes]
        if plan.changes and not plan_only:
            extra = _do_all(plan.changes)
            if verify:
                result.update(_verify(function, arguments, arm, plan, warnings))
            result.update(extra)
    except Failure as failure:
        return dict(failure.data, failed=True, msg=failure.msg, changed=failure.data.get("changed", False))
    if warnings:
        result["warnings"] = warnings + list(result.get("warnings", ()))
    return result


def _guarded(function: Callable[..., Any], arguments: Mapping[str, Any], arm: Callable[[bool], None]) -> Plan:
    arm(True)
    try:
        return make_plan(function, arguments)
    finally:
        arm(False)


def _do_all(changes: list[Change]) -> dict[str, Any]:
    extra = {}  # type: dict[str, Any]
    for change in changes:
        extra.update(change.do() or {})
    return extra


def _verify(
    function: Callable[..., Any],
    arguments: Mapping[str, Any],
    arm: Callable[[bool], None],
    plan: Plan,
    warnings: list[str],
) -> dict[str, Any]:
    """The data of the second plan; what it still wants to change is done once more, then is a failure."""
    again = _guarded(function, arguments, arm)
    acts = {change.key() for change in plan.changes if change.once}
    again.changes = [change for change in again.changes if not change.once and change.key() not in acts]
    if again.changes:
        foreseen = {change.key() for change in plan.changes}
        unforeseen = [change for change in again.changes if change.key() not in foreseen]
        left = [change for change in again.changes if change.key() in foreseen]
        _do_all(unforeseen)
        if unforeseen:
            warnings.append("not foreseen: " + ", ".join("{} {}".format(*change.key()) for change in unforeseen))
            again = _guarded(function, arguments, arm)
            left = [change for change in again.changes if not change.once and change.key() not in acts]
        if left:
            raise Failure(
                "did not converge: " + ", ".join("{} {}".format(*change.key()) for change in left), changed=True
            )
    data = dict(again.data)
    data.pop("changed", None)
    return data


def _diff(change: Change) -> dict[str, Any]:
    given = change.diff() if callable(change.diff) else change.diff
    if given is not None:
        return dict(given)
    header = "{} {}".format(change.kind, change.id)
    return {
        "before": _text(change.before),
        "after": _text(change.after),
        "before_header": header,
        "after_header": header,
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else repr(value)
    return text if text.endswith("\n") or not text else text + "\n"


def _record(change: Change) -> dict[str, Any]:
    def known(value: Any) -> Any:
        if value is UNKNOWN:
            return {"unknown": True}
        return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else repr(value)

    return {"kind": change.kind, "id": change.id, "before": known(change.before), "after": known(change.after)}
