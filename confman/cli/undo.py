"""`confman undo`: take back what a run changed."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.apply import apply_plan
from confman.cli.door import run_command
from confman.cli.journal import journal_path
from confman.cli.options import BECOME, CONNECTION, INVENTORY, OUTPUT, VAULT, VERBOSE, WORKING, Command, with_options
from confman.cli.outputs import wants_colours
from confman.cli.plan import CHANGES, make_plan
from confman.cli.setup import make_app
from confman.errors import StalePlan, UsageError
from confman.inventory.patterns import select
from confman.journal.database import open_to_read
from confman.journal.reading import run_of
from confman.journal.undoing import Made, made_by, unpacked
from confman.model.play import Play, Task
from confman.model.source import Source
from confman.model.values import SourcedDict, Text
from confman.sinks.messages import MessagesOnly
from confman.sinks.plan_text import moved_lines, plan_lines
from confman.sinks.sanitize import sanitize
from confman.sinks.style import Style
from confman.truth.comparing import Moved
from confman.truth.since import changed_since, things
from confman.truth.undo import Undo, Undoing
from confman.truth.undo import undo as undo_of

if TYPE_CHECKING:
    from confman.app import App
    from confman.run.purpose import Purpose

_option = click.option

UNDOING = (
    _option("-y", "--yes", is_flag=True, help="Do it without asking."),
    _option("--show", "only_show", is_flag=True, help="Show what would be taken back, and do nothing."),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("run", type=int)
@with_options(UNDOING, INVENTORY, WORKING, VAULT, CONNECTION, BECOME, OUTPUT, VERBOSE)
def undo(**options: Any) -> None:
    """Take back what RUN changed, as far as the journal knows what was before.

    That are files, links, owners and modes, lines, tables of cron, users and groups, whether units run and start at
    boot, and packages with their versions. What would be done is planned and shown first. Where something changed
    since, nothing is done. Give the options to reach hosts and to become root as to `confman run`.

    Exit codes: 0 it was taken back or nothing was to be, 3 it would do something (--show, or nobody said yes), 6 hosts
    changed since, 2 a task failed on a host, 4 a host was unreachable, 1 another error.
    """
    run_command(lambda: _undo(options), profile=options["profile"])


def _undo(options: dict[str, Any]) -> int:
    app = make_app({**options, "check": True, "check_how": "predict"}, default="plain")
    found = _known(app, options["run"])
    for text in found.impossible:
        app.warn(text)
    if not found.tasks:
        click.echo("There is nothing that can be taken back.")
        return 0
    shown, usual = app.sinks, app.settings
    app.sinks = [MessagesOnly(shown[0]), *shown[1:]]
    plays = tuple(_plays(found, options["run"]))

    def run(purpose: Purpose) -> int:
        return asyncio.run(app.run([(f"undo of run {options['run']}", Path.cwd(), plays)], purpose))

    code, made = make_plan(app, [], 0, run, things(found.wanted))
    if made is None:
        click.echo("It cannot be taken back: the dry run failed.", err=True)
        return code
    check_left(found, made.plan.seen, options["run"])
    style = Style(colours=wants_colours(sys.stdout.isatty(), os.environ))
    for line in plan_lines(app.redactor.clean(made.plan), style):
        click.echo(line if style.colours else sanitize(line))
    if not _agreed(options):
        return CHANGES
    app.sinks, app.settings = shown, usual
    return apply_plan(app, made)


def _known(app: App, number: int) -> Undo:
    """How a run is taken back on the hosts of the limit. Raises JournalError, UsageError."""
    path = journal_path(app.config) if app.config else None
    if path is None:
        raise UsageError("There is no journal: the setting `journal` is off")
    with closing(open_to_read(path)) as database:
        if run_of(database, number).start.check:
            raise UsageError(f"Run {number} was a dry run: it changed nothing")
        made = list(made_by(database, number))
    hosts = select(app.inventory(), "all", app.settings.limit).hosts
    gone = sorted({each.host for each in made} - set(hosts)) if not app.settings.limit else []
    if gone:
        raise UsageError(f"The inventory does not have {', '.join(gone)}", hint="give the run's inventory with -i")
    return undo_of(_undoing(each) for each in made if each.host in hosts)


def _undoing(made: Made) -> Undoing:
    change, kept = made.change, made.content
    one = Undoing(made.host, change.kind, change.id, made.action, change.before, change.after)
    if kept is None:
        return one
    return replace(one, content=unpacked(kept), mode=kept.mode, owner=kept.owner, group=kept.group)


def _plays(found: Undo, number: int) -> Iterator[Play]:
    """A play for each host."""
    place = Source(f"<undo of run {number}>")
    hosts: dict[str, list[Task]] = {}
    for each in found.tasks:
        args = SourcedDict(each.args, source=place)
        hosts.setdefault(each.host, []).append(Task(each.action, args, {"name": Text(each.name, place)}, place))
    for host, tasks in hosts.items():
        yield Play(f"undo on {host}", [host], {"gather_facts": False}, place, tasks=tuple(tasks))


def check_left(found: Undo, seen: Any, number: int) -> None:
    """Raise StalePlan where objects are not as the run left them."""
    other = [
        Moved(one.host, one.kind, one.id, _state(one.after), state) for one, state in changed_since(found.wanted, seen)
    ]
    if other:
        table = "\n".join(f"  {sanitize(line)}" for line in moved_lines(other, f"RUN {number} LEFT IT"))
        text = f"Hosts are not as run {number} left them. Nothing was changed anywhere.\n{table}"
        raise StalePlan(text, hint="undo later runs first, or leave hosts out with --limit")


def _state(value: Any) -> Any:
    return value if value is None or isinstance(value, dict) else {"state": value}


def _agreed(options: dict[str, Any]) -> bool:
    if options["only_show"]:
        return False
    if options["yes"]:
        return True
    if not sys.stdin.isatty():
        click.echo("Nothing was done: give --yes to do it.", err=True)
        return False
    return click.confirm("Take this back?")
