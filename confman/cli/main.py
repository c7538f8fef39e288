"""The program: one command line, a file for each command, loaded when it is called."""

from __future__ import annotations

import importlib
import sys

import click

COMMANDS = {
    "play": "confman.cli.play:play",
    "run": "confman.cli.run:run",
}
"""Each command and where it is."""


class LazyGroup(click.Group):
    """Loads a command's file only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Agentless configuration management: playbooks over one SSH connection a host."""


def main() -> None:
    """The entry point."""
    sys.exit(cli.main(standalone_mode=True))
