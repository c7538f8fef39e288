"""`confman drift`: what was changed on hosts behind the playbooks' back."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.apply import apply_plan
from confman.cli.door import run_command
from confman.cli.journal import journal_path
from confman.cli.options import (
    BECOME,
    CONNECTION,
    EXTRA_VARS,
    INVENTORY,
    VAULT,
    VERBOSE,
    WORKING,
    Command,
    with_options,
)
from confman.cli.plan import CHANGES, make_plan
from confman.cli.play import check_paths
from confman.cli.setup import make_app
from confman.errors import UsageError
from confman.journal.applied import last_asked, last_states
from confman.journal.database import open_to_read
from confman.sinks.findings import FORMATS
from confman.sinks.messages import MessagesOnly
from confman.sinks.sanitize import sanitize
from confman.truth.drift import Applied, Finding, findings, repair
from confman.vault.storage import replace_file

if TYPE_CHECKING:
    from confman.app import App
    from confman.truth.files import Packed

_option = click.option

DRIFTING = (
    _option("-o", "--output", "formats", multiple=True, metavar="FORMAT[=FILE]",
            help="text, json, sarif, junit or html, to standard output or a file. May be repeated."),
    _option("--fix", is_flag=True, help="Repair what drifted, and nothing else."),
    _option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags. May be repeated."),
    _option("--skip-tags", multiple=True, metavar="TAGS", help="No tasks with these tags. May be repeated."),
    _option("--how", type=click.Choice(["predict", "rehearse"]),
            help="Only ask the hosts, or try everything out on throw-away copies, on this machine too."),
)  # fmt: skip


@click.command(cls=Command)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@with_options(DRIFTING, INVENTORY, WORKING, EXTRA_VARS, VAULT, CONNECTION, BECOME, VERBOSE)
def drift(**options: Any) -> None:
    """Find what was changed on hosts behind the playbooks' back.

    Each object of the playbooks' tasks is drifted (changed outside), outdated (the playbook changed since it was
    applied, or never was), in order, or known only when applied. The journal of earlier runs tells which.

    Exit codes: 0 nothing drifted and nothing is outdated, 3 something is, 2 a task failed on a host, 4 a host was
    unreachable or a playbook is wrong, 1 another error.
    """
    run_command(lambda: _drift(options))


def _drift(options: dict[str, Any]) -> int:
    wanted = [_format(text) for text in options["formats"] or ("text",)]
    paths = [Path(name) for name in options["playbooks"]]
    check_paths(paths)
    app = make_app({**options, "check": True, "check_how": options["how"]}, default="plain")
    applied = _applied(app)
    shown, usual = app.sinks, app.settings
    app.sinks = [MessagesOnly(shown[0]), *shown[1:]]
    code, made = make_plan(app, paths, 0)
    if made is None:
        click.echo("Drift cannot be told: the dry run failed; see it with `confman play --check`.", err=True)
        return code
    found = app.redactor.clean(findings(made.plan, applied))
    for name, path in wanted:
        _write(name, path, found)
    states = {each.state for each in found}
    if options["fix"] and "drifted" in states:
        app.sinks, app.settings = shown, usual
        return _fix(app, replace(made, plan=repair(made.plan, found)), found)
    return CHANGES if states & {"drifted", "outdated"} else 0


def _fix(app: App, packed: Packed, found: list[Finding]) -> int:
    """Apply what repairs drift; 3 where something else is left."""
    code = apply_plan(app, packed)
    return code or (CHANGES if any(each.state == "outdated" for each in found) else 0)


def _applied(app: App) -> Applied:
    """What the journal knows. Raises UsageError where there is none, JournalError."""
    path = journal_path(app.config) if app.config else None
    if path is None:
        raise UsageError("Drift is told by the journal, which is off", hint="the setting `journal` names its file")
    with closing(open_to_read(path)) as database:
        return Applied(last_asked(database), last_states(database))


def _format(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if name not in FORMATS:
        raise UsageError(f"There is no output format {name!r}", hint=f"formats: {', '.join(FORMATS)}")
    if equals and not path:
        raise UsageError(f"--output {text}: a file must follow the equals sign")
    return name, path


def _write(name: str, path: str, found: list[Finding]) -> None:
    text = FORMATS[name](found)
    if path:
        replace_file(Path(path), text.encode("utf-8", "replace"))
    else:
        sys.stdout.write(sanitize(text))
