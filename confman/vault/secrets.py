"""Where vault passwords come from: files, scripts, prompts and the keyring, named as `id@place`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from confman.errors import ConfmanError, VaultError
from confman.model.records import dataclass
from confman.model.source import Source
from confman.vault.envelope import DEFAULT_ID, is_vaulted
from confman.vault.keyrings import KEYRING, keyring_password
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
    """Where one password comes from.

    place: a path, `prompt`, what `--ask-vault-pass` stands for, or `keyring:` with a service and a user.
    named: whether the id was given; a client script is asked for such an id only.
    """

    vault_id: str
    place: str
    named: bool = True


def parse_vault_id(text: str, default: str = DEFAULT_ID) -> VaultPlace:
    """What `id@place` means; without an `@` the whole is the place and the id is `default`."""
    vault_id, at, place = text.partition("@")
    if not at:
        return VaultPlace(default, text, named=False)
    return VaultPlace(vault_id, place) if vault_id else VaultPlace(default, place, named=False)


def vault_places(
    vault_ids: Sequence[str] = (), password_files: Sequence[str] = (), *, ask: bool = False, default: str = DEFAULT_ID
) -> tuple[VaultPlace, ...]:
    """The places that the options `--vault-id`, `--vault-password-file` and `--ask-vault-pass` name, in order.

    default: the id of what has none.
    """
    places = [parse_vault_id(text, default) for text in vault_ids]
    places += [VaultPlace(default, path) for path in password_files]
    if ask:
        places.append(VaultPlace(default, ASKED))
    return tuple(places)


def gather_secrets(
    places: Sequence[VaultPlace], ask: Callable[[str], str], warn: Callable[[str], None], *, new: bool = False
) -> tuple[VaultSecret, ...]:
    """The passwords of all places, in order; a file may be vaulted itself, for a password that came before it.

    `ask` shows a prompt and returns what was typed. With `new`, prompts ask twice. A file or script that fails
    is a warning if another place gave a password. Raises VaultError when none did, and when a prompt fails.
    """
    secrets: list[VaultSecret] = []
    faults: list[tuple[str, VaultError]] = []
    for place in places:
        if place.place in {PROMPT, ASKED}:
            secrets.append(VaultSecret(place.vault_id, _prompted(place, ask, new=new)))
            continue
        stage = "Error getting vault password file"
        try:
            path = None if place.place.startswith(KEYRING) else password_path(place)
            stage = "Error in vault password file loading"
            password = (
                keyring_password(place.place, place.vault_id) if path is None else _password(path, place, secrets)
            )
            secrets.append(VaultSecret(place.vault_id, password))
        except VaultError as error:
            faults.append((f"{stage} ({place.vault_id})", error))
    if faults and not secrets:
        raise faults[0][1]
    for stage, fault in faults:
        warn(f"{stage}: {fault.message}: {fault.source}" if fault.source else f"{stage}: {fault.message}")
    return tuple(secrets)


def password_path(place: VaultPlace) -> Path:
    """The file or script that a place names. Raises VaultError when there is none, or a folder."""
    path = Path(os.path.expandvars(place.place)).expanduser().absolute()
    source = Source(str(path))
    if path.is_dir():
        raise VaultError("The vault password file is a directory", source=source)
    if not path.exists():
        raise VaultError("The vault password file does not exist", source=source)
    return path


def _password(path: Path, place: VaultPlace, known: Sequence[VaultSecret]) -> bytes:
    wanted = place.vault_id if place.named else ""
    password = _run(path, wanted) if os.access(path, os.X_OK) else _read(path, known)
    if not password:
        raise VaultError("The vault password is empty", source=Source(str(path)))
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
    argv = [str(path), "--vault-id", vault_id] if client and vault_id else [str(path)]
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
    try:
        password = _asked(place, ask, new=new)
    except EOFError:
        raise VaultError(f"No vault password was typed (vault id {place.vault_id!r})") from None
    encoded = password.strip().encode("utf-8", "surrogateescape")
    if not encoded:
        raise VaultError(f"The vault password is empty (vault id {place.vault_id!r})")
    return encoded


def _asked(place: VaultPlace, ask: Callable[[str], str], *, new: bool) -> str:
    """What was typed. The prompts are those that programs wait for which answer them."""
    what = "Vault password" if place.place == ASKED else f"vault password ({place.vault_id})"
    if not new:
        return ask(f"{what[0].upper()}{what[1:]}: ")
    password = ask(f"New {what}: ")
    again = f"Confirm New {what}: " if place.place == ASKED else f"Confirm new {what}: "
    if ask(again) != password:
        raise VaultError(f"The two vault passwords differ (vault id {place.vault_id!r})")
    return password
