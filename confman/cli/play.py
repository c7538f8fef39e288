"""`confman play`: run playbooks."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from confman.app import App, run_playbooks
from confman.cli.door import run_command
from confman.cli.listing import Lists, list_playbooks, selected_tasks
from confman.cli.options import (
    BECOME,
    CONNECTION,
    EXTRA_VARS,
    INVENTORY,
    OUTPUT,
    RUNNING,
    VAULT,
    VERBOSE,
    Command,
    with_options,
)
from confman.cli.setup import make_app
from confman.engine.starting import is_named
from confman.errors import ConfmanError, ErrorGroup, UsageError

_option = click.option

PLAYING = (
    _option("-t", "--tags", multiple=True, metavar="TAGS", help="Only tasks with these tags. May be repeated."),
    _option("--skip-tags", multiple=True, metavar="TAGS", help="No tasks with these tags. May be repeated."),
    _option("--start-at-task", metavar="NAME", help="Begin with the first task of that name (or pattern)."),
    _option("--step", is_flag=True, help="Ask before each task."),
    _option("--force-handlers", is_flag=True, help="Run notified handlers even if a task fails."),
    _option("--syntax-check", is_flag=True, help="Read the playbooks, run nothing."),
    _option("--list-hosts", is_flag=True, help="Show the hosts of each play, run nothing."),
    _option("--list-tasks", is_flag=True, help="Show the tasks of each play, run nothing."),
    _option("--list-tags", is_flag=True, help="Show the tags of each play, run nothing."),
    _option("--report", metavar="FILE", help="With --check: write an HTML page of what would be done."),
    _option("-o", "short_outputs", multiple=True, metavar="FORMAT[=FILE]", help="The same as --output."),
)


@click.command(cls=Command)
@click.argument("playbooks", nargs=-1, required=True, metavar="PLAYBOOK...")
@with_options(INVENTORY, PLAYING, RUNNING, EXTRA_VARS, VAULT, CONNECTION, BECOME, OUTPUT, VERBOSE)
def play(**options: Any) -> None:
    """Run playbooks.

    Exit codes: 0 all went well, 2 a task failed on a host, 4 a host was unreachable or a playbook is wrong,
    1 another error, 99 interrupted, 250 a bug.
    """
    run_command(lambda: _play(options), profile=options["profile"])


def _play(options: dict[str, Any]) -> int:
    options["outputs"] = (*options["outputs"], *options["short_outputs"])
    lists = Lists(
        hosts=options["list_hosts"], tasks=options["list_tasks"], tags=options["list_tags"],
        syntax=options["syntax_check"],
    )  # fmt: skip
    options["as_ansible"] = bool(click.get_current_context().obj)
    app = make_app(options, default="plain" if options["as_ansible"] else "", callbacks=True)
    paths = [app.playbook_path(name) for name in options["playbooks"]]
    check_paths(paths)
    if lists.any:
        return list_playbooks(app, paths, lists, click.echo)
    _check_start(app, paths)
    if app.settings.step and not sys.stdin.isatty():
        raise UsageError("--step needs a terminal to ask on")
    if options["report"]:
        return _reported(app, paths, Path(options["report"]))
    return run_playbooks(app, paths)


def _reported(app: App, paths: list[Path], report: Path) -> int:
    """A dry run with a page of what it found."""
    from confman.cli.report import report_run

    if not app.settings.check:
        raise UsageError("--report is of dry runs", hint="add --check, or use `confman plan`")
    return report_run(app, paths, report)


def _check_start(app: App, paths: list[Path]) -> None:
    """Raise UsageError when there is no task to start at: then nothing would be run."""
    pattern = app.settings.start_at_task
    if not pattern:
        return
    tasks = [pair for path in paths for play in app.plays(path.resolve()) for pair in selected_tasks(app, play)]
    if any(is_named(task, role, pattern) for task, role in tasks):
        return
    close = get_close_matches(pattern, [task.name for task, _ in tasks if task.name], 1, 0.6)
    hint = f"did you mean {close[0]!r}?" if close else "tasks that includes bring in while running cannot be started at"
    raise UsageError(f"There is no task {pattern!r} to start at", hint=hint)


def check_paths(paths: list[Path]) -> None:
    """Raise an error for every playbook that is not there."""
    errors: list[ConfmanError] = []
    for path in paths:
        if path.is_dir():
            errors.append(ConfmanError(f"The playbook is a directory: {path}"))
        elif not path.exists():
            errors.append(ConfmanError(f"The playbook does not exist: {path}"))
    if errors:
        raise errors[0] if len(errors) == 1 else ErrorGroup(errors)
