"""Hashes of passwords as web servers and the system's libraries write them: making them, and checking against them."""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import os
from base64 import b64decode, b64encode
from hmac import compare_digest

from confman.kit.change import Failure, Unsupported
from confman.kit.text import to_bytes, to_text

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ORDER = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
_APACHE, _LINUX = "$apr1$", "$1$"
_SYSTEM = {
    "bcrypt": lambda: "$2b$12$" + _word(22, _ALPHABET[:-1]) + ".",
    "sha256_crypt": lambda: "$5$" + _word(16),
    "sha512_crypt": lambda: "$6$" + _word(16),
    "des_crypt": lambda: _word(2),
}
_ALIASES = {
    "portable": "apr_md5_crypt",
    "portable_apache22": "apr_md5_crypt",
    "portable_apache24": "apr_md5_crypt",
    "portable_apache_22": "apr_md5_crypt",
    "portable_apache_24": "apr_md5_crypt",
    "host": "sha512_crypt",
    "host_apache22": "sha512_crypt",
    "host_apache24": "sha512_crypt",
    "host_apache_22": "sha512_crypt",
    "host_apache_24": "sha512_crypt",
    "linux_apache_24": "sha512_crypt",
}
SCHEMES = ("apr_md5_crypt", "md5_crypt", "ldap_sha1", "ldap_salted_sha1", "plaintext", *sorted(_SYSTEM))
"""Every way in which passwords can be hashed."""


def hash_password(password: str, scheme: str) -> str:
    """A password's hash, with a new salt. Raises Failure for a scheme that is not known, or not here."""
    scheme = _ALIASES.get(scheme, scheme)
    if scheme == "plaintext":
        return password
    if scheme == "ldap_sha1":
        return "{SHA}" + _base64(_sha1(password, b""))
    if scheme == "ldap_salted_sha1":
        salt = os.urandom(8)
        return "{SSHA}" + _base64(_sha1(password, salt) + salt)
    if scheme in ("apr_md5_crypt", "md5_crypt"):
        return md5_crypt(password, _word(8), _APACHE if scheme == "apr_md5_crypt" else _LINUX)
    if scheme not in _SYSTEM:
        raise Failure("there is no hash scheme {!r}: choose one of {}".format(scheme, ", ".join(SCHEMES)))
    made = _crypt(password, _SYSTEM[scheme]())
    if made is None:
        raise Unsupported("this system's libcrypt cannot make {} hashes: choose apr_md5_crypt".format(scheme))
    return made


def fits(password: str, hashed: str) -> bool:
    """Whether a hash is that of a password, whichever of the schemes it is of."""
    return compare_digest(to_bytes(_again(password, hashed)), to_bytes(hashed))


def _again(password: str, hashed: str) -> str:
    """The password hashed as `hashed` was; the password itself where that is no hash."""
    for magic in (_APACHE, _LINUX):
        if hashed.startswith(magic):
            return md5_crypt(password, hashed[len(magic) :].partition("$")[0], magic)
    if hashed.startswith("{SHA}"):
        return "{SHA}" + _base64(_sha1(password, b""))
    if hashed.startswith("{SSHA}"):
        return _salted(password, hashed)
    # bcrypt's 2y is 2b by another name, which some libraries do not know
    setting = "$2b" + hashed[3:] if hashed.startswith("$2y") else hashed
    if setting.startswith("$") or (len(setting) == 13 and set(setting) <= set(_ALPHABET)):
        made = _crypt(password, setting)
        return hashed if made == setting else password
    return password


def _salted(password: str, hashed: str) -> str:
    try:
        salt = b64decode(hashed[6:], validate=True)[20:]
    except ValueError:
        return password
    return "{SSHA}" + _base64(_sha1(password, salt) + salt)


def md5_crypt(password: str, salt: str, magic: str) -> str:
    """The hash by MD5 in a thousand rounds; magic: $1$, or $apr1$ for Apache's."""
    word, grain = to_bytes(password), to_bytes(salt[:8])
    inner = hashlib.md5(word + grain + word).digest()  # noqa: S324 - the format is what it is
    text = word + to_bytes(magic) + grain
    text += (inner * (len(word) // 16 + 1))[: len(word)]
    length = len(word)
    while length:
        text += b"\0" if length & 1 else word[:1]
        length >>= 1
    digest = hashlib.md5(text).digest()  # noqa: S324 - see above
    for number in range(1000):
        text = word if number & 1 else digest
        text += (grain if number % 3 else b"") + (word if number % 7 else b"")
        text += digest if number & 1 else word
        digest = hashlib.md5(text).digest()  # noqa: S324 - see above
    return magic + salt[:8] + "$" + _letters(digest)


def _letters(digest: bytes) -> str:
    words = [(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in _ORDER] + [(digest[11], 2)]
    return "".join(_ALPHABET[word >> 6 * at & 63] for word, count in words for at in range(count))


def _word(length: int, ending: str = _ALPHABET) -> str:
    return "".join(_ALPHABET[byte & 63] for byte in os.urandom(length - 1)) + ending[os.urandom(1)[0] % len(ending)]


def _sha1(password: str, salt: bytes) -> bytes:
    return hashlib.sha1(to_bytes(password) + salt).digest()  # noqa: S324 - see above


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _crypt(password: str, setting: str) -> str | None:
    """What the system's crypt(3) makes of a password; None where it does not know the kind, or is not there."""
    if "\0" in password:
        raise Failure("a password must not hold a NUL character")
    name = ctypes.util.find_library("crypt") or "libcrypt.so.1"
    try:
        function = ctypes.CDLL(name).crypt
    except (OSError, AttributeError):
        return None
    function.restype = ctypes.c_char_p
    function.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    made = function(to_bytes(password), to_bytes(setting))
    return None if not made or made.startswith(b"*") else to_text(made)
