"""Which vault passwords the `vault` commands open and seal with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from confman.cli.passwords import ask_vault_password, configured_places
from confman.errors import UsageError
from confman.vault.opening import VaultSecret, encrypting_secret
from confman.vault.secrets import gather_secrets, vault_places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.compat.config import Config


def warn(text: str) -> None:
    """Show a warning on standard error."""
    click.echo(f"[WARNING]: {text}", err=True)


def opening_secrets(options: Mapping[str, Any], config: Config) -> tuple[VaultSecret, ...]:
    """The passwords to open with; somebody is asked when none is named. Raises ConfmanError."""
    return _gathered(options, config, new=False)


def sealing_secret(options: Mapping[str, Any], config: Config) -> VaultSecret:
    """The password to seal with, asked for twice when it is typed. Raises UsageError when it is not clear which."""
    secrets = _gathered(options, config, new=True)
    wanted = _wanted(options, config)
    if len(secrets) > 1 and not wanted:
        ids = ",".join(secret.vault_id for secret in secrets)
        raise UsageError(f"The vault-ids {ids} are available to encrypt", hint="choose one with --encrypt-vault-id")
    return encrypting_secret(secrets, wanted)


def new_secret(options: Mapping[str, Any], config: Config) -> VaultSecret:
    """The password that `rekey` seals with; somebody is asked when none is named. Raises ConfmanError."""
    wanted = _wanted(options, config)
    ids = [*(map(str, config["DEFAULT_VAULT_IDENTITY_LIST"]) if wanted else ())]
    ids += [options["new_vault_id"]] if options["new_vault_id"] else []
    file, default = options["new_vault_password_file"], config["DEFAULT_VAULT_PASSWORD_FILE"]
    files = [str(name) for name in (file, default) if name]
    places = vault_places(ids, files, ask=not (ids or files), default=str(config["DEFAULT_VAULT_IDENTITY"]))
    return encrypting_secret(gather_secrets(places, ask_vault_password, warn, new=True), wanted)


def _wanted(options: Mapping[str, Any], config: Config) -> str:
    return str(options["encrypt_vault_id"] or config["DEFAULT_VAULT_ENCRYPT_IDENTITY"] or "")


def _gathered(options: Mapping[str, Any], config: Config, *, new: bool) -> tuple[VaultSecret, ...]:
    for vault_id in options["vault_ids"]:
        if ";" in vault_id:
            raise UsageError(f"A vault id has no semicolon: {vault_id!r}")
    places = configured_places(config, options["vault_ids"], options["vault_password_files"], ask=True)
    return gather_secrets(places, ask_vault_password, warn, new=new)
