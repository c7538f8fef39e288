"""Includes: tasks that come into a play while it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from confman.engine.compile import compile_tasks, inherit
from confman.engine.state import Command, Emit, Frame, Instance, PlayRun, Round, leave, settle
from confman.errors import ConfmanError
from confman.model.event import HostDone, Included, Message
from confman.model.program import END, Inherited, Step
from confman.model.values import SourcedDict


def enter(run: PlayRun, current: Round) -> list[Command]:
    """Resolve what a finished round included, once for all hosts that include the same, and send them in."""
    commands: list[Command] = []
    made: dict[str, Instance | None] = {}
    waiting: dict[str, list[Instance]] = {name: [] for name in current.includes}
    rows = max((len(items) for items in current.includes.values()), default=0)
    for row in range(rows):
        groups: dict[str, list[str]] = {}
        for name in current.includes:
            if row < len(current.includes[name]) and name in waiting:
                groups.setdefault(_identity(row, current.includes[name][row]), []).append(name)
        for identity, hosts in groups.items():
            result = current.includes[hosts[0]][row]
            made[identity] = _make(run, current, hosts, result, commands)
            for name in hosts:
                instance = made[identity]
                if instance is None:
                    waiting.pop(name, None)
                else:
                    waiting[name].append(instance)
    for name, instances in waiting.items():
        _send_in(run, current.step, name, instances)
    return commands


def _identity(row: int, result: dict[str, Any]) -> str:
    seen = {key: value for key, value in result.items() if key not in {"changed", "failed"}}
    return json.dumps([row, seen], default=repr, sort_keys=True)


def _make(
    run: PlayRun, current: Round, hosts: list[str], result: dict[str, Any], commands: list[Command]
) -> Instance | None:
    """The included tasks as an instance; None when they cannot be had, which fails the hosts."""
    step, job = current.step, run.jobs.get(hosts[0])
    assert job is not None
    try:
        items, path = run.include(step, hosts[0], result, job)
    except ConfmanError as error:
        _refuse(run, current, hosts, error, commands)
        return None
    label = result.get("_ansible_item_label")
    if step.kind == "include_tasks":
        commands.append(Emit(Included(path, tuple(hosts), label)))
    program = compile_tasks(items, _outer(step, result), run.selected)
    return Instance(program, next(run.numbers))


def _refuse(run: PlayRun, current: Round, hosts: list[str], error: ConfmanError, commands: list[Command]) -> None:
    step = current.step
    for name in hosts:
        result = {"failed": True, "changed": False, "msg": error.message, "_source": error.source}
        commands.append(Emit(HostDone(name, current.info, "failed", result)))
        run.count(name, ok=-1, **({"rescued": 1} if step.rescued else {"failed": 1}))
        host = run.hosts[name]
        host.failed = host.failed or not step.rescued
        if not step.rescued:
            current.fatal.append(name)
        leave(host, step.failed)
        settle(host)
    if error.hint:
        commands.append(Emit(Message("info", error.hint, 1)))


def _outer(step: Step, result: dict[str, Any]) -> Inherited:
    """What included tasks inherit: what is around the include, its variables, and what `apply` says."""
    loop = {
        key: value
        for key, value in result.items()
        if key in {result.get("ansible_loop_var"), result.get("ansible_index_var"), "ansible_loop_var", "ansible_loop"}
    }
    own = step.task.keywords.get("vars")
    layers = tuple(layer for layer in (loop, own) if isinstance(layer, dict) and layer)
    outer = replace(step.outer, vars=(*layers, *step.outer.vars))
    apply = step.task.args.get("apply") if isinstance(step.task.args, dict) else None
    return inherit(outer, apply if isinstance(apply, SourcedDict) else {}) if apply else outer


def _send_in(run: PlayRun, step: Step, name: str, instances: list[Instance]) -> None:
    host = run.hosts[name]
    useful = [instance for instance in instances if instance.program.start != END]
    if not useful:
        leave(host, step.ok)
    else:
        first, *rest = useful
        host.frames.append(Frame(first.program, first.program.start, first.number, pending=tuple(rest)))
    settle(host)
