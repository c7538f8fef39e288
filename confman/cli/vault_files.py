"""What the `vault` commands do to files: seal, open, show, edit, seal anew."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confman.cli.vault_passwords import warn
from confman.errors import UsageError, VaultError
from confman.model.records import dataclass
from confman.model.source import Source
from confman.vault.editor import edit_text
from confman.vault.envelope import is_vaulted, parse_envelope
from confman.vault.opening import Opened, VaultSecret, identify, seal
from confman.vault.storage import MOST_BYTES, make_private, read_whole, replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confman.compat.config import Config

STANDARD = "-"
"""The name of standard input and of standard output."""


@dataclass(frozen=True, slots=True)
class Opener:
    """How to open: the passwords, whether ids must match, and whether to say which password fitted."""

    secrets: tuple[VaultSecret, ...]
    only_matching: bool = False
    verbose: bool = False

    def open(self, data: bytes, name: str) -> Opened:
        """The content of the vaulted data of a file. Raises VaultError."""
        source = Source("<stdin>" if name == STANDARD else name)
        if not is_vaulted(data):
            raise VaultError("Input is not vault encrypted data", source=source, hint="`vault encrypt` encrypts it")
        opened = identify(data, self.secrets, source=source, only_matching=self.only_matching)
        if self.verbose:
            click.echo(f"{source}: opened with the password of the vault id {opened.vault_id!r}", err=True)
        return opened


def vault_salt(config: Config) -> bytes | None:
    """The salt that the configuration asks for, so that sealing gives the same each time."""
    return str(config["VAULT_ENCRYPT_SALT"]).encode() if config["VAULT_ENCRYPT_SALT"] else None


def read_input(name: str) -> bytes:
    """The content of a file, or of standard input. Raises VaultError."""
    if name != STANDARD:
        return read_whole(Path(name))
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise VaultError(f"Standard input is larger than {MOST_BYTES // 2**20} MB")
    return data


def write_output(name: str, content: bytes, *, private: bool = False, wipe: bool = False) -> None:
    """Write a file, or to standard output. Raises VaultError."""
    if name == STANDARD:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    replace_file(Path(name), content, private=private, wipe=wipe)


def encrypt_files(names: Sequence[str], output: str | None, secret: VaultSecret, salt: bytes | None) -> None:
    """Seal each file in its place, or into `output`; plain text that is replaced is overwritten. Raises VaultError."""
    for name in names:
        plain = read_input(name)
        if is_vaulted(plain):
            raise VaultError("Input is already encrypted", source=Source(name), hint="`vault rekey` changes passwords")
        target = output or name
        _warn_of_other_names(target)
        write_output(target, seal(plain, secret, vault_id=secret.vault_id, salt=salt), wipe=True)


def decrypt_files(names: Sequence[str], output: str | None, opener: Opener) -> None:
    """Open each file in its place, or into `output`. Raises VaultError."""
    for name in names:
        write_output(output or name, opener.open(read_input(name), name).content, private=True)


def rekey_files(names: Sequence[str], opener: Opener, secret: VaultSecret, salt: bytes | None) -> None:
    """Seal each file anew; nothing is written unless every file opens. Raises VaultError."""
    opened = {name: opener.open(read_whole(Path(name)), name).content for name in names}
    for name, content in opened.items():
        replace_file(Path(name), seal(content, secret, vault_id=secret.vault_id, salt=salt))


def create_file(name: str, secret: VaultSecret, config: Config) -> None:
    """Let somebody write a new file, and seal it. Raises VaultError when there is such a file."""
    path = Path(name)
    if path.exists():
        raise VaultError(f"{name} exists already", hint="change it with `vault edit`")
    if not path.parent.exists():
        warn(f"{path.parent} does not exist, creating...")
        _make_folder(path.parent)
    plain = edit_text(b"", str(config["EDITOR"]), path.name)
    if path.exists():
        raise VaultError(f"{name} was created by somebody else meanwhile", hint="nothing was written")
    replace_file(path, seal(plain, secret, vault_id=secret.vault_id, salt=vault_salt(config)))


def edit_files(names: Sequence[str], opener: Opener, config: Config) -> None:
    """Let somebody change each file; it keeps its vault id, password and mode. Raises VaultError."""
    for name in names:
        path = Path(name)
        data = read_whole(path)
        opened = opener.open(data, name)
        plain = edit_text(opened.content, str(config["EDITOR"]), Path(os.path.realpath(path)).name)
        if plain == opened.content:
            continue
        secret = _fitting(opener, data, opened)
        replace_file(path, seal(plain, secret, vault_id=parse_envelope(data).vault_id, salt=vault_salt(config)))


def view_files(names: Sequence[str], opener: Opener, pager: str, *, plain: bool) -> None:
    """Show the text of files, on a terminal with a pager; `plain`: also of those that are not vaulted."""
    for name in names:
        data = read_input(name)
        content = data if plain and not is_vaulted(data) else opener.open(data, name).content
        _show(content if content.endswith(b"\n") or not content else content + b"\n", pager)


def _fitting(opener: Opener, data: bytes, opened: Opened) -> VaultSecret:
    """The very password that opened the data: several may have one id."""
    for secret in opener.secrets:
        if secret.vault_id == opened.vault_id and _opens(data, secret):
            return secret
    raise VaultError(f"There is no password for the vault id {opened.vault_id!r}")


def _opens(data: bytes, secret: VaultSecret) -> bool:
    try:
        identify(data, [secret])
    except VaultError:
        return False
    return True


def _show(content: bytes, pager: str) -> None:
    argv = _pager(pager) if sys.stdout.isatty() else []
    if not argv:
        write_output(STANDARD, content)
        return
    # less: leave at once when it all fits, keep colours, leave the text on the screen
    subprocess.run(argv, input=content, check=False, env={"LESS": "FRX", **os.environ})


def _pager(command: str) -> list[str]:
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"The pager's command is not clear: {command!r} ({error})") from error
    return argv if argv and shutil.which(argv[0]) else []


def _make_folder(folder: Path) -> None:
    try:
        make_private(folder)
    except OSError as error:
        raise VaultError(f"Cannot make the folder: {error.strerror}", source=Source(str(folder))) from error


def _warn_of_other_names(name: str) -> None:
    """Other names of a file go on holding its plain text."""
    path = Path(os.path.realpath(name))
    if name != STANDARD and path.is_file() and path.stat().st_nlink > 1:
        warn(f"{name} has other names (hard links), which still hold the plain text")
