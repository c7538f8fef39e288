"""Lists of tasks: nodes become tasks and blocks, as they are written."""

from __future__ import annotations

from typing import Any

from confman.language.actions import ELSEWHERE, EXPLICIT, arguments, find_action
from confman.language.checks import check_keywords
from confman.language.including import check_include, is_taken_out
from confman.language.keywords import BLOCK, TASK, nearest
from confman.language.metas import check_meta
from confman.language.names import is_known, within
from confman.language.reading import Place, expect_mapping
from confman.model.play import Block, Loop, Task
from confman.model.source import Source
from confman.model.values import SourcedDict, source_of

_BLOCK_PARTS = ("block", "rescue", "always")
_LOOP_KEYS = frozenset({"loop", "loop_control"})


def parse_tasks(value: Any, place: Place, what: str = "tasks") -> tuple[Block | Task, ...]:
    """The tasks and blocks of a list."""
    parsed: list[Block | Task] = []
    if value is not None and not isinstance(value, list):
        kind = "a mapping" if isinstance(value, dict) else repr(value)
        message = f"A malformed block was encountered while loading {what}: {kind} should be a list or None"
        place.reading.problem(message, source_of(value), "tasks are a list: each begins with a dash")
        return ()
    for item in value or ():
        node = expect_mapping(item, "a task", place, source_of(value))
        if node is None:
            continue
        if any(part in node for part in _BLOCK_PARTS):
            parsed.append(_block(node, place))
        else:
            task = _task(node, place)
            if task is not None:
                parsed.append(task)
    return tuple(parsed)


def _block(node: SourcedDict, place: Place) -> Block:
    source = node.source or Source(str(place.folder))
    place = within(node, place)
    keywords = _keywords(node, BLOCK - set(_BLOCK_PARTS), _BLOCK_PARTS, "Block", place)
    if "block" not in node:
        part = "rescue" if "rescue" in node else "always"
        message = f"{part!r} keyword cannot be used without 'block'"
        place.reading.problem(message, source, "write the tasks that may fail below block:")
    return Block(
        tasks=parse_tasks(node.get("block"), place, "block"),
        rescue=parse_tasks(node.get("rescue"), place, "rescue"),
        always=parse_tasks(node.get("always"), place, "always"),
        keywords=keywords,
        source=source,
        role=place.role,
    )


def _keywords(
    node: SourcedDict, allowed: frozenset[str], structural: tuple[str, ...], what: str, place: Place
) -> SourcedDict:
    check_keywords(node, what, place, allowed)
    keywords = SourcedDict(source=node.source, dynamic=node.dynamic)
    for key, value in node.items():
        if key in structural:
            continue
        if key not in allowed:
            place.reading.problem(
                f"{key!r} is not a valid attribute for a {what}",
                node.key_source(key),
                nearest(str(key), allowed | set(structural)) or ELSEWHERE.get(str(key), ""),
            )
            continue
        keywords[key] = value
        keywords.keys_at[key] = node.keys_at.get(key, (0, 0))
    return keywords


def _task(node: SourcedDict, place: Place) -> Task | None:
    source = node.source or Source(str(place.folder))
    found = find_action(node, source, place)
    if found is None:
        return None
    key, action, args = found
    if is_taken_out(action, node, key, place):
        return None
    if "{{" not in action and not is_known(action, within(node, place), node.key_source(key)):
        return None
    loops = [str(name) for name in node if str(name).startswith("with_")]
    allowed = TASK if place.handlers else TASK - {"listen"}
    keywords = _keywords(node, allowed, (key, *EXPLICIT, *_LOOP_KEYS, *loops), "Task", place)
    if "local_action" in node:
        keywords["delegate_to"] = "localhost"
    task = Task(
        action=action,
        args=arguments(action, args, keywords.pop("args", None), place, source),
        keywords=keywords,
        source=source,
        loop=_loop(node, loops, place),
        role=place.role,
    )
    check_meta(task, place)
    check_include(task, place)
    return task


def _loop(node: SourcedDict, loops: list[str], place: Place) -> Loop | None:
    names = [*(["loop"] if "loop" in node else []), *loops]
    if not names:
        return None
    if len(names) > 1:
        place.reading.problem(f"a task has one loop, not {' and '.join(names)}", node.key_source(names[1]))
    control = node.get("loop_control") or {}
    if not isinstance(control, dict):
        hint = "e.g. loop_control: {loop_var: word}"
        place.reading.problem("loop_control must be a mapping", node.key_source("loop_control"), hint)
        control = {}
    name = names[0]
    if node[name] is None and name != "loop":
        place.reading.problem(f"you must specify a value when using {name}", node.key_source(name), "e.g. [one, two]")
    elif node[name] is None:
        place.reading.problem(
            "loop needs a list", node.key_source("loop"), "write the items below it, each with a dash"
        )
    return Loop("" if name == "loop" else name[len("with_") :], node[name], control)
