"""`confman vault`: the commands that seal files and strings, and open them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from confman.cli.door import run_command
from confman.cli.options import VAULT, VERBOSE, Command, overlays, with_options
from confman.cli.vault_diff import diff_commits, diff_files
from confman.cli.vault_files import (
    STANDARD,
    Opener,
    create_file,
    decrypt_files,
    edit_files,
    encrypt_files,
    rekey_files,
    vault_salt,
    view_files,
    write_output,
)
from confman.cli.vault_passwords import new_secret, opening_secrets, sealing_secret
from confman.cli.vault_strings import check_strings, gather_strings, sealed_strings
from confman.compat.config import Config, load_config
from confman.compat.config_values import expanded
from confman.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

_option = click.option

FILES = (click.argument("files", nargs=-1, metavar="[FILE]..."),)
OUTPUT_FILE = (
    _option("--output", metavar="FILE", help="Write there and leave the input as it is; - is standard output."),
)  # fmt: skip
ENCRYPT_ID = (
    _option("--encrypt-vault-id", metavar="ID", help="Encrypt with this one of several vault ids."),
)  # fmt: skip
CREATE = (
    _option("--skip-tty-check", is_flag=True, help="Start the editor also where there is no terminal."),
)  # fmt: skip
STRINGS = (
    click.argument("strings", nargs=-1, metavar="[STRING]..."),
    _option("-p", "--prompt", is_flag=True, help="Ask for the string."),
    _option("--show-input", is_flag=True, help="With --prompt: show what is typed."),
    _option("-n", "--name", "names", multiple=True, metavar="NAME", help="Name of the variable. May be repeated."),
    _option("--stdin-name", metavar="NAME", help="Name of the variable whose value is read from standard input."),
)  # fmt: skip
REKEY = (
    _option("--new-vault-password-file", metavar="FILE", help="File with the new password, or script that prints it."),
    _option("--new-vault-id", metavar="ID@SOURCE", help="The new password by its id."),
)  # fmt: skip
DIFF = (
    click.argument("files", nargs=-1, required=True, metavar="FILE..."),
    _option("--commit", "revision", metavar="COMMIT", help="Compare each file with that commit. [default for one "
            "file: HEAD]"),
    _option("--exit-code", is_flag=True, help="Exit with 1 where there are differences."),
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def vault() -> None:
    """Encrypt files and strings, and look at what is encrypted.

    A password is named by --vault-id ID@SOURCE: a file, an executable script (one whose name ends in -client is
    told the id), `prompt`, or `keyring:SERVICE/USER`. For readable diffs in git: `git config diff.vault.textconv
    "confman vault view --plain"` and `*.vault diff=vault` in .gitattributes.
    """


@vault.command("create", cls=Command)
@with_options(FILES, CREATE, ENCRYPT_ID, VAULT, VERBOSE)
def create(**options: Any) -> None:
    """Write a new encrypted FILE in an editor."""
    run_command(lambda: _create(options, _configured(options)))


@vault.command("edit", cls=Command)
@with_options(FILES, ENCRYPT_ID, VAULT, VERBOSE)
def edit(**options: Any) -> None:
    """Change encrypted FILEs in an editor; they keep their password and vault id."""
    run_command(lambda: _with_opener(options, lambda opener, config: edit_files(_given(options), opener, config)))


@vault.command("view", cls=Command)
@with_options(
    FILES,
    (_option("--plain", is_flag=True, help="Show FILEs that are not encrypted too, as they are."),),
    VAULT,
    VERBOSE,
)
def view(**options: Any) -> None:
    """Show encrypted FILEs, on a terminal with a pager."""

    def show(opener: Opener, config: Config) -> None:
        view_files(_given(options), opener, str(config["PAGER"]), plain=options["plain"])

    run_command(lambda: _with_opener(options, show))


@vault.command("encrypt", cls=Command)
@with_options(FILES, OUTPUT_FILE, ENCRYPT_ID, VAULT, VERBOSE)
def encrypt(**options: Any) -> None:
    """Encrypt FILEs, or standard input."""
    run_command(lambda: _encrypt(options, _configured(options)))


@vault.command("decrypt", cls=Command)
@with_options(FILES, OUTPUT_FILE, VAULT, VERBOSE)
def decrypt(**options: Any) -> None:
    """Decrypt FILEs, or standard input."""
    run_command(lambda: _decrypt(options))


@vault.command("rekey", cls=Command)
@with_options(FILES, REKEY, ENCRYPT_ID, VAULT, VERBOSE)
def rekey(**options: Any) -> None:
    """Encrypt FILEs with another password."""
    if options["new_vault_id"] and options["new_vault_password_file"]:
        raise click.UsageError("--new-vault-id cannot be combined with --new-vault-password-file.")
    run_command(lambda: _with_opener(options, lambda opener, config: _rekey(options, opener, config)))


@vault.command("encrypt_string", cls=Command)
@with_options(STRINGS, OUTPUT_FILE, ENCRYPT_ID, VAULT, VERBOSE)
def encrypt_string(**options: Any) -> None:
    """Encrypt STRINGs for variable files; - is standard input, which is also read when there is no STRING."""
    run_command(lambda: _encrypt_string(options, _configured(options)))


@vault.command("diff", cls=Command)
@with_options(DIFF, VAULT, VERBOSE)
def diff(**options: Any) -> None:
    """Show what differs in the plain text: of two FILEs, or of FILEs since a commit of git."""
    run_command(lambda: _diff(options))


def _configured(options: dict[str, Any]) -> Config:
    return load_config(os.environ, Path.cwd()).overlaid(overlays(options))


def _with_opener(options: dict[str, Any], action: Callable[[Opener, Config], None]) -> int:
    config = _configured(options)
    action(_opener(options, config), config)
    return 0


def _opener(options: dict[str, Any], config: Config) -> Opener:
    matching = bool(config["DEFAULT_VAULT_ID_MATCH"])
    return Opener(opening_secrets(options, config), matching, verbose=bool(options["verbose"]))


def _given(options: dict[str, Any]) -> tuple[str, ...]:
    files: tuple[str, ...] = options["files"]
    if not files:
        raise UsageError("No file is named")
    return files


def _inputs(options: dict[str, Any], what: str) -> tuple[str, ...]:
    """The files to work on, or standard input. Raises UsageError for several that go to one output."""
    files: tuple[str, ...] = options["files"]
    if options["output"] and len(files) > 1:
        raise UsageError("At most one input file may be used with the --output option")
    if not files and sys.stdin.isatty():
        click.echo(f"Reading {what} input from stdin", err=True)
    return files or (STANDARD,)


def _output(options: dict[str, Any]) -> str | None:
    output: str | None = options["output"]
    return output if output in {None, STANDARD} else str(expanded(str(output)))


def _succeeded(text: str) -> int:
    if sys.stdout.isatty():
        click.echo(text, err=True)
    return 0


def _create(options: dict[str, Any], config: Config) -> int:
    if len(options["files"]) != 1:
        raise UsageError("vault create takes one file name")
    secret = sealing_secret(options, config)
    if not sys.stdout.isatty() and not options["skip_tty_check"]:
        raise UsageError("not a tty, editor cannot be opened", hint="--skip-tty-check opens it all the same")
    create_file(options["files"][0], secret, config)
    return 0


def _encrypt(options: dict[str, Any], config: Config) -> int:
    inputs = _inputs(options, "plaintext")
    encrypt_files(inputs, _output(options), sealing_secret(options, config), vault_salt(config))
    return _succeeded("Encryption successful")


def _decrypt(options: dict[str, Any]) -> int:
    inputs = _inputs(options, "ciphertext")
    _with_opener(options, lambda opener, _config: decrypt_files(inputs, _output(options), opener))
    return _succeeded("Decryption successful")


def _rekey(options: dict[str, Any], opener: Opener, config: Config) -> None:
    rekey_files(_given(options), opener, new_secret(options, config), vault_salt(config))
    click.echo("Rekey successful", err=True)


def _encrypt_string(options: dict[str, Any], config: Config) -> int:
    check_strings(options)
    secret = sealing_secret(options, config)
    text = sealed_strings(gather_strings(options), secret, vault_salt(config))
    write_output(_output(options) or STANDARD, text.encode())
    return _succeeded("Encryption successful")


def _diff(options: dict[str, Any]) -> int:
    files, revision = options["files"], options["revision"]
    opener = _opener(options, _configured(options))
    if revision is None and len(files) == 2:
        lines = diff_files(files[0], files[1], opener)
    else:
        if revision is None and len(files) > 2:
            raise UsageError("Two files are compared, or one with a commit", hint="name a commit with --commit")
        lines = diff_commits(files, revision or "HEAD", opener)
    if lines:
        click.echo("\n".join(lines))
    return 1 if lines and options["exit_code"] else 0
