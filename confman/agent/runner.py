"""Plan, do, plan again: the life of one module call on the target.

Every module is run by this one function, so that only this file knows what a dry run is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.agent.before import before_of
from confman.kit.change import UNKNOWN, Change, Failure, Warn
from confman.kit.pathinfo import path_info

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
    keep: int = 0,
) -> dict[str, Any]:
    """Run a module and give its result in Ansible's dialect (changed, failed, msg, diff, warnings and its data).

    guard(True) is called before planning and guard(False) after: while it is armed, a write is an error.
    keep: bytes of a file that it may have at most to tell what was in it before it was changed.
    """
    run = _Run(function, arguments, guard, keep)
    try:
        result = run.result(plan_only, diff, verify)
    except Failure as failure:
        changed = failure.data.get("changed", bool(run.made))
        result = dict(failure.data, failed=True, msg=failure.msg, changed=changed)
        result["_changes"] = [run.record(change) for change in run.made]
    return _with_path_info(result)


def _with_path_info(result: dict[str, Any]) -> dict[str, Any]:
    """A result that names a path tells of its owner, permissions and kind too, whatever the module."""
    path = result.get("path", result.get("dest"))
    return dict(result, **path_info(path)) if isinstance(path, str) else result


class _Run:
    """One call of a module. `made` are the changes that were made so far."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        guard: Callable[[bool], None] | None,
        keep: int = 0,
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.guard = guard
        self.keep = keep
        self.was = {}  # type: dict[int, dict[str, Any]]
        self.made = []  # type: list[Change]
        self.warnings = []  # type: list[str]

    def result(self, plan_only: bool, diff: bool, verify: bool) -> dict[str, Any]:
        plan = self.plan()
        self.warnings += plan.warnings
        result = dict(plan.data, changed=plan.data.get("changed", bool(plan.changes)))
        if diff:
            self.add_diff(result, plan.changes)
        result["_changes"] = [self.record(change) for change in plan.changes]
        foreseen = result.pop("_foreseen", {})
        if plan_only:
            result.update(foreseen)
        elif plan.changes:
            extra = self.do(plan.changes)
            result["_changes"] = [self.record(change) for change in plan.changes]
            if verify:
                result.update(self.verify(plan))
            result.update(extra)
        if self.warnings:
            result["warnings"] = self.warnings + list(result.get("warnings", ()))
        return result

    def add_diff(self, result: dict[str, Any], changes: list[Change]) -> None:
        """Put the diff of the changes into a result that has none of its own."""
        shape = getattr(self.function, "rules", {}).get("diff")
        if "diff" in result or not (changes or shape == "path"):
            return
        diffs = [_diff(change) for change in changes]
        result["diff"] = joined([_path_only(result), *diffs] if shape == "path" else diffs, shape)

    def plan(self) -> Plan:
        if self.guard is None:
            return make_plan(self.function, self.arguments)
        self.guard(True)
        try:
            return make_plan(self.function, self.arguments)
        finally:
            self.guard(False)

    def do(self, changes: list[Change]) -> dict[str, Any]:
        extra = {}  # type: dict[str, Any]
        for change in changes:
            was = before_of(change.kind, change.id, self.keep) if change.before is not None else None
            if was is not None:
                self.was[id(change)] = was
            extra.update(change.do() or {})
            self.made.append(change)
        return extra

    def record(self, change: Change) -> dict[str, Any]:
        """A change as results tell of it, with what was there if that is to be kept."""
        record = _record(change)
        return dict(record, was=self.was[id(change)]) if id(change) in self.was else record

    def verify(self, plan: Plan) -> dict[str, Any]:
        """The data of the second plan; what only then appears is done too, what is left is a failure."""
        again = self.plan()
        foreseen = {change.key() for change in plan.changes}
        acts = {change.key() for change in plan.changes if change.once}
        left = _states(again, acts)
        unforeseen = [change for change in left if change.key() not in foreseen]
        if unforeseen:
            self.warnings.append("not foreseen: " + _names(unforeseen))
            self.do(unforeseen)
            again = self.plan()
            left = _states(again, acts)
        if left:
            raise Failure("did not converge: " + _names(left), changed=True)
        data = dict(again.data)
        for name in ("changed", "diff", "_foreseen"):
            data.pop(name, None)
        return data


def _states(plan: Plan, acts: set[tuple[str, str]]) -> list[Change]:
    """The changes of a plan that keep a state; acts (`once`) are done again by nobody."""
    return [change for change in plan.changes if not change.once and change.key() not in acts]


def _names(changes: list[Change]) -> str:
    return ", ".join("{} {}".format(*change.key()) for change in changes)


def joined(diffs: list[dict[str, Any]], shape: str | None = None) -> Any:
    """The diffs of a result: one mapping where they can be one, unless the shape is "list"."""
    told = list(filter(None, diffs)) or diffs[:1]
    if shape == "list":
        return told
    if not all(map(_is_state, told)):
        told = [each for each in told if not _is_state(each) or each["before"] != each["after"]]
        return told[0] if len(told) == 1 else told
    return {"before": _together(told, "before"), "after": _together(told, "after")}


def _together(diffs: list[dict[str, Any]], side: str) -> dict[str, Any]:
    # the first is about the object that was asked for: a path that comes later is below it, or where it leads to
    return dict(pair for each in reversed(diffs) for pair in each[side].items())


def _path_only(result: Mapping[str, Any]) -> dict[str, Any]:
    return {side: {"path": result.get("path", result.get("dest"))} for side in ("before", "after")}


def _is_state(diff: Mapping[str, Any]) -> bool:
    """Whether a diff says how attributes were and will be, which several can do together, and no text."""
    return all(isinstance(diff.get(side), dict) for side in ("before", "after"))


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
