"""Opening and sealing: AES-256 in counter mode, HMAC-SHA256, keys by PBKDF2 from a password."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from confman.errors import VaultError
from confman.model.records import dataclass
from confman.vault.envelope import DEFAULT_ID, Envelope, format_envelope, is_vaulted, parse_envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confman.model.source import Source

_ROUNDS = 10_000
_KEY, _IV, _SALT = 32, 16, 32
_BLOCK_BITS = 128
_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class VaultSecret:
    """A vault password and the id under which it is known."""

    vault_id: str
    password: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """Opened data, and the id of the secret that fitted."""

    content: bytes = field(repr=False)
    vault_id: str


def open_vault(
    data: str | bytes, secrets: Sequence[VaultSecret], *, source: Source | None = None, only_matching: bool = False
) -> bytes:
    """The content of vaulted data; `identify` also tells which secret fitted."""
    return identify(data, secrets, source=source, only_matching=only_matching).content


def identify(
    data: str | bytes, secrets: Sequence[VaultSecret], *, source: Source | None = None, only_matching: bool = False
) -> Opened:
    """The content of vaulted data and the id of the secret that fitted.

    The secrets with the data's vault id are tried first, then the others, unless `only_matching`. Raises
    VaultError, at `source` and without the content, when the data is malformed or no secret fits.
    """
    try:
        envelope = parse_envelope(data)
    except VaultError as error:
        raise VaultError(error.message, source=source, hint=error.hint) from error
    vault_id = envelope.vault_id or DEFAULT_ID
    tried = [secret for secret in secrets if secret.vault_id == vault_id]
    if not only_matching:
        tried += [secret for secret in secrets if secret.vault_id != vault_id]
    for secret in tried:
        content = _decrypt(envelope, secret.password)
        if content is not None:
            return Opened(content, secret.vault_id)
    raise _no_fit(vault_id, tried, secrets, source)


def vault_opener(secrets: Sequence[VaultSecret], *, only_matching: bool = False) -> Callable[[str], str]:
    """What readers of documents take: a function from vaulted text to its content as text.

    It raises VaultError when no secret fits or the content is not UTF-8.
    """

    def opened(text: str) -> str:
        try:
            return open_vault(text, secrets, only_matching=only_matching).decode()
        except UnicodeDecodeError:
            raise VaultError("The vaulted content is not UTF-8 text") from None

    return opened


def seal(content: str | bytes, secret: VaultSecret, *, vault_id: str = "", salt: bytes | None = None) -> bytes:
    """Vaulted data that `secret` opens; with a `vault_id` other than "default" in format 1.2, else in 1.1.

    `salt` is for those who want the same result each time; by default it is random. Raises VaultError when the
    content is vaulted already, the password is empty or the id impossible.
    """
    plain = content.encode() if isinstance(content, str) else content
    if is_vaulted(plain):
        raise VaultError("The data is vaulted already")
    if not secret.password:
        raise VaultError("The vault password is empty")
    salt = salt or os.urandom(_SALT)
    key, mac_key, nonce = _keys(secret.password, salt)
    padder = PKCS7(_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).encryptor()
    ciphertext = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    digest = hmac.digest(mac_key, ciphertext, "sha256")
    return format_envelope(Envelope(salt, digest, ciphertext, vault_id))


def seal_with(content: bytes, password: bytes, vault_id: str, salt: bytes | None) -> bytes:
    """Vaulted data that a password opens. Raises VaultError as `seal` does."""
    return seal(content, VaultSecret(vault_id, password), vault_id=vault_id, salt=salt)


def open_with(content: bytes, password: bytes, vault_id: str) -> bytes:
    """What a password opens. Raises VaultError as `open_vault` does."""
    return open_vault(content, [VaultSecret(vault_id, password)])


def _decrypt(envelope: Envelope, password: bytes) -> bytes | None:
    """The content, or None if this is not the password."""
    key, mac_key, nonce = _keys(password, envelope.salt)
    if not hmac.compare_digest(hmac.digest(mac_key, envelope.ciphertext, "sha256"), envelope.digest):
        return None
    decryptor = Cipher(algorithms.AES(key), modes.CTR(nonce)).decryptor()
    padded = decryptor.update(envelope.ciphertext) + decryptor.finalize()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def _keys(password: bytes, salt: bytes) -> tuple[bytes, bytes, bytes]:
    """The keys for cipher and HMAC, and the first counter: remembered, for they cost milliseconds."""
    derived = hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 2 * _KEY + _IV)
    return derived[:_KEY], derived[_KEY : 2 * _KEY], derived[2 * _KEY :]


def _no_fit(
    vault_id: str, tried: Sequence[VaultSecret], secrets: Sequence[VaultSecret], source: Source | None
) -> VaultError:
    """The error; programs look for the words in it that say which case it is."""
    hint = "give the password with --vault-id, --vault-password-file or --ask-vault-pass"
    if not secrets:
        message = (
            f"Attempting to decrypt but no vault secrets found: there is no password for the vault id {vault_id!r}"
        )
        return VaultError(message, source=source, hint=hint)
    ids = ", ".join(dict.fromkeys(secret.vault_id for secret in tried)) or "none, for ids must match"
    message = "Decryption failed (no vault secrets were found that could decrypt)"
    message += f": the vault id is {vault_id!r}, tried: {ids}"
    hint = "another password is needed, or the data is damaged" if tried else hint
    return VaultError(message, source=source, hint=hint)


def encrypting_secret(secrets: Sequence[VaultSecret], wanted: str = "") -> VaultSecret:
    """The secret to seal with: the first one with the vault id `wanted`, or the first of all. Raises VaultError."""
    for secret in secrets:
        if not wanted or secret.vault_id == wanted:
            return secret
    known = [secret.vault_id for secret in secrets]
    raise VaultError(f"Did not find a match for --encrypt-vault-id={wanted} in the known vault-ids {known}")
