"""`confman lab`: throw-away hosts on this machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from confman.cli.door import guarded
from confman.lab.bases import SUITES, build_base
from confman.lab.client import Lab
from confman.lab.files import parse_size
from confman.lab.inventory import inventory_text
from confman.lab.model import ALL_PYTHONS, USERS


def _guarded(action: Callable[[], None]) -> None:
    def done() -> int:
        action()
        return 0

    if code := guarded(done):
        sys.exit(code)


def _default_bases() -> str:
    return os.environ.get("CONFMAN_LAB_BASES") or str(Path("~/.cache/confman/lab").expanduser())


@click.group()
@click.option("--dir", "state", envvar="CONFMAN_LAB_DIR", default=".lab", show_default=True, help="The lab's folder.")
@click.option("--bases", envvar="CONFMAN_LAB_BASES", default=_default_bases, help="Where Debian bases are kept.")
@click.pass_context
def lab(context: click.Context, state: str, bases: str) -> None:
    """Throw-away hosts on this machine, each with a real sshd, to try playbooks on."""
    context.obj = Lab(Path(state).resolve(), Path(bases).resolve(), click.echo)


@lab.command()
@click.argument("count", type=click.IntRange(1, 5000))
@click.option("--name", default="h", show_default=True, help="What host names begin with.")
@click.option(
    "--base", type=click.Choice(["own", *SUITES]), default="own", show_default=True, help="What hosts are made of."
)
@click.option("--init", type=click.Choice(["none", "systemd"]), default="none", show_default=True, help="Their PID 1.")
@click.option(
    "--hide",
    is_flag=False,
    flag_value=ALL_PYTHONS,
    default="",
    metavar="[PATHS]",
    help="What the hosts shall not have: every Python, or these paths, with commas.",
)
@click.option("--disk", default="1g", show_default=True, help="The size of their disks (tmpfs, used as it fills).")
@click.pass_obj
def up(obj: Lab, count: int, name: str, base: str, init: str, hide: str, disk: str) -> None:
    """Start COUNT further hosts."""

    def action() -> None:
        hidden = tuple(path for path in hide.split(",") if path)
        names = obj.up(count, prefix=name, base=base, init=init, hide=hidden, disk=parse_size(disk))
        click.echo(f"{len(names)} hosts up: {names[0]} to {names[-1]}; inventory: {obj.state / 'inventory.yml'}")

    _guarded(action)


@lab.command()
@click.argument("hosts", nargs=-1)
@click.pass_obj
def down(obj: Lab, hosts: tuple[str, ...]) -> None:
    """End HOSTS (names, patterns with *), or the whole lab."""
    _guarded(lambda: click.echo(f"{obj.down(hosts)} hosts ended"))


@lab.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def list_(obj: Lab, as_json: bool) -> None:
    """Show the hosts."""

    def action() -> None:
        hosts = obj.hosts()
        if as_json:
            click.echo(json.dumps(hosts, indent=2))
            return
        for host in hosts:
            faults = ", ".join(name if value is True else f"{name}={value}" for name, value in host["faults"].items())
            cells = f"{host['name']:<14}{host['address']:<15}{host['base']:<10}{host['init']:<9}{host['state']:<10}"
            click.echo(f"{cells}boots={host['boots']}  {faults}".rstrip())

    _guarded(action)


@lab.command(context_settings={"ignore_unknown_options": True})
@click.option("-u", "--user", type=click.Choice(USERS), default="root", show_default=True, help="Whom to log in as.")
@click.argument("host")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def ssh(obj: Lab, user: str, host: str, command: tuple[str, ...]) -> None:
    """Log in to HOST, or run COMMAND there."""

    def action() -> None:
        words = obj.ssh_command(host, user, command)
        os.execvp(words[0], words)

    _guarded(action)


@lab.command()
@click.option("-u", "--user", type=click.Choice(USERS), default="root", show_default=True, help="Whom to log in as.")
@click.pass_obj
def inventory(obj: Lab, user: str) -> None:
    """Print an inventory of the hosts."""
    _guarded(lambda: click.echo(inventory_text(obj.state, obj.hosts(), user), nl=False))


@lab.command()
@click.argument("hosts")
@click.argument("acts", nargs=-1, required=True)
@click.pass_obj
def fault(obj: Lab, hosts: str, acts: tuple[str, ...]) -> None:
    """Make or clear faults on HOSTS (names and patterns, with commas).

    ACTS: latency=50ms jitter=10ms loss=5% rate=1mbit partition link-down link-up freeze thaw kill start reboot[=5s]
    disk-full disk-free clear
    """

    def action() -> None:
        for host in obj.fault(hosts.split(","), list(acts)):
            click.echo(f"{host['name']} {host['state']} {host['faults'] or ''}".rstrip())

    _guarded(action)


@lab.command()
@click.argument("names", nargs=-1, required=True, type=click.Choice(list(SUITES)))
@click.pass_obj
def base(obj: Lab, names: tuple[str, ...]) -> None:
    """Build Debian bases beforehand."""

    def action() -> None:
        for name in names:
            click.echo(str(build_base(obj.bases, name, click.echo)))

    _guarded(action)
