"""`confman history`: past runs, and what they changed."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from confman.cli.door import run_command
from confman.cli.history_text import difference_lines, host_lines, list_lines, run_lines, touch_lines
from confman.cli.journal import journal_path
from confman.cli.options import Command, with_options
from confman.cli.outputs import wants_colours
from confman.compat.config import load_config
from confman.errors import UsageError
from confman.journal.comparing import differences
from confman.journal.database import open_to_read, open_to_write, transaction
from confman.journal.reading import latest, run_of, tasks_of, touches
from confman.journal.writing import DAY, forget
from confman.sinks.sanitize import sanitize
from confman.sinks.style import Style

_option = click.option

SHOWN = (
    _option("--diff", nargs=2, type=int, metavar="A B", help="What run B did otherwise than run A."),
    _option("--object", "object_id", metavar="NAME", help="Every change of a file, package, unit, user ..."),
    _option("--host", metavar="HOST", help="With --object: only on this host."),
    _option("-n", "--number", "most", type=click.IntRange(1), default=20, metavar="N", show_default=True,
            help="How many runs to list."),
    _option("--json", "as_json", is_flag=True, help="Write JSON."),
    _option("--forget", "days", type=click.FloatRange(0), metavar="DAYS",
            help="Take runs out of the journal that began longer ago than this."),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("run", required=False, type=int)
@click.argument("on", required=False, metavar="[HOST]")
@with_options(SHOWN)
def history(**options: Any) -> None:
    """Show the last runs, or RUN, or all that RUN did on HOST.

    A run is in the journal from its first task on: a task that began, and of whose end nothing is known, is shown to
    be in doubt. The journal is .confman/journal.sqlite where there is a folder .confman, else the user's own; the
    setting `journal` names another file, or `off`.
    """
    run_command(lambda: _history(options))


def _history(options: dict[str, Any]) -> int:
    path = journal_path(load_config(os.environ, Path.cwd()))
    if path is None:
        raise UsageError("There is no journal: the setting `journal` is off")
    if options["days"] is not None:
        return _forget(path, options["days"])
    if options["host"] and not options["object_id"]:
        raise UsageError("--host needs --object", hint="to see a run on a host: confman history RUN HOST")
    with closing(open_to_read(path)) as database:
        _show(database, options)
    return 0


def _show(database: sqlite3.Connection, options: dict[str, Any]) -> None:
    as_json, style = options["as_json"], Style(colours=wants_colours(sys.stdout.isatty(), os.environ))
    if options["diff"]:
        first, second = (run_of(database, number) for number in options["diff"])
        found = differences(tasks_of(database, first), tasks_of(database, second))
        _say({"first": first, "second": second, "differences": found}, difference_lines(first, second, found), as_json)
    elif options["object_id"]:
        changes = touches(database, options["object_id"], options["host"] or "")
        _say({"changes": changes}, touch_lines(changes), as_json)
    elif options["run"] is None:
        runs = latest(database, options["most"])
        _say({"runs": runs}, list_lines(runs), as_json)
    else:
        run = run_of(database, options["run"])
        host = options["on"] or ""
        tasks = tasks_of(database, run, host)
        if host and not tasks:
            raise UsageError(f"Run {run.id} has nothing of a host {host!r}", hint=f"its hosts: {', '.join(run.stats)}")
        lines = host_lines(run, tasks, style) if host else run_lines(run, tasks)
        _say({"run": run, "tasks": tasks}, lines, as_json)


def _say(found: dict[str, Any], lines: Iterable[str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({name: _data(value) for name, value in found.items()}, indent=2))
        return
    for line in lines:
        click.echo(sanitize(line))


def _data(value: Any) -> Any:
    return [asdict(item) for item in value] if isinstance(value, list) else asdict(value)


def _forget(path: Path, days: float) -> int:
    with closing(open_to_write(path)) as database:
        with transaction(database):
            count = forget(database, time.time() - days * DAY)
        database.execute("VACUUM")
    click.echo(f"{count} runs taken out of {path}")
    return 0
