"""`confman apply`: do what a plan says, if nothing changed since."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.door import run_command
from confman.cli.extra_vars import parse_extra_vars
from confman.cli.options import BECOME, CONNECTION, EXTRA_VARS, OUTPUT, VAULT, VERBOSE, WORKING, Command, with_options
from confman.cli.plan import digests_of, make_plan, read_plan, write_plan
from confman.cli.setup import make_app
from confman.errors import ConfmanError, PlanError, StalePlan
from confman.run.fingerprints import fingerprints
from confman.run.purpose import Purpose
from confman.sinks.plan_text import left_out_lines, moved_lines, summary
from confman.sinks.sanitize import sanitize
from confman.sinks.words import when
from confman.truth.applying import Applied, inventory_of, narrowed, plays_of
from confman.truth.comparing import Moved, moved, with_hosts, without_hosts
from confman.truth.files import Packed, pack, unpack
from confman.truth.objects import Thing
from confman.truth.sends import with_passwords

if TYPE_CHECKING:
    from confman.actions.base import Action
    from confman.app import App
    from confman.run.perform import Performer

_option = click.option

APPLYING = (
    _option("-i", "--inventory", "inventory", multiple=True, metavar="SOURCE",
            help="Compare the plan with this inventory instead of the one that it was made with. May be repeated."),
    _option("--replan-moved", is_flag=True,
            help="Where hosts are not as they were: plan those again, into the same file, and apply nothing."),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("plan")
@with_options(APPLYING, WORKING, EXTRA_VARS, VAULT, CONNECTION, BECOME, OUTPUT, VERBOSE)
def apply(**options: Any) -> None:
    """Do what a plan says, if nothing changed since it was made.

    All objects that the plan is about are compared on all hosts first. If one is not as it was, on any host, nothing is
    changed on any of them. No playbook is read.

    Exit codes: 0 all went well, 6 the plan is stale, 2 a task failed on a host, 4 a host was unreachable, 1 another
    error.
    """
    run_command(lambda: _apply(options), profile=options["profile"])


def _apply(options: dict[str, Any]) -> int:
    data = read_plan(options["plan"])
    app = make_app(options)
    packed = opened(data, app)
    check_time(packed)
    check_inventory(packed, app, given=bool(options["inventory"]))
    try:
        return apply_plan(app, packed)
    except HostsMoved as problem:
        if not options["replan_moved"]:
            raise
        return _replan(app, Path(options["plan"]), packed, problem)


def opened(data: bytes, app: App) -> Packed:
    """A plan with its secrets. Raises PlanError, VaultError."""
    packed = unpack(data, app.vault)
    if packed.secrets is None:
        raise PlanError(
            "The plan holds secrets, and there is no vault password to open them with",
            hint="give the password that it was made with: --vault-password-file or --ask-vault-password",
        )
    return packed


class HostsMoved(StalePlan):
    """Objects are not as they were; `found` are they."""

    def __init__(self, found: list[Moved]) -> None:
        table = "\n".join(f"  {sanitize(line)}" for line in moved_lines(found))
        text = f"Hosts are not as they were when the plan was made. Nothing was changed anywhere.\n{table}"
        super().__init__(text, hint="plan again, or give --replan-moved to plan those hosts again")
        self.found = found


def check_time(packed: Packed) -> None:
    """Raise StalePlan where a plan's time is over."""
    if time.time() > packed.plan.made.until:
        raise StalePlan(f"The plan was to be applied until {when(packed.plan.made.until)}", hint="plan again")


def check_inventory(packed: Packed, app: App, *, given: bool) -> None:
    """Raise StalePlan where the inventory says something else of the plan's hosts than it did."""
    made = packed.plan.made
    if not given:
        app.settings = replace(app.settings, inventory_sources=made.sources)
    now = digests_of(app, app.inventory(), made.inventory)
    other = [host for host, digest in made.inventory.items() if now.get(host) != digest]
    if other:
        names = ", ".join(other)
        raise StalePlan(f"The inventory says something else of {names} than when the plan was made", hint="plan again")


def apply_plan(app: App, packed: Packed) -> int:
    """Apply a plan, if hosts are as they were; the exit code. Raises HostsMoved."""
    plan = replace(packed.plan, ways=with_passwords(packed.plan.ways, app.settings))
    packed = replace(packed, plan=plan)
    app.settings = replace(
        app.settings, tags=("all",), skip_tags=(), limit=None, check=False, start_at_task="", strategy="linear"
    )
    for folder in plan.made.folders:
        app.reading().on_folder(Path(folder))
    applied: list[Applied] = []

    def actions(usual: Mapping[str, Action]) -> Mapping[str, Action]:
        applied.append(Applied(packed, usual, diff=app.settings.diff))
        return applied[0]

    async def compare(performer: Performer) -> None:
        found = moved(plan.seen, await _look_again(performer, packed))
        if found:
            raise HostsMoved(found)

    purpose = Purpose(inventory=inventory_of(packed), actions=actions, narrow=narrowed(packed), before=compare)
    name = ", ".join(plan.made.playbooks)
    with app.engine.watch.installed():
        code = asyncio.run(app.run([(name, Path(plan.made.folder), plays_of(packed))], purpose))
    for text in (*left_out_lines(plan), *(text for each in applied for text in each.unlike)):
        app.warn(text)
    return code


async def _look_again(performer: Performer, packed: Packed) -> Any:
    things: dict[tuple[int, str], dict[Thing, None]] = {}
    for each in packed.plan.seen:
        things.setdefault((each.way, each.host), {})[each.kind, each.id] = None
    try:
        return await fingerprints(performer.sessions, packed.plan.ways, things)
    except ConfmanError as problem:
        problem.message = f"{problem.message}. Nothing was changed anywhere"
        raise


def _replan(app: App, path: Path, packed: Packed, problem: HostsMoved) -> int:
    """Plan the hosts again that moved, and put that in place of what the plan had for them."""
    hosts = {each.host for each in problem.found}
    made = packed.plan.made
    given = parse_extra_vars(made.extra, app.files.load, app.files.open_vault)
    app.settings = replace(
        app.settings,
        limit=",".join(sorted(hosts)),
        tags=made.tags,
        skip_tags=made.skip_tags,
        extra_vars={**given, **app.settings.extra_vars},
        check=True,
        rehearse="remote",
    )
    code, again = make_plan(app, [Path(made.folder, name) for name in made.playbooks], made.until - time.time())
    if again is None:
        click.echo("There is no new plan: the dry run failed.", err=True)
        return code
    merged = with_hosts(without_hosts(packed.plan, hosts), again.plan)
    click.echo(summary(merged))
    write_plan(path, pack(Packed(merged, {**packed.contents, **again.contents}), app.redactor.clean, app.seal))
    return StalePlan.exit_code
