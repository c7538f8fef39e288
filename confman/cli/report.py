"""The HTML page of a plan or a dry run."""

from __future__ import annotations

import platform
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confman.app import run_playbooks
from confman.cli.journal import journal_path, told, user_name
from confman.cli.main import VERSION
from confman.errors import JournalError
from confman.journal.database import open_to_read
from confman.journal.reading import durations
from confman.run.purpose import Purpose
from confman.sinks.html import page
from confman.truth.outlook import Outlook, outlook
from confman.truth.plan import Made, Plan
from confman.truth.recording import Recorder
from confman.vault.storage import replace_file

if TYPE_CHECKING:
    from confman.app import App


def known_durations(app: App) -> dict[tuple[str, str], float]:
    """How long tasks took in earlier runs; nothing where there is no journal."""
    path = journal_path(app.config) if app.config else None
    if path is None:
        return {}
    try:
        with closing(open_to_read(path)) as database:
            return durations(database)
    except JournalError:
        return {}


def write_report(app: App, path: Path, plan: Plan, ahead: Outlook) -> None:
    """Write the page of a plan, without secrets. Raises VaultError where the file cannot be written."""
    text = page(app.redactor.clean(plan), app.redactor.clean(ahead))
    replace_file(path, text.encode("utf-8", "replace"))
    click.echo(f"{path}: the report")


def report_run(app: App, paths: list[Path], report: Path) -> int:
    """The exit code of a dry run of which a page is written."""
    app.settings = replace(app.settings, diff=True, planning=True)
    recorder = Recorder()
    code = run_playbooks(app, paths, Purpose(record=recorder.take))
    plan = Plan(made_now(paths), recorder.plays())
    write_report(app, report, plan, outlook(plan, known_durations(app)))
    return code


def made_now(paths: list[Path], seconds: float = 0, sources: tuple[str, ...] = ()) -> Made:
    """That a plan is made here and now, for so many seconds."""
    now = time.time()
    return Made(
        at=now,
        until=now + seconds,
        by=user_name(),
        machine=platform.node(),
        version=VERSION,
        folder=str(Path.cwd()),
        command=tuple(told(sys.argv)),
        playbooks=tuple(map(str, paths)),
        sources=tuple(str(Path(each).resolve()) if Path(each).exists() else each for each in sources),
        inventory={},
        folders=tuple(dict.fromkeys(str(path.resolve().parent) for path in paths)),
    )
