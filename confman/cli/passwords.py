"""Passwords that people type or keep in files."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from confman.compat.config_values import expanded
from confman.errors import ConfmanError, UsageError, VaultError
from confman.model.source import Source
from confman.vault.programs import run_program
from confman.vault.secrets import gather_secrets, vault_places

if TYPE_CHECKING:
    from collections.abc import Callable

    from confman.compat.config import Config
    from confman.vault.opening import VaultSecret
    from confman.vault.secrets import VaultPlace

_MOST_BYTES = 64 * 1024
_SCRIPT_SECONDS = 600.0


def ask_secret(prompt: str) -> str:
    """What somebody types on the terminal, unseen; without a terminal, the next line of standard input.

    Raises UsageError when there is neither.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return _piped(prompt)
    os.close(terminal)
    try:
        return getpass.getpass(prompt)
    except EOFError:
        raise UsageError("No password was typed") from None


def _piped(prompt: str) -> str:
    """A line that a program writes to us, which sees the prompt as a person would."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline(_MOST_BYTES)
    sys.stderr.write("\n")
    if not line:
        raise UsageError(
            f"There is no terminal to ask on: {prompt.strip().rstrip(':')}",
            hint="give the password in a file: --connection-password-file, --become-password-file, "
            "--vault-password-file",
        )
    return line.rstrip("\r\n")


def connection_passwords(config: Config) -> tuple[str | None, str | None]:
    """The passwords to log in and to become another user, where they are to be asked for or read.

    Nothing typed for the second means the first. Raises UsageError.
    """
    login: str | None = None
    become: str | None = None
    if config["CONNECTION_PASSWORD_FILE"]:
        login = read_password_file(str(config["CONNECTION_PASSWORD_FILE"]))
    elif config["DEFAULT_ASK_PASS"]:
        login = ask_secret("SSH password: ")
    if config["BECOME_PASSWORD_FILE"]:
        become = read_password_file(str(config["BECOME_PASSWORD_FILE"]))
    elif config["DEFAULT_BECOME_ASK_PASS"]:
        method = str(config["DEFAULT_BECOME_METHOD"]).upper() if config.changed("DEFAULT_BECOME_METHOD") else "BECOME"
        shared = "[defaults to SSH password]" if login else ""
        become = ask_secret(f"{method} password{shared}: ") or login
    return login, become


def read_password_file(name: str) -> str:
    """The password in a file, or the one that an executable file prints; "-" is standard input. Raises UsageError."""
    if name.rsplit("/", 1)[-1] == "-":
        data = sys.stdin.buffer.read(_MOST_BYTES)
    else:
        path = expanded(name).absolute()
        data = _of_script(path) if path.is_file() and os.access(path, os.X_OK) else _of_file(path)
    password = data.decode("utf-8", "surrogateescape").strip()
    if not password:
        raise UsageError("The password file is empty", source=Source(name))
    return password


def _of_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(f"Cannot read the password file: {error.strerror}", source=Source(str(path))) from error


def _of_script(path: Path) -> bytes:
    source = Source(str(path))
    try:
        output = run_program([str(path)], timeout=_SCRIPT_SECONDS, terminal=True, most=_MOST_BYTES)
    except ConfmanError as error:
        hint = "if it is no script, take its executable bit away"
        raise UsageError(f"{error.message} (password script)", source=source, hint=hint) from error
    if output.status != 0:
        raise UsageError(f"The password script ended with status {output.status}", source=source)
    return output.stdout


def vault_secrets(
    config: Config, vault_ids: tuple[str, ...], files: tuple[str, ...], warn: Callable[[str], None]
) -> tuple[VaultSecret, ...]:
    """The vault passwords that options and configuration name. Raises VaultError, UsageError."""
    return gather_secrets(configured_places(config, vault_ids, files), ask_vault_password, warn)


def configured_places(
    config: Config, vault_ids: tuple[str, ...] = (), files: tuple[str, ...] = (), *, ask: bool = False
) -> tuple[VaultPlace, ...]:
    """Where vault passwords come from: the configuration's ids, the options' ids and files, its file, the prompt.

    With `ask` there is a prompt if nothing else is named.
    """
    ids = [*map(str, config["DEFAULT_VAULT_IDENTITY_LIST"]), *vault_ids]
    default = config["DEFAULT_VAULT_PASSWORD_FILE"]
    paths = [*files, *([str(default)] if default else [])]
    asked = bool(config["DEFAULT_ASK_VAULT_PASS"]) or (ask and not ids and not paths)
    return vault_places(ids, paths, ask=asked, default=str(config["DEFAULT_VAULT_IDENTITY"]))


def ask_vault_password(prompt: str) -> str:
    """What somebody types on the terminal, unseen. Raises VaultError when there is nobody to type."""
    try:
        return ask_secret(prompt)
    except UsageError as error:
        raise VaultError(error.message, hint=error.hint) from error
