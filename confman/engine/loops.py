"""Loops: what a task loops over, what each item sees, and the result of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confman.catalogue.coerce import to_bool
from confman.engine.means import Job
from confman.errors import LanguageError
from confman.model.play import Loop
from confman.model.records import dataclass
from confman.model.values import OMIT, source_of
from confman.templating.undefined import Undefinable


@dataclass(frozen=True)
class LoopPlan:
    """The items of a loop and how each is called. `pause` is in seconds; `label` and `break_when` are not rendered."""

    items: list[Any]
    variable: str = "item"
    index: str = ""
    label: Any = None
    pause: float = 0.0
    extended: bool = False
    all_items: bool = True
    break_when: Any = None

    def layer(self, position: int) -> dict[str, Any]:
        """The variables of the item at `position`."""
        found: dict[str, Any] = {self.variable: self.items[position], "ansible_loop_var": self.variable}
        if self.index:
            found[self.index] = position
            found["ansible_index_var"] = self.index
        if self.extended:
            found["ansible_loop"] = self._extended(position)
        return found

    def _extended(self, position: int) -> dict[str, Any]:
        length = len(self.items)
        found: dict[str, Any] = {
            "index": position + 1,
            "index0": position,
            "first": position == 0,
            "last": position + 1 == length,
            "length": length,
            "revindex": length - position,
            "revindex0": length - position - 1,
        }
        if self.all_items:
            found["allitems"] = self.items
        if position + 1 < length:
            found["nextitem"] = self.items[position + 1]
        if position:
            found["previtem"] = self.items[position - 1]
        return found


def plan_loop(loop: Loop, job: Job) -> LoopPlan:
    """The items of a task's loop on a host. Raises LanguageError or TemplateError."""
    engine, scope = job.means.engine, job.scope
    control = {
        key: value if key in {"label", "break_when"} else engine.render(value, scope)
        for key, value in loop.control.items()
    }
    terms = engine.resolve(loop.terms, scope) if loop.lookup in _LENIENT else engine.render(loop.terms, scope)
    try:
        items = _lookup_items(loop, terms, job) if loop.lookup else _plain_items(loop, terms)
    except Undefinable as marker:
        raise marker.value.error() from None
    _check_control(control, loop)
    return LoopPlan(
        items=items,
        variable=str(control.get("loop_var") or "item"),
        index=str(control.get("index_var") or ""),
        label=control.get("label"),
        pause=float(control.get("pause") or 0),
        extended=to_bool(control.get("extended") or False),
        all_items=to_bool(control.get("extended_allitems", True)),
        break_when=control.get("break_when"),
    )


_LENIENT = frozenset({"first_found", "ansible.builtin.first_found", "ansible.legacy.first_found"})
"""Lookups that pass over what is undefined when a task loops over them."""
_CONTROL = frozenset("loop_var index_var label pause extended extended_allitems break_when".split())


def _check_control(control: Mapping[str, Any], loop: Loop) -> None:
    for key in control:
        if key not in _CONTROL:
            raise LanguageError(f"{key!r} is not a valid attribute for a LoopControl", source=source_of(loop.control))


def _plain_items(loop: Loop, terms: Any) -> list[Any]:
    if not isinstance(terms, list):
        raise LanguageError(
            f"Invalid data passed to 'loop', it requires a list, got this instead: {terms}.",
            source=source_of(loop.terms),
            hint="use a list, or a filter that gives one (dict2items, list)",
        )
    return terms


def _lookup_items(loop: Loop, terms: Any, job: Job) -> list[Any]:
    if terms is OMIT:
        return []
    as_list = terms if isinstance(terms, list) else [terms]
    if loop.lookup in {"items", "list", "flattened"} and terms is None:
        return []
    found = job.means.lookup(loop.lookup, as_list, job.scope, job.step.task.action)
    return [list(item) if isinstance(item, tuple) else item for item in found]


def combine_items(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The result of a loop from those of its items."""
    if not results:
        return {"results": [], "changed": False, "skipped": True, "skipped_reason": "No items in the list"}

    def any_of(name: str) -> bool:
        return any(result.get(name) for result in results)

    combined: dict[str, Any] = {"results": results, "changed": any_of("changed")}
    if all(result.get("skipped") for result in results):
        return {**combined, "skipped": True, "msg": "All items skipped"}
    combined.update(skipped=False, msg="All items completed")
    if any_of("failed") or any_of("unreachable"):
        combined.update(failed=True, msg="One or more items failed")
    if any_of("unreachable"):
        combined["unreachable"] = True
    return combined
