"""Passwords as PostgreSQL keeps them: whether a stored one is the one that is asked for."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from base64 import b64decode
from hmac import compare_digest

from confman.kit.text import to_bytes

_SCRAM = re.compile(r"^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$")
_MD5 = re.compile(r"^md5[0-9a-f]{32}$")


def is_hash(password: str) -> bool:
    """Whether a password is given as its hash, which is then stored as it is."""
    return bool(_SCRAM.match(password) or _MD5.match(password))


def is_stored(password: str, stored: str | None, user: str, method: str) -> bool:
    """Whether `stored` is the password of the user, hashed as the server's `method` (md5, scram-sha-256) wants it."""
    if password == "" or stored is None:
        return password == "" and stored is None
    if is_hash(password):
        return compare_digest(password, stored)
    match = _SCRAM.match(stored)
    if match:
        return _scram(password, int(match.group(1)), match.group(2), match.group(4))
    if _MD5.match(stored) and method == "md5":
        wanted = hashlib.md5(to_bytes(password + user)).hexdigest()  # noqa: S324 - PostgreSQL's own format
        return compare_digest("md5" + wanted, stored)
    return compare_digest(to_bytes(password), to_bytes(stored))


def _scram(password: str, rounds: int, salt: str, server_key: str) -> bool:
    """RFC 5802: the server's key follows from the password."""
    normal = unicodedata.normalize("NFKC", password)
    salted = hashlib.pbkdf2_hmac("sha256", to_bytes(normal), b64decode(salt), rounds)
    return compare_digest(hmac.new(salted, b"Server Key", "sha256").digest(), b64decode(server_key))
