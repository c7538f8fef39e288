"""The program: one command line, a file for each command, loaded when it is called."""

from __future__ import annotations

import gc
import importlib
import sys

import click

VERSION = "0.1.0"
"""The version of the package, here too so that `--version` need not look it up."""

COMMANDS = {
    "apply": ("confman.cli.apply:apply", "Do what a plan says, if nothing changed since."),
    "config": ("confman.cli.config:config", "Show settings and where they come from."),
    "doc": ("confman.cli.doc:doc", "Show the manual of modules."),
    "drift": ("confman.cli.drift:drift", "Find what was changed on hosts behind the playbooks' back."),
    "history": ("confman.cli.history:history", "Show past runs and what they changed."),
    "inventory": ("confman.cli.inventory:inventory", "Show hosts, groups and their variables."),
    "lab": ("confman.cli.lab:lab", "Throw-away hosts on this machine."),
    "plan": ("confman.cli.plan:plan", "Try playbooks out and keep what they would do."),
    "play": ("confman.cli.play:play", "Run playbooks."),
    "run": ("confman.cli.run:run", "Run one task on hosts."),
    "show": ("confman.cli.show:show", "Show what a plan would do."),
    "shims": ("confman.cli.shims:shims", "Write programs under Ansible's names."),
    "undo": ("confman.cli.undo:undo", "Take back what a run changed."),
    "vars": ("confman.cli.vars:variables", "Show a host's variables and where each comes from."),
    "vault": ("confman.cli.vault:vault", "Encrypt files and strings, and look at them."),
}
"""Each command: where it is, and what `--help` says about it without loading it."""


class LazyGroup(click.Group):
    """Loads a command's file only when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; a near name is suggested."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            close = " or ".join(repr(name) for name in COMMANDS if name.startswith(args[0][:2]))
            hint = f" Did you mean {close}?" if close else f" Commands: {', '.join(sorted(COMMANDS))}."
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, message="confman %(version)s")
def cli() -> None:
    """Agentless configuration management: playbooks over one SSH connection a host."""


MANY = 50_000
"""Objects that may come into being before cycles among them are looked for: programs that end soon seldom have any."""


def main() -> None:
    """The entry point."""
    gc.set_threshold(MANY, *gc.get_threshold()[1:])
    sys.exit(cli.main(standalone_mode=True))
