"""Tests of task results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from confman.errors import TemplateError


def _of_result(name: str, test: Callable[[Mapping[str, Any]], Any]) -> Callable[[Any], bool]:
    """A test that takes a task's result and nothing else."""

    def check(result: Any) -> bool:
        if not isinstance(result, Mapping):
            raise TemplateError(
                f"The '{name}' test expects a dictionary", hint="test what was registered, not a part of it"
            )
        return bool(test(result))

    check.__name__ = name
    check.__doc__ = f"Whether a task's result is {name}."
    return check


def _changed(result: Mapping[str, Any]) -> bool:
    if "changed" in result:
        return bool(result["changed"])
    items = result.get("results")
    if not isinstance(items, list):
        return False
    return any(isinstance(item, Mapping) and item.get("changed") for item in items)


def _timedout(result: Mapping[str, Any]) -> bool:
    details = result.get("timedout")
    return isinstance(details, Mapping) and bool(details.get("period"))


changed = _of_result("changed", _changed)
failed = _of_result("failed", lambda result: result.get("failed"))
succeeded = _of_result("succeeded", lambda result: not result.get("failed"))
skipped = _of_result("skipped", lambda result: result.get("skipped"))
unreachable = _of_result("unreachable", lambda result: result.get("unreachable"))
reachable = _of_result("reachable", lambda result: not result.get("unreachable"))
timedout = _of_result("timedout", _timedout)
# what does not run in the background has started and finished
started = _of_result("started", lambda result: result.get("started", True))
finished = _of_result("finished", lambda result: result.get("finished", True))
