"""Users of MySQL and MariaDB: as SHOW CREATE USER tells of them, and the statements that make one as asked for.

Statements are pairs: the SQL, and what is shown of it, which has no password in it. A wish has the parameters of
mysql_user as attributes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from confman.kit.change import Failure
from confman.kit.mysql import literal
from confman.kit.text import to_bytes

NATIVE = "mysql_native_password"
LIMITS = ("MAX_QUERIES_PER_HOUR", "MAX_UPDATES_PER_HOUR", "MAX_CONNECTIONS_PER_HOUR", "MAX_USER_CONNECTIONS")
"""What can be limited of a user; MAX_STATEMENT_TIME of MariaDB too."""
_STRING = r"'((?:[^'\\]|\\.|'')*)'"
_AUTH = re.compile(r"IDENTIFIED (?:WITH|VIA) ['`]?(\w+)['`]?(?: (?:AS|USING) " + _STRING + ")?", re.DOTALL)
_OLD_AUTH = re.compile(r"IDENTIFIED BY PASSWORD " + _STRING)
_SUBJECTS = re.compile(r"\b(SUBJECT|ISSUER|CIPHER) " + _STRING)
_LIMIT = re.compile(r"\b(MAX_\w+) (\d+(?:\.\d+)?)")
_EXPIRE = re.compile(r"PASSWORD EXPIRE(?: (NEVER|DEFAULT|INTERVAL (\d+) DAY))?")
_MASK = "'********'"


class Account:
    """What a server tells of a user: plugin, hash, what TLS must show, limits, lock, and how the password expires."""

    __slots__ = ("expire", "hash", "limits", "locked", "plugin", "requires")

    def __init__(self, text: str) -> None:
        self.plugin, self.hash = _login(text)
        rest = _OLD_AUTH.sub("", _AUTH.sub("", text))
        self.requires = _requires(rest)
        self.limits = {name: float(number) for name, number in _LIMIT.findall(rest)}
        self.locked = "ACCOUNT LOCK" in rest
        match = _EXPIRE.search(rest)
        self.expire = "default" if match is None else _expire(match.group(1), match.group(2))


def _login(text: str) -> tuple[str, str]:
    old, new = _OLD_AUTH.search(text), _AUTH.search(text)
    if old:
        return NATIVE, old.group(1)
    return (new.group(1), new.group(2) or "") if new else ("", "")


def _requires(text: str) -> Any:
    return dict(_SUBJECTS.findall(text)) or ("X509" if " X509" in text else "SSL" if " SSL" in text else "")


def _expire(word: str | None, days: str | None) -> str:
    return "now" if word is None else "interval " + days if days else word.lower()


def account_name(user: str, host: str) -> str:
    """A user as SQL has it."""
    return "{}@{}".format(literal(user), literal(host))


def native_hash(password: str) -> str:
    """A password as mysql_native_password keeps it."""
    inner = hashlib.sha1(to_bytes(password)).digest()  # noqa: S324 - the server's own format
    return "*" + hashlib.sha1(inner).hexdigest().upper()  # noqa: S324 - see above


def is_native_hash(text: str) -> bool:
    """Whether a text is a hash of that kind."""
    return bool(re.match(r"^\*[0-9A-Fa-f]{40}$", text))


def authentication(wish: Any) -> tuple[str, str] | None:
    """The part of CREATE or ALTER USER that says who may log in, and what is shown of it; None for nothing asked."""
    if wish.plugin:
        head = "IDENTIFIED WITH {}".format(_plugin(wish.plugin))
        if wish.plugin_hash_string:
            return "{} AS {}".format(head, literal(wish.plugin_hash_string)), "{} AS {}".format(head, _MASK)
        if wish.plugin_auth_string:
            form = {"pam": "{} USING {}", "ed25519": "{} USING PASSWORD({})"}.get(wish.plugin, "{} BY {}")
            return form.format(head, literal(wish.plugin_auth_string)), form.format(head, _MASK)
        return head, head
    if not wish.password:
        return None
    if wish.encrypted:
        if not is_native_hash(wish.password):
            raise Failure("encrypted was specified, but the password is no hash: it reads *SHA1(SHA1(password))")
        return "IDENTIFIED WITH {} AS {}".format(NATIVE, literal(wish.password)), "IDENTIFIED AS " + _MASK
    return "IDENTIFIED BY {}".format(literal(wish.password)), "IDENTIFIED BY " + _MASK


def _plugin(name: str) -> str:
    if not re.match(r"^\w+$", name):
        raise Failure("{!r} is no authentication plugin".format(name))
    return name


def is_authentication(wish: Any, have: Account) -> bool | None:
    """Whether a user logs in as asked; None where only an attempt can tell."""
    if wish.plugin:
        if have.plugin != wish.plugin:
            return False
        if wish.plugin_hash_string:
            return bool(have.hash == wish.plugin_hash_string)
        return None if wish.plugin_auth_string else True
    if not wish.password:
        return True
    wanted = wish.password if wish.encrypted else native_hash(wish.password)
    if have.plugin == NATIVE or wish.encrypted:
        return bool(have.hash.upper() == wanted.upper())
    return None


def requires_of(wish: Any) -> Any:
    """What TLS must show: "", SSL, X509, or a mapping of SUBJECT, ISSUER, CIPHER."""
    asked = {str(key).upper(): value for key, value in (wish.tls_requires or {}).items()}
    shown = {key: str(asked[key]) for key in ("SUBJECT", "ISSUER", "CIPHER") if key in asked}
    return shown or ("X509" if "X509" in asked else "SSL" if asked else "")


def _requires_text(wish: Any) -> str:
    wanted = requires_of(wish)
    if isinstance(wanted, dict):
        return "REQUIRE " + " AND ".join("{} {}".format(key, literal(value)) for key, value in sorted(wanted.items()))
    return "REQUIRE " + (wanted or "NONE")


def limits_of(wish: Any) -> dict[str, float]:
    """The limits that are asked for. Raises Failure."""
    found = {}
    for key, value in (wish.resource_limits or {}).items():
        name = str(key).upper()
        if name not in (*LIMITS, "MAX_STATEMENT_TIME"):
            raise Failure("resource_limits: {!r} cannot be limited; known: {}".format(key, ", ".join(LIMITS)))
        found[name] = float(value)
    return found


def settings(wish: Any, have: Account | None) -> list[str]:
    """The further parts of ALTER USER that a user lacks; `have` None: he is new."""
    there = have or Account("")
    parts = []
    if requires_of(wish) != there.requires:
        parts.append(_requires_text(wish))
    limits = {key: value for key, value in limits_of(wish).items() if value != there.limits.get(key, 0)}
    if limits:
        parts.append("WITH " + " ".join("{} {:g}".format(key, value) for key, value in sorted(limits.items())))
    expire = expire_of(wish)
    if expire not in ("", there.expire):
        words = {"now": "", "never": " NEVER", "default": " DEFAULT"}
        parts.append("PASSWORD EXPIRE" + words.get(expire, " INTERVAL {} DAY".format(wish.password_expire_interval)))
    if wish.locked not in (None, there.locked):
        parts.append("ACCOUNT LOCK" if wish.locked else "ACCOUNT UNLOCK")
    return parts


def expire_of(wish: Any) -> str:
    """How the password shall expire; "": as it is. Raises Failure."""
    how, days = wish.password_expire, wish.password_expire_interval
    if how != "interval":
        return str(how or "")
    if not days or days < 1:
        raise Failure("password_expire_interval must be a positive number of days")
    return "interval {}".format(days)
