"""The entry points under Ansible's names: nothing is translated but `--version` and the default output."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

import click

from confman.cli.main import VERSION
from confman.compat.config_files import find_ini

COMPATIBLE = "2.19.14"
"""The version of ansible-core whose behaviour is followed; scripts read it from `--version`."""

TARGETS = {
    "ansible": "confman.cli.run:run",
    "ansible-playbook": "confman.cli.play:play",
    "ansible-inventory": "confman.cli.inventory:inventory",
    "ansible-doc": "confman.cli.doc:doc",
    "ansible-config": "confman.cli.config:config",
    "ansible-vault": "confman.cli.vault:vault",
}
"""Each program and the command that does its work."""

ABSENT = {
    "ansible-galaxy": "confman does not install roles or collections. Put them below `roles` and "
    "`collections/ansible_collections` beside the playbook, or install them with ansible-core's own ansible-galaxy.",
}
"""Programs that have no counterpart, and what to do instead."""


def main(program: str) -> None:
    """Run a program and leave with its exit code; this process has the program's path as first argument, then its."""
    path, *arguments = sys.argv[1:]
    if "--version" in arguments[: arguments.index("--") if "--" in arguments else None]:
        click.echo(version_text(program, path))
        sys.exit(0)
    if program not in TARGETS:
        click.echo(f"[ERROR]: {ABSENT[program]}", err=True)
        sys.exit(1)
    module, _, name = TARGETS[program].partition(":")
    command = getattr(importlib.import_module(module), name)
    assert isinstance(command, click.Command)
    # what stands in `obj` is the program's name: output is plain then, also on a terminal
    command.main(args=arguments, prog_name=program, obj=program)


def version_text(program: str, path: str) -> str:
    """What `--version` prints: the first line as scripts expect it, then who answers."""
    home = os.environ.get("HOME") or str(Path.home())
    lines = (
        f"{program} [core {COMPATIBLE}]",
        f"  config file = {find_ini(os.environ, Path.cwd(), home, lambda _warning: None)}",
        f"  executable location = {path}",
        f"  python version = {sys.version.split(maxsplit=1)[0]} ({platform.python_compiler()}) ({sys.executable})",
        f"  confman version = {VERSION}",
    )
    return "\n".join(lines)
