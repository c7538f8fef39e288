"""`confman shims`: programs under Ansible's names, so that scripts and habits go on working."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from confman.cli.ansible import ABSENT
from confman.cli.door import run_command
from confman.compat.config_values import expanded
from confman.errors import UsageError

PROGRAMS = (
    "ansible", "ansible-config", "ansible-doc", "ansible-galaxy", "ansible-inventory", "ansible-playbook",
    "ansible-vault",
)  # fmt: skip
MARK = "# written by `confman shims`"


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
def shims(folder: str, *, force: bool) -> None:
    """Write ansible-playbook, ansible, ansible-inventory, ansible-vault, ansible-doc and ansible-config into DIR.

    Each runs the command of ours that does its work, with the options as they are. Put DIR first in PATH. There is
    an ansible-galaxy too, which only says that it has no counterpart here.
    """
    run_command(lambda: write_shims(expanded(folder), force=force))


def write_shims(folder: Path, *, force: bool) -> int:
    """Write the programs; the exit code. Raises UsageError for what cannot be written or is somebody else's."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _ours(folder, force=force):
            _write(folder / name, script(name))
            click.echo(str(folder / name))
    except OSError as error:
        raise UsageError(f"Cannot write the programs: {error.strerror}: {error.filename}") from error
    return 0


def _ours(folder: Path, *, force: bool) -> list[str]:
    """The programs to write. Raises UsageError when there are others of their names."""
    foreign = [] if force else [name for name in PROGRAMS if _is_foreign(folder / name)]
    unwanted = [name for name in foreign if name not in ABSENT]
    if unwanted:
        _refuse(folder, unwanted)
    # a foreign program of which ours would only say that it does not exist is left alone
    return [name for name in PROGRAMS if not (name in ABSENT and name in foreign)]


def _refuse(folder: Path, names: list[str]) -> None:
    """Raise UsageError for programs of others, but where the `ansible` extra put them: beside ours."""
    if Path(sys.executable).parent != folder.absolute():
        found = ", ".join(str(folder / name) for name in names)
        raise UsageError(f"There is another program: {found}", hint="choose another folder, or overwrite with --force")


def script(name: str) -> str:
    """The text of a program. A shell starts Python, for a path with a space cannot stand behind `#!`."""
    python = shlex.quote(sys.executable)
    call = shlex.quote(f"from confman.cli.ansible import main; main({name!r})")
    return f'#!/bin/sh\n{MARK}\nexec {python} -P -c {call} "$0" "$@"\n'


def _is_foreign(path: Path) -> bool:
    if not path.exists() and not path.is_symlink():
        return False
    try:
        return MARK not in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True


def _write(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o755)
    fresh.replace(path)
