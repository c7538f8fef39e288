"""Where vault passwords come from: files, scripts and prompts, named as `id@place`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import ConfmanError, VaultError
from confman.model.source import Source
from confman.vault.envelope import DEFAULT_ID, is_vaulted
from confman.vault.opening import VaultSecret, open_vault
from confman.vault.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROMPT = "prompt"
ASKED = "prompt_ask_vault_pass"
"""The place that `--ask-vault-pass` stands for: its prompt does not name an id."""
SCRIPT_TIMEOUT = 600.0
"""Seconds that a password script has: it may be waiting for somebody to unlock a keyring."""

_MOST_BYTES = 1024 * 1024
_UNKNOWN_ID = 2
"""The exit status with which a client script says that it has no password for this id."""


@dataclass(frozen=True, slots=True)
class VaultPlace:
    """Where one password comes from: `place` is a path, `prompt`, or what `--ask-vault-pass` stands for."""

    vault_id: str
    place: str


def parse_vault_id(text: str) -> VaultPlace:
    """What `id@place` means; without an `@` the whole is the place and the id is "default"."""
    vault_id, at, place = text.partition("@")
    return VaultPlace(vault_id or DEFAULT_ID, place) if at else VaultPlace(DEFAULT_ID, text)


def vault_places(
    vault_ids: Sequence[str] = (), password_files: Sequence[str] = (), *, ask: bool = False
) -> tuple[VaultPlace, ...]:
    """The places that the options `--vault-id`, `--vault-password-file` and `--ask-vault-pass` name, in order."""
    places = [parse_vault_id(text) for text in vault_ids]
    places += [VaultPlace(DEFAULT_ID, path) for path in password_files]
    if ask:
        places.append(VaultPlace(DEFAULT_ID, ASKED))
    return tuple(places)


def gather_secrets(
    places: Sequence[VaultPlace], ask: Callable[[str], str], warn: Callable[[str], None], *, new: bool = False
) -> tuple[VaultSecret, ...]:
    """The passwords of all places, in order; a file may be vaulted itself, for a password that came before it.

    `ask` shows a prompt and returns what was typed. With `new`, prompts ask twice. A file or script that fails
    is a warning if another place gave a password. Raises VaultError when none did, and when a prompt fails.
    """
    secrets: list[VaultSecret] = []
    faults: list[VaultError] = []
    for place in places:
        if place.place in {PROMPT, ASKED}:
            secrets.append(VaultSecret(place.vault_id, _prompted(place, ask, new=new)))
            continue
        try:
            secrets.append(VaultSecret(place.vault_id, read_password(place, secrets)))
        except VaultError as error:
            faults.append(error)
    if faults and not secrets:
        raise faults[0]
    for fault in faults:
        warn(f"{fault.source}: {fault.message}")
    return tuple(secrets)


def read_password(place: VaultPlace, known: Sequence[VaultSecret] = ()) -> bytes:
    """The password of a file, or the one that an executable file prints.

    A script whose name ends in `-client` (before the extension) is told which id is wanted. Raises VaultError
    when there is no password.
    """
    path = Path(os.path.expandvars(place.place)).expanduser().absolute()
    source = Source(str(path))
    if path.is_dir():
        raise VaultError("The vault password file is a directory", source=source)
    if not path.exists():
        raise VaultError("The vault password file does not exist", source=source)
    password = _run(path, place.vault_id) if os.access(path, os.X_OK) else _read(path, known)
    if not password:
        raise VaultError("The vault password is empty", source=source)
    return password


def _read(path: Path, known: Sequence[VaultSecret]) -> bytes:
    source = Source(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1).strip()
    except OSError as error:
        raise VaultError(f"Cannot read the vault password file: {error.strerror}", source=source) from error
    if len(content) > _MOST_BYTES:
        raise VaultError("The vault password file is larger than 1 MB", source=source)
    return open_vault(content, known, source=source).strip(b"\r\n") if is_vaulted(content) else content


def _run(path: Path, vault_id: str) -> bytes:
    source = Source(str(path))
    client = path.stem.endswith("-client")
    argv = [str(path), "--vault-id", vault_id] if client else [str(path)]
    try:
        output = run_program(argv, timeout=SCRIPT_TIMEOUT, terminal=True, most=_MOST_BYTES)
    except ConfmanError as error:
        hint = "if it is no script, take its executable bit away"
        raise VaultError(f"{error.message} (vault password script)", source=source, hint=hint) from error
    if client and output.status == _UNKNOWN_ID:
        raise VaultError(f"The vault password script has no password for the vault id {vault_id!r}", source=source)
    if output.status != 0:
        raise VaultError(f"The vault password script ended with status {output.status}", source=source)
    return output.stdout.strip(b"\r\n")


def _prompted(place: VaultPlace, ask: Callable[[str], str], *, new: bool) -> bytes:
    name = "" if place.place == ASKED else f" ({place.vault_id})"
    try:
        if not new:
            password = ask(f"Vault password{name}: ")
        else:
            password = ask(f"New vault password{name}: ")
            if ask(f"Confirm new vault password{name}: ") != password:
                raise VaultError(f"The two vault passwords differ (vault id {place.vault_id!r})")
    except EOFError:
        raise VaultError(f"No vault password was typed (vault id {place.vault_id!r})") from None
    encoded = password.strip().encode("utf-8", "surrogateescape")
    if not encoded:
        raise VaultError(f"The vault password is empty (vault id {place.vault_id!r})")
    return encoded
