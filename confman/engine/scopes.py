"""What a step sees of a host: its job and its variables."""

from __future__ import annotations

from typing import Any

from confman.actions.base import Finder
from confman.engine.keywords import Keywords
from confman.engine.magic import (
    Variables,
    group_variables,
    host_variables,
    play_variables,
    role_variables,
    run_variables,
)
from confman.engine.means import Job
from confman.engine.state import PlayRun
from confman.engine.world import TaskLayers
from confman.errors import ConfmanError
from confman.model.program import Step
from confman.variables.scope import Scope


def make_job(run: PlayRun, step: Step, host: str) -> Job:
    """The job of a step on a host."""
    scope = make_scope(run, step, host)
    keywords = Keywords(step, scope, run.means)
    settings = run.means.settings
    try:
        check = keywords.flag("check_mode", settings.check)
        diff = keywords.flag("diff", settings.diff)
    except ConfmanError:
        check, diff = settings.check, settings.diff
    rehearse = settings.check and bool(settings.rehearse)
    return Job(
        host,
        step,
        scope,
        run.means,
        lambda other: make_scope(run, step, other),
        check=check,
        diff=diff,
        rehearse=rehearse,
    )


def make_scope(run: PlayRun, step: Step, host: str) -> Scope:
    """What a step sees of a host."""
    finder = run.means.finder(step)
    magic: dict[str, Any] = {
        **run.lead,
        **_of_run(run),
        **_of_host(run, host),
        **_of_role(run, step),
        **run.kept.part("folders", (finder,), lambda: _folders(finder)),
        "environment": list(step.own.environment),
    }
    scope = run.means.world.scope(host, magic, TaskLayers(step.own.vars, step.role))
    magic["vars"] = Variables(lambda: scope)
    return scope


def host_scope(run: PlayRun, host: str) -> Scope:
    """What `hostvars` shows of a host: what is known of it and of the run, but nothing of the play."""
    settings, inventory = run.means.settings, run.means.world.inventory

    def make() -> dict[str, Any]:
        return {**run_variables(settings, run.play.folder), **group_variables(inventory)}

    known = run.kept.part("known", (settings, inventory, run.play), make)
    return run.means.world.known(host, {**known, **_of_host(run, host)})


def _of_run(run: PlayRun) -> dict[str, Any]:
    """What is the same for all hosts until one of them leaves the play."""
    settings, inventory = run.means.settings, run.means.world.inventory

    def make() -> dict[str, Any]:
        of_play = play_variables(run.play_hosts())
        return {**run_variables(settings, run.play.folder), **group_variables(inventory), **of_play}

    return run.kept.part("run", (settings, inventory, run.play, run.hosts, " ".join(run.removed)), make)


def _of_host(run: PlayRun, host: str) -> dict[str, Any]:
    inventory = run.means.world.inventory
    return run.kept.part(f"host {host}", (inventory,), lambda: host_variables(inventory, host))


def _of_role(run: PlayRun, step: Step) -> dict[str, Any]:
    role, roles = step.role, run.play.role_contexts
    return run.kept.part("role", (role, roles), lambda: role_variables(role, roles))


def _folders(finder: Finder) -> dict[str, Any]:
    return {"ansible_search_path": [str(folder) for folder in finder.folders]}
