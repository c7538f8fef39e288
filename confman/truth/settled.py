"""What is settled of a task when a plan is made: keywords, loops, conditions on its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.engine.foreign import jsonable
from confman.engine.keywords import Keywords
from confman.engine.state import Start
from confman.engine.task import Outcome
from confman.errors import ConfmanError
from confman.truth.names import names_in, values_of
from confman.truth.plan import Foreseen, Judging

_FLAGS = ("ignore_errors", "ignore_unreachable", "run_once", "any_errors_fatal")
_VALUES = ("throttle", "timeout", "async", "poll")


def foreseen(record: Mapping[str, Any]) -> Foreseen:
    """A change as a result tells of it."""
    before, after = jsonable(record.get("before")), jsonable(record.get("after"))
    return Foreseen(str(record.get("kind", "")), str(record.get("id", "")), before, after)


def is_real(start: Start) -> bool:
    """Whether a real run would do what the task asks, rather than plan it (`check_mode: true`)."""
    try:
        return not Keywords(start.job.step, start.job.scope, start.job.means).flag("check_mode")
    except ConfmanError:
        return True


def loop_variables(result: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that a loop gave to an item."""
    names = [result.get("ansible_loop_var"), result.get("ansible_index_var"), "ansible_loop"]
    return {name: jsonable(result[name]) for name in names if isinstance(name, str) and name in result}


def loop_of(outcome: Outcome) -> tuple[Any, ...] | None:
    """The items of a task's loop; None where it has none, or where it could not be evaluated."""
    if not outcome.loop:
        return None
    return tuple(jsonable(item.get(str(item.get("ansible_loop_var", "item")))) for item in outcome.items)


def words_of(start: Start) -> dict[str, Any]:
    """The keywords of a task that count when it is applied, rendered for a host."""
    keywords = Keywords(start.job.step, start.job.scope, start.job.means)
    found: dict[str, Any] = {name: True for name in _FLAGS if keywords.safe_flag(name)}
    if keywords.secret():
        found["no_log"] = True
    for name in _VALUES:
        try:
            value = keywords.get(name)
        except ConfmanError:
            continue
        found |= {} if value is None else {name: jsonable(value)}
    register = start.job.step.task.keywords.get("register")
    return found | ({"register": str(register)} if register else {})


def judging_of(start: Start) -> Judging:
    """What decides on a task's result, with the values of the variables that it uses."""
    own = start.job.step.task.keywords
    changed, failed, until = (_conditions(own.get(name)) for name in ("changed_when", "failed_when", "until"))
    if changed is failed is until is None and own.get("retries") is None:
        return Judging()
    keywords = Keywords(start.job.step, start.job.scope, start.job.means)
    written = [text for each in (changed, failed, until) for text in each or ()]
    names = names_in(written, start.job.means.engine) - {str(own.get("register"))}
    retried = until is not None or own.get("retries") is not None
    return Judging(
        changed=changed,
        failed=failed,
        until=until,
        tries=max(int(keywords.number("retries", 3)), 0) + 1 if retried else 1,
        delay=max(keywords.number("delay", 5), 0),
        variables=values_of(names, start.job.scope),
    )


def _conditions(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(str(each) for each in (value if isinstance(value, list) else [value]))
