"""`confman show`: what a plan would do."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from confman.cli.door import run_command
from confman.cli.options import Command
from confman.cli.outputs import wants_colours
from confman.cli.plan import read_plan
from confman.sinks.plan_text import head_lines, plan_lines
from confman.sinks.sanitize import sanitize
from confman.sinks.style import Style
from confman.truth.data import to_data
from confman.truth.files import unpack

_option = click.option


@click.command(cls=Command)
@click.argument("plan")
@_option("--json", "as_json", is_flag=True, help="Write all of it as JSON.")
@_option("-a", "--all", "everything", is_flag=True, help="Show tasks that would do nothing, too.")
def show(**options: Any) -> None:
    """Show what a plan would do: every object that would change, with what it is and what it would be.

    No password is needed: secrets in the plan are not shown.
    """
    run_command(lambda: _show(options))


def _show(options: dict[str, Any]) -> int:
    packed = unpack(read_plan(options["plan"]))
    if options["as_json"]:
        click.echo(json.dumps({"digest": packed.digest, **to_data(packed.plan)}, indent=2))
        return 0
    style = Style(colours=wants_colours(sys.stdout.isatty(), os.environ))
    lines = plan_lines(packed.plan, style, everything=options["everything"])
    for line in (*head_lines(packed.plan, packed.digest), *lines):
        click.echo(line if style.colours else sanitize(line))
    return 0
