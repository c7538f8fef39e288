"""Includes: tasks that come into a play while it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from confman.engine.compile import compile_handlers, compile_tasks, inherit
from confman.engine.failing import fail
from confman.engine.handlers import extend_handlers
from confman.engine.host import Frame, Instance, leave, settle
from confman.engine.state import Command, Emit, PlayRun, Round
from confman.errors import ConfmanError, ErrorGroup
from confman.model.event import HostDone, Included, Message
from confman.model.program import END, Inherited, Step
from confman.model.values import SourcedDict


def enter(run: PlayRun, current: Round) -> list[Command]:
    """Resolve what a finished round included, once for all hosts that include the same, and send them in."""
    commands: list[Command] = []
    waiting: dict[str, list[Instance]] = {name: [] for name in current.includes}
    for row in range(max((len(items) for items in current.includes.values()), default=0)):
        for hosts in _groups(current, row, waiting):
            instance = _make(run, current, hosts, current.includes[hosts[0]][row], commands)
            for name in hosts:
                if instance is None:
                    del waiting[name]
                else:
                    waiting[name].append(instance)
    for name, instances in waiting.items():
        _send_in(run, name, instances)
    return commands


def _groups(current: Round, row: int, waiting: dict[str, list[Instance]]) -> list[list[str]]:
    """The hosts that still go on, by what the item `row` of their include names."""
    groups: dict[str, list[str]] = {}
    for name, items in current.includes.items():
        if row < len(items) and name in waiting:
            groups.setdefault(_identity(row, items[row]), []).append(name)
    return list(groups.values())


def _identity(row: int, result: dict[str, Any]) -> str:
    seen = {key: value for key, value in result.items() if key not in {"changed", "failed"}}
    return json.dumps([row, seen], default=repr, sort_keys=True)


def _make(
    run: PlayRun, current: Round, hosts: list[str], result: dict[str, Any], commands: list[Command]
) -> Instance | None:
    """The included tasks as an instance; None when they cannot be had, which fails the hosts."""
    step, job = current.step, run.jobs.get(hosts[0])
    assert job is not None
    of_handler = step.kind == "include_tasks" and run.hosts[hosts[0]].flushing
    try:
        found = run.include(step, result, job, handler=of_handler)
    except ErrorGroup:
        raise
    except ConfmanError as error:
        _refuse(run, current, hosts, error, commands)
        return None
    commands.append(Emit(Included(found.path, tuple(hosts), result.get("_ansible_item_label"))))
    for name in hosts:
        run.count(name, ok=1)
    outer = _outer(step, result)
    if found.handlers:
        more = compile_handlers(found.handlers, outer, lambda value: run.means.engine.render(value, job.scope))
        run.handlers = extend_handlers(run.handlers, more)
    if found.roles:
        run.means.world.add_roles(found.roles)
    # Tags choose neither among handlers nor in what they include.
    program = compile_tasks(found.tasks, outer, (lambda _tags: True) if of_handler else run.selected)
    return Instance(program, next(run.numbers))


def _refuse(run: PlayRun, current: Round, hosts: list[str], error: ConfmanError, commands: list[Command]) -> None:
    commands.append(Emit(Message("error", error.message, source=error.source)))
    for name in hosts:
        named = {"include": current.includes[name][0]["include"]} if current.step.kind == "include_tasks" else {}
        result = {"failed": True, "changed": False, "reason": error.message, **named}
        commands.append(Emit(HostDone(name, current.info, "failed", result)))
        run.count(name, failed=1)  # even where it is rescued
        current.broken.append(name)
        fail(run, name)
    if error.hint:
        commands.append(Emit(Message("info", error.hint, 1)))


def _outer(step: Step, result: dict[str, Any]) -> Inherited:
    """What included tasks inherit: what is around the include, its variables, and what `apply` says."""
    loop = {
        key: value
        for key, value in result.items()
        if key in {result.get("ansible_loop_var"), result.get("ansible_index_var"), *_LOOP}
    }
    own = step.task.keywords.get("vars")
    layers = tuple(layer for layer in (loop, own) if isinstance(layer, dict) and layer)
    outer = replace(step.outer, vars=(*layers, *step.outer.vars))
    apply = step.task.args.get("apply") if isinstance(step.task.args, dict) else None
    return inherit(outer, apply if isinstance(apply, SourcedDict) else {}) if apply else outer


_LOOP = ("ansible_loop_var", "ansible_index_var", "ansible_loop")
"""What included tasks know of the loop that includes them, besides the item and its index."""


def _send_in(run: PlayRun, name: str, instances: list[Instance]) -> None:
    host = run.hosts[name]
    step = host.frames[-1].step
    useful = [instance for instance in instances if instance.program.start != END]
    if not useful:
        leave(host, step.ok)
    else:
        first, *rest = useful
        host.frames.append(Frame(first.program, first.program.start, first.number, pending=tuple(rest)))
    settle(host)
