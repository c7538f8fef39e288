"""`confman vault encrypt_string`: values to paste into variable files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from confman.cli.passwords import ask_secret
from confman.errors import UsageError
from confman.model.records import dataclass
from confman.vault.opening import VaultSecret, seal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INDENT = " " * 10
_MOST_BYTES = 64 * 1024 * 1024
_FROM_PROMPT, _FROM_STDIN, _FROM_ARGS = "the interactive prompt", "stdin", "the command line args"


@dataclass(frozen=True, slots=True)
class Plain:
    """A string to seal: its text, where it was given, and the variable's name or ""."""

    text: bytes
    origin: str
    name: str = ""


def check_strings(options: Mapping[str, Any]) -> None:
    """Raise UsageError where strings are both asked for and read from standard input."""
    if options["prompt"] and _reads_stdin(options):
        raise UsageError(
            "The --prompt option is not supported if also reading input from stdin",
            hint="leave out --prompt, or `-` and --stdin-name",
        )


def gather_strings(options: Mapping[str, Any]) -> list[Plain]:
    """The strings: asked for, read from standard input, then arguments. Raises UsageError for an empty one."""
    found: list[Plain] = []
    if options["prompt"]:
        found.append(_prompted(show=options["show_input"]))
    if _reads_stdin(options):
        found.append(_read(options["stdin_name"] or ""))
    texts = [text for text in options["strings"] if text != "-"]
    names = list(options["names"])
    if names and len(texts) > len(names):
        click.echo("The number of --name options do not match the number of args.", err=True)
        click.echo(f'The last named variable will be "{names[-1]}". The rest will not have names.', err=True)
    names += [""] * len(texts)
    for text, name in zip(texts, names, strict=False):
        if not text:
            raise UsageError("A string of the command line is empty, it is not encrypted")
        found.append(Plain(text.encode("utf-8", "surrogateescape"), _FROM_ARGS, name))
    return found


def sealed_strings(strings: Sequence[Plain], secret: VaultSecret, salt: bytes | None) -> str:
    """YAML of the sealed strings; which is which is told on standard error when there are several."""
    blocks: list[str] = []
    for number, plain in enumerate(strings, 1):
        if len(strings) > 1:
            click.echo(_title(plain, number), err=True)
        sealed = seal(plain.text, secret, vault_id=secret.vault_id, salt=salt).decode()
        head = f"{plain.name}: !vault |" if plain.name else "!vault |"
        blocks.append("\n".join([head, *(_INDENT + line for line in sealed.splitlines())]) + "\n")
    return "".join(blocks)


def _title(plain: Plain, number: int) -> str:
    if plain.name:
        return f'# The encrypted version of variable ("{plain.name}", the string #{number} from {plain.origin}).'
    return f"# The encrypted version of the string #{number} from {plain.origin}.)"


def _reads_stdin(options: Mapping[str, Any]) -> bool:
    strings = options["strings"]
    return bool("-" in strings or options["stdin_name"] or (not strings and not options["prompt"]))


def _prompted(*, show: bool) -> Plain:
    name = _line("Variable name (enter for no name): ")
    text = _line("String to encrypt: ") if show else ask_secret("String to encrypt (hidden): ")
    if not text:
        raise UsageError("The string that was typed is empty, it is not encrypted")
    return Plain(text.encode("utf-8", "surrogateescape"), _FROM_PROMPT, name)


def _line(prompt: str) -> str:
    # on standard error: standard output may go to a file
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline(_MOST_BYTES).rstrip("\r\n")


def _read(name: str) -> Plain:
    if sys.stdout.isatty():
        click.echo(
            "Reading plaintext input from stdin. (ctrl-d to end input, twice if your content does not already "
            "have a newline)",
            err=True,
        )
    text = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(text) > _MOST_BYTES:
        raise UsageError(f"Standard input is larger than {_MOST_BYTES // 2**20} MB")
    if not text:
        raise UsageError("stdin was empty, not encrypting")
    if sys.stdout.isatty() and not text.endswith(b"\n"):
        click.echo("\n")
    return Plain(text, _FROM_STDIN, name)
