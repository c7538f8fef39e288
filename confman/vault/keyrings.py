"""Vault passwords in the keyring of the desktop, by the package `keyring` where it is installed."""

from __future__ import annotations

import importlib

from confman.errors import VaultError

KEYRING = "keyring:"
"""What a place begins with whose password is in the keyring: `keyring:`, `keyring:SERVICE`, `keyring:SERVICE/USER`."""
SERVICE = "confman"
"""The service when a place names none."""


def keyring_password(place: str, vault_id: str) -> bytes:
    """The password in the keyring; its user is the vault id unless the place names one. Raises VaultError."""
    service, slash, user = place.removeprefix(KEYRING).partition("/")
    service, user = service or SERVICE, user if slash else vault_id
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        hint = "install the Python package keyring, or name a file or a script"
        raise VaultError("The package keyring is not installed", hint=hint) from None
    try:
        password = keyring.get_password(service, user)
    except Exception as error:  # back ends of keyrings raise what they like
        raise VaultError(f"The keyring cannot be read: {type(error).__name__}: {error}") from error
    if not password:
        hint = f"put it there with: keyring set {service} {user}"
        raise VaultError(f"The keyring has no password of {user!r} for {service!r}", hint=hint)
    return str(password).encode()
