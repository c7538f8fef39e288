"""Options that several commands share, and what configuration they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

Decorator = Callable[[Any], Any]

SETTING_OF = {
    "forks": ("--forks", "DEFAULT_FORKS"),
    "inventory": ("--inventory", "DEFAULT_HOST_LIST"),
    "user": ("--user", "DEFAULT_REMOTE_USER"),
    "private_key": ("--private-key", "DEFAULT_PRIVATE_KEY_FILE"),
    "connection": ("--connection", "DEFAULT_TRANSPORT"),
    "timeout": ("--timeout", "DEFAULT_TIMEOUT"),
    "ssh_common_args": ("--ssh-common-args", "SSH_COMMON_ARGS"),
    "ssh_extra_args": ("--ssh-extra-args", "SSH_EXTRA_ARGS"),
    "ask_pass": ("--ask-pass", "DEFAULT_ASK_PASS"),
    "connection_password_file": ("--connection-password-file", "CONNECTION_PASSWORD_FILE"),
    "become": ("--become", "DEFAULT_BECOME"),
    "become_method": ("--become-method", "DEFAULT_BECOME_METHOD"),
    "become_user": ("--become-user", "DEFAULT_BECOME_USER"),
    "ask_become_pass": ("--ask-become-pass", "DEFAULT_BECOME_ASK_PASS"),
    "become_password_file": ("--become-password-file", "BECOME_PASSWORD_FILE"),
    "ask_vault_pass": ("--ask-vault-pass", "DEFAULT_ASK_VAULT_PASS"),
    "force_handlers": ("--force-handlers", "DEFAULT_FORCE_HANDLERS"),
    "diff": ("--diff", "DIFF_ALWAYS"),
    "tags": ("--tags", "TAGS_RUN"),
    "skip_tags": ("--skip-tags", "TAGS_SKIP"),
    "task_timeout": ("--task-timeout", "TASK_TIMEOUT"),
    "playbook_dir": ("--playbook-dir", "PLAYBOOK_DIR"),
}
"""Parameters that overlay a setting: the option to name as its origin, and the setting."""


class Command(click.Command):
    """A command whose long options may be shortened as long as they stay unique, as in Ansible's programs."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", {"help_option_names": ["-h", "--help"], "max_content_width": 110})
        super().__init__(*args, **settings)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Spell shortened options out, then parse."""
        known = {name for parameter in self.get_params(ctx) for name in parameter.opts if name.startswith("--")}
        end = args.index("--") if "--" in args else len(args)
        words = [_without_value(_spelled_out(arg, known)) for arg in args[:end]]
        return super().parse_args(ctx, [word for pair in words for word in pair] + args[end:])


def _spelled_out(arg: str, known: set[str]) -> str:
    name, equals, value = arg.partition("=")
    if not name.startswith("--") or len(name) < 4 or name in known:
        return arg
    found = [option for option in known if option.startswith(name)]
    return f"{found[0]}{equals}{value}" if len(found) == 1 else arg


def _without_value(arg: str) -> list[str]:
    """`--check=predict` as a flag and an option: with a value that may be left out, the next word would be taken."""
    name, equals, value = arg.partition("=")
    return ["--check", f"--check-how={value}"] if name == "--check" and equals else [arg]


def with_options(*groups: tuple[Decorator, ...]) -> Decorator:
    """All options of some groups."""

    def decorate(function: Any) -> Any:
        for option in reversed([option for group in groups for option in group]):
            function = option(function)
        return function

    return decorate


def overlays(options: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """What options say about settings, for `Config.overlaid`; options that were not given say nothing."""
    found: dict[str, tuple[str, Any]] = {}
    for name, (option, setting) in SETTING_OF.items():
        value = options.get(name)
        if value is None or value is False or value == ():
            continue
        if name in {"tags", "skip_tags"}:
            value = [word.strip() for text in value for word in text.split(",") if word.strip()]
        found[setting] = (option, list(value) if isinstance(value, tuple) else value)
    return found


_option = click.option

VERBOSE = (_option("-v", "--verbose", count=True, help="Say more; up to -vvvv."),)
INVENTORY = (
    _option("-i", "--inventory", "--inventory-file", "inventory", multiple=True, metavar="SOURCE",
            help="Inventory file, directory or script, or hosts with commas between them. May be repeated."),
    _option("-l", "--limit", metavar="PATTERN", help="Only these of the hosts; @FILE reads patterns from a file."),
    _option("--flush-cache", is_flag=True, help="Forget the facts that are kept of hosts."),
)  # fmt: skip
EXTRA_VARS = (
    _option("-e", "--extra-vars", "extra_vars", multiple=True, metavar="VARS",
            help="Variables that win over all others: key=value, JSON, YAML or @FILE. May be repeated."),
)  # fmt: skip
VAULT = (
    _option("--vault-id", "vault_ids", multiple=True, metavar="ID@SOURCE",
            help="A vault password by its id: ID@FILE, ID@SCRIPT or ID@prompt. May be repeated."),
    _option("--vault-password-file", "--vault-pass-file", "vault_password_files", multiple=True, metavar="FILE",
            help="File with the vault password, or script that prints it. May be repeated."),
    _option("-J", "--ask-vault-password", "--ask-vault-pass", "ask_vault_pass", is_flag=True,
            help="Ask for the vault password."),
)  # fmt: skip
CONNECTION = (
    _option("-c", "--connection", metavar="NAME", help="How to reach hosts: ssh, openssh, paramiko or local."),
    _option("-u", "--user", metavar="NAME", help="Log in as this user."),
    _option("--private-key", "--key-file", "private_key", metavar="FILE", help="Log in with this key."),
    _option("-T", "--timeout", type=click.IntRange(1), metavar="SECONDS", help="Time to connect."),
    _option("-k", "--ask-pass", is_flag=True, help="Ask for the password to log in."),
    _option("--connection-password-file", "--conn-pass-file", "connection_password_file", metavar="FILE",
            help="File with the password to log in, or script that prints it; - is standard input."),
    _option("--ssh-common-args", metavar="ARGS", help="Options of ssh, such as '-o ProxyJump=gate'."),
    _option("--ssh-extra-args", metavar="ARGS", help="Further options of ssh."),
    _option("--scp-extra-args", metavar="ARGS", help="Accepted; nothing is copied by scp."),
    _option("--sftp-extra-args", metavar="ARGS", help="Accepted; nothing is copied by sftp."),
)  # fmt: skip
BECOME = (
    _option("-b", "--become", is_flag=True, help="Run tasks as another user."),
    _option("--become-method", metavar="NAME", help="How: sudo, su, doas ... [default: sudo]"),
    _option("--become-user", metavar="NAME", help="Whom to become. [default: root]"),
    _option("-K", "--ask-become-pass", is_flag=True, help="Ask for the password to become that user."),
    _option("--become-password-file", "--become-pass-file", "become_password_file", metavar="FILE",
            help="File with that password, or script that prints it; - is standard input."),
)  # fmt: skip
CHECKING = (
    _option("-C", "--check", is_flag=True,
            help="Change nothing; show what would change. --check=predict only asks the hosts, --check=rehearse also "
                 "tries it out on a throw-away copy of each: the default but for this machine and Ansible's names."),
    _option("--check-how", type=click.Choice(["predict", "rehearse"]), hidden=True),
)  # fmt: skip
WORKING = (
    _option("-f", "--forks", type=click.IntRange(1), metavar="NUMBER", help="Hosts worked on at once."),
    _option("-D", "--diff", is_flag=True, help="Show the differences in files."),
    _option("-M", "--module-path", multiple=True, metavar="PATH",
            help="Folders with further modules, colons between them. May be repeated."),
)  # fmt: skip
RUNNING = (*CHECKING, *WORKING)
OUTPUT = (
    _option("--output", "outputs", multiple=True, metavar="FORMAT[=FILE]",
            help="plain, grouped, minimal, oneline, jsonl, json or junit, to standard output or a file; profile adds "
                 "a table of the slowest tasks. May be repeated."),
    _option("--profile", metavar="FILE",
            help="Where confman itself spends its processor time, for `python -m pstats FILE`."),
)  # fmt: skip
