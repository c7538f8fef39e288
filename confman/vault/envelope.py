"""The outer form of vaulted data: a header line, then hexadecimal digits in lines of 80."""

from __future__ import annotations

import binascii
import re

from confman.errors import VaultError
from confman.model.records import dataclass

HEADER = "$ANSIBLE_VAULT"
DEFAULT_ID = "default"
"""The vault id of what is sealed without one."""

_VERSIONS = ("1.1", "1.2")
_CIPHER = "AES256"
_WIDTH = 80
_BAD_ID = re.compile(r"[;\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sealed data, taken apart: `salt`, `digest` (HMAC) and `ciphertext` are bytes; `vault_id` is "" in format 1.1."""

    salt: bytes
    digest: bytes
    ciphertext: bytes
    vault_id: str = ""


def is_vaulted(data: str | bytes) -> bool:
    """Whether a text or a file's content says that it is vaulted."""
    return data.startswith(HEADER) if isinstance(data, str) else data.startswith(HEADER.encode())


def parse_envelope(data: str | bytes) -> Envelope:
    """The parts of vaulted data. Raises VaultError, without the content, when it is malformed."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    header, *lines = raw.splitlines() or [b""]
    vault_id = _vault_id(header.decode("utf-8", "surrogateescape"))
    body = _bytes(b"".join(line.strip() for line in lines))
    parts = body.split(b"\n", 2)
    if len(parts) != 3:
        raise VaultError("The vaulted data is incomplete", hint="it was cut, or its lines were changed")
    salt, digest, ciphertext = (_bytes(part) for part in parts)
    return Envelope(salt, digest, ciphertext, vault_id)


def format_envelope(envelope: Envelope) -> bytes:
    """Vaulted data, ending in a newline; format 1.2 if it has a vault id of its own. Raises VaultError for a bad id."""
    own_id = envelope.vault_id not in {"", DEFAULT_ID}
    header = [HEADER, "1.2" if own_id else "1.1", _CIPHER]
    if own_id:
        header.append(check_vault_id(envelope.vault_id))
    inner = b"\n".join(binascii.hexlify(part) for part in (envelope.salt, envelope.digest, envelope.ciphertext))
    digits = binascii.hexlify(inner).decode()
    lines = [digits[start : start + _WIDTH] for start in range(0, len(digits), _WIDTH)]
    return "\n".join([";".join(header), *lines, ""]).encode("utf-8", "surrogateescape")


def check_vault_id(vault_id: str) -> str:
    """The vault id, if it can stand in a header. Raises VaultError."""
    if _BAD_ID.search(vault_id):
        raise VaultError(f"A vault id has no spaces, semicolons or control characters: {vault_id!r}")
    return vault_id


def _vault_id(header: str) -> str:
    fields = [field.strip() for field in header.split(";")]
    if fields[0] != HEADER:
        raise VaultError("The data is not vaulted: its header is missing")
    if len(fields) < 3:
        raise VaultError("The vault header is incomplete", hint=f"it reads {HEADER};1.1;{_CIPHER}")
    if fields[1] not in _VERSIONS:
        raise VaultError(f"The vault format {fields[1]!r} is not known", hint=f"known formats: {', '.join(_VERSIONS)}")
    if fields[2] != _CIPHER:
        raise VaultError(f"The vault cipher {fields[2]!r} is not known", hint=f"the only cipher is {_CIPHER}")
    return fields[3] if len(fields) > 3 else ""


def _bytes(digits: bytes) -> bytes:
    try:
        return binascii.unhexlify(digits.decode("utf-8", "replace").encode("ascii", "replace"))
    except (binascii.Error, ValueError) as error:
        # programs look for these words, which tell an odd number of digits from something else than digits
        raise VaultError(f"The vaulted data is damaged: Vault format unhexlify error: {error}") from None
