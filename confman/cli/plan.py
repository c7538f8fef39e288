"""`confman plan`: try playbooks out and keep what they would do."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.app import run_playbooks
from confman.cli.door import run_command
from confman.cli.extra_vars import lasting
from confman.cli.options import (
    BECOME,
    CONNECTION,
    EXTRA_VARS,
    INVENTORY,
    OUTPUT,
    VAULT,
    VERBOSE,
    WORKING,
    Command,
    with_options,
)
from confman.cli.play import check_paths
from confman.cli.report import known_durations, made_now, write_report
from confman.cli.setup import make_app
from confman.errors import UsageError
from confman.run.fingerprints import fingerprints
from confman.run.purpose import Purpose
from confman.sinks.plan_text import left_out_lines, outlook_lines, summary
from confman.sinks.sanitize import sanitize
from confman.truth.comparing import inventory_digests
from confman.truth.files import Packed, pack, unpack
from confman.truth.objects import Thing
from confman.truth.outlook import outlook
from confman.truth.plan import Plan
from confman.truth.recording import Recorder
from confman.truth.sends import without_passwords
from confman.vault.storage import replace_file

if TYPE_CHECKING:
    from confman.app import App
    from confman.model.inventory import Inventory
    from confman.run.perform import Performer

_option = click.option
CHANGES = 3
"""The exit code of a plan with something to do."""

PLANNING = (
    _option("-o", "--out", "out", metavar="FILE", help="Write the plan into this file, for `confman apply`."),
    _option("--report", metavar="FILE", help="Write an HTML page of it, to be read in a meeting."),
    _option("--expires", default="24h", metavar="TIME", show_default=True,
            help="How long the plan may be applied: 30m, 24h, 7d ..."),
    _option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags. May be repeated."),
    _option("--skip-tags", multiple=True, metavar="TAGS", help="No tasks with these tags. May be repeated."),
    _option("--force-handlers", is_flag=True, help="Plan notified handlers even if a task fails."),
    _option("--how", type=click.Choice(["predict", "rehearse"]),
            help="Only ask the hosts, or try everything out on throw-away copies, on this machine too. "
                 "[default: try out, but on this machine ask]"),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@with_options(PLANNING, INVENTORY, WORKING, EXTRA_VARS, VAULT, CONNECTION, BECOME, OUTPUT, VERBOSE)
def plan(**options: Any) -> None:
    """Try playbooks out and keep what they would do.

    It is a dry run; what it foresees on each host is kept, with what the hosts are like, so that `confman apply` does
    exactly that, or nothing.

    Exit codes: 0 there is nothing to do, 3 something would change, 2 a task failed on a host (there is no plan then),
    4 a host was unreachable or a playbook is wrong, 1 another error.
    """
    run_command(lambda: _plan(options), profile=options["profile"])


def _plan(options: dict[str, Any]) -> int:
    paths = [Path(name) for name in options["playbooks"]]
    check_paths(paths)
    seconds = parse_time(options["expires"])
    app = make_app({**options, "check": True, "check_how": options["how"], "step": None}, callbacks=True)
    asked = {"tags": app.settings.tags, "skip_tags": app.settings.skip_tags, "extra": lasting(options["extra_vars"])}
    code, made = make_plan(app, paths, seconds, asked=asked)
    if made is None:
        click.echo("There is no plan: the dry run failed.", err=True)
        return code
    data = pack(made, app.redactor.clean, app.seal)
    ahead = outlook(made.plan, known_durations(app))
    for line in (summary(made.plan), *outlook_lines(ahead), *left_out_lines(made.plan)):
        click.echo(sanitize(app.redactor.clean(line)))
    if options["report"]:
        write_report(app, Path(options["report"]), made.plan, ahead)
    if options["out"]:
        write_plan(Path(options["out"]), data)
    return CHANGES if made.plan.changes_anything else 0


Run = Callable[[Purpose], int]
"""run(purpose): the exit code of a dry run."""


def make_plan(
    app: App,
    paths: list[Path],
    seconds: float,
    run: Run | None = None,
    also: Mapping[str, Iterable[Thing]] | None = None,
    asked: Mapping[str, Any] | None = None,
) -> tuple[int, Packed | None]:
    """The exit code of a dry run of playbooks, and the plan that it gives; None where it failed.

    run: what is run instead of playbooks. also: by host, further objects to look at. asked: what `Made` has of options.
    """
    app.settings = replace(app.settings, diff=True, planning=True)
    inventory = app.inventory()
    recorder = Recorder()
    found: list[Any] = []

    async def look(performer: Performer) -> None:
        recorder.note(also or {})
        ways = tuple(recorder.keeper.ways)
        found.extend(await fingerprints(performer.sessions, ways, recorder.things))

    purpose = Purpose(inventory=inventory, record=recorder.take, after=look)
    code = run(purpose) if run else run_playbooks(app, paths, purpose)
    if code:
        return code, None
    plan = Plan(
        made=replace(made_now(paths, seconds, app.settings.inventory_sources), **(asked or {})),
        plays=recorder.plays(),
        ways=without_passwords(recorder.keeper.ways, app.settings),
        seen=tuple(found),
    )
    known = replace(plan.made, inventory=digests_of(app, inventory, plan.hosts))
    return code, Packed(replace(plan, made=known), recorder.keeper.contents)


def digests_of(app: App, inventory: Inventory, hosts: Iterable[str]) -> dict[str, str]:
    """What an inventory, with the folders of variables beside it, says of hosts. Raises what reading these raises."""
    return inventory_digests(inventory, hosts, app.world(inventory, {}).inventory_layers)


def write_plan(path: Path, data: bytes) -> None:
    """Write a plan's file, which only its owner can read. Raises UsageError."""
    replace_file(path, data, private=True)
    packed = unpack(data)
    click.echo(f"{path}: plan {packed.digest[:12]}; see it with `confman show`, do it with `confman apply`")


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_time(text: str) -> float:
    """Seconds of a time such as 30m. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no time", hint="write a number and s, m, h or d, e.g. --expires 24h")
    return int(found[1]) * _UNITS[found[2]]


def read_plan(name: str) -> bytes:
    """The content of a plan's file. Raises UsageError."""
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read the plan {name}: {os.strerror(error.errno or 0)}") from error
