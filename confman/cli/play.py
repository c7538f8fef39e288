"""`confman play`: run playbooks."""

from __future__ import annotations

from pathlib import Path

import click

from confman.app import run_playbooks
from confman.cli.door import guarded, make_app
from confman.errors import UsageError
from confman.model.settings import Settings


@click.command()
@click.argument("playbooks", nargs=-1, required=True)
@click.option("-i", "--inventory", multiple=True)
@click.option("-l", "--limit")
@click.option("-C", "--check", is_flag=True)
@click.option("-D", "--diff", is_flag=True)
@click.option("-t", "--tags", multiple=True)
@click.option("--skip-tags", multiple=True)
@click.option("-f", "--forks", type=int, default=5)
@click.option("-v", "verbose", count=True)
@click.option("-c", "--connection", default="ssh")
@click.option("-b", "--become", is_flag=True)
@click.option("-u", "--user")
def play(playbooks, inventory, limit, check, diff, tags, skip_tags, forks, verbose, connection, become, user):  # noqa: ANN001, ANN201
    """Run PLAYBOOKS."""
    def words(values):
        return tuple(w for v in values for w in v.split(","))
    settings = Settings(
        forks=forks, check=check, diff=diff, verbosity=verbose, tags=words(tags) or ("all",), skip_tags=words(skip_tags),
        limit=limit, connection=connection, become=become, remote_user=user, inventory_sources=inventory or ("localhost,",),
    )
    paths = [Path(p) for p in playbooks]
    def action() -> int:
        for path in paths:
            if not path.exists():
                raise UsageError(f"the playbook: {path} could not be found")
        return run_playbooks(make_app(settings), paths)
    raise SystemExit(guarded(action))
