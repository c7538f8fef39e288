"""Filters that hash: checksums, and passwords for `/etc/shadow`."""

from __future__ import annotations

import hashlib
import importlib
import secrets
import string
from typing import Any

from confman.errors import TemplateError
from confman.model.records import dataclass
from confman.templating.filters.values import data, kind, text


def digest(value: Any, hashtype: str = "sha1") -> str:
    """The hash of a text in hexadecimal digits; hashtype: any that `hashlib` knows."""
    try:
        hasher = hashlib.new(hashtype)
    except (ValueError, TypeError) as error:
        raise TemplateError(f"hash: {error}", hint="e.g. md5, sha1, sha256, sha512") from error
    hasher.update(data(value))
    try:
        return hasher.hexdigest()
    except TypeError as error:  # shake_128 and shake_256 have no length of their own
        raise TemplateError(f"hash: {hashtype} needs a length, which this filter does not take") from error


def md5(value: Any) -> str:
    """The MD5 hash of a text."""
    return hashlib.md5(data(value), usedforsecurity=False).hexdigest()


def sha1(value: Any) -> str:
    """The SHA-1 hash of a text."""
    return hashlib.sha1(data(value), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way of hashing passwords: the size of a random salt, the rounds and the variant when none are given."""

    salt_size: int
    rounds: int | None = None
    ident: str | None = None


SCHEMES: dict[str, Scheme] = {
    "md5_crypt": Scheme(8),
    "bcrypt": Scheme(22, 12, "2b"),
    "sha256_crypt": Scheme(16, 535000),
    "sha512_crypt": Scheme(16, 656000),
}
_UNKNOWN = Scheme(8)
_SHORT = {"md5": "md5_crypt", "blowfish": "bcrypt", "sha256": "sha256_crypt", "sha512": "sha512_crypt"}
_SALT_CHARACTERS = string.ascii_letters + string.digits + "./"


def random_salt(size: int) -> str:
    """A random salt of so many characters."""
    return "".join(secrets.choice(_SALT_CHARACTERS) for _ in range(size))


def password_hash(
    password: Any,
    hashtype: str = "sha512",
    salt: Any = None,
    salt_size: int | None = None,
    rounds: int | None = None,
    ident: str | None = None,
) -> str:
    """A password hashed for `/etc/shadow`: sha512, sha256, blowfish (bcrypt) or md5. Without a salt, a random one."""
    scheme = _SHORT.get(hashtype, hashtype)
    if scheme not in SCHEMES:
        raise TemplateError(
            f"{hashtype} is not in the list of supported passlib algorithms", hint=f"one of {', '.join(_SHORT)}"
        )
    return encrypt(password, scheme, salt=salt, salt_size=salt_size, rounds=rounds, ident=ident)


def encrypt(
    password: Any,
    scheme: str,
    *,
    salt: Any = None,
    salt_size: int | None = None,
    rounds: int | None = None,
    ident: str | None = None,
) -> str:
    """A password hashed by a scheme of `passlib.hash`. Raises TemplateError for what the scheme does not take."""
    if not isinstance(password, str | bytes):
        raise TemplateError(f"a password must be text, not {kind(password)}", hint="put it in quotes, or use | string")
    if salt_size is not None and type(salt_size) is not int:
        raise TemplateError("salt_size must be an integer")
    known = SCHEMES.get(scheme, _UNKNOWN)
    settings: dict[str, Any] = {"salt": _salt(scheme, salt), "salt_size": salt_size, "rounds": rounds or known.rounds}
    settings["ident"] = ident if ident and scheme == "bcrypt" else known.ident
    given = {name: value for name, value in settings.items() if value}
    try:
        handler = getattr(importlib.import_module("passlib.hash"), scheme)
        return str(handler.using(**given).hash(data(password)))
    except (AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise TemplateError(f"Could not hash the secret with {scheme}: {error}") from error


def _salt(scheme: str, salt: Any) -> str | None:
    if not salt:
        return None
    characters = text(salt)
    if scheme != "bcrypt":
        return characters
    # the last character holds bits that bcrypt does not use: they have to be zero
    binary = importlib.import_module("passlib.utils.binary")
    return str(binary.bcrypt64.repair_unused(characters))
