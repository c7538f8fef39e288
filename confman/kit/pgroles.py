"""Roles of PostgreSQL: the statements that make one as it is asked for.

Statements are pairs: the SQL, and what is shown of it, which has no password in it. A wish has the parameters of
postgresql_user as attributes, and `flags`; what there is, is the role's row of the catalogue.
"""

from __future__ import annotations

from typing import Any

from confman.kit.change import Failure
from confman.kit.pgpassword import is_stored
from confman.kit.postgres import identifier, literal

_FLAGS = {
    "SUPERUSER": "rolsuper",
    "CREATEROLE": "rolcreaterole",
    "CREATEUSER": "rolcreaterole",
    "CREATEDB": "rolcreatedb",
    "INHERIT": "rolinherit",
    "LOGIN": "rolcanlogin",
    "REPLICATION": "rolreplication",
    "BYPASSRLS": "rolbypassrls",
}
HIDDEN = "********"
"""What stands for a password that may not be read."""


def parse_flags(text: str) -> dict[str, bool]:
    """What the flags ask for, by their names. Raises Failure."""
    found = {}
    for word in filter(None, (part.strip().upper() for part in text.split(","))):
        name = word[2:] if word.startswith("NO") else word
        if name not in _FLAGS:
            raise Failure("Invalid role_attr_flags specified: {}; known: [NO]{}".format(word, ", [NO]".join(_FLAGS)))
        found[name] = not word.startswith("NO")
    return found


def create_role(wish: Any) -> tuple[str, str]:
    """The statement that makes a role."""
    words = ["CREATE USER {}".format(identifier(wish.name))]
    rest = _rest(wish)
    if not wish.password:
        sql = " ".join(words + (["WITH"] if rest else []) + rest)
        return sql, sql
    words.append(_password_words(wish))
    return " ".join([*words, literal(wish.password), *rest]), " ".join([*words, "%(password)s", *rest])


def _rest(wish: Any) -> list[str]:
    """The parts of CREATE and ALTER USER that are no password."""
    words = []
    if wish.expires is not None:
        words.append("VALID UNTIL {}".format(literal(wish.expires)))
    if wish.conn_limit is not None:
        words.append("CONNECTION LIMIT {}".format(wish.conn_limit))
    return words + _flag_words(wish)


def alter_role(wish: Any, have: dict[str, Any]) -> list[tuple[str, str]]:
    """The statement that gives a role what it lacks of the password, flags and limits that are asked for, if any."""
    keep = wish.no_password_changes
    password = not keep and _is_new_password(wish, have)
    if not (password or (not keep and _are_new_limits(wish, have)) or _are_new_flags(wish, have)):
        return []
    words = ["ALTER USER {}".format(identifier(wish.name))]
    rest = _flag_words(wish) if keep else _rest(wish)
    if password and wish.password:
        words.append(_password_words(wish))
        return [(" ".join([*words, literal(wish.password), *rest]), " ".join([*words, "%(password)s", *rest]))]
    words.append("WITH PASSWORD NULL" if password else "WITH")
    sql = " ".join(words + rest)
    return [(sql, sql)]


def _password_words(wish: Any) -> str:
    return "WITH {} PASSWORD".format("ENCRYPTED" if wish.encrypted else "UNENCRYPTED")


def _are_new_flags(wish: Any, have: dict[str, Any]) -> bool:
    return any(have.get(_FLAGS[flag]) != on for flag, on in wish.flags.items())


def _is_new_password(wish: Any, have: dict[str, Any]) -> bool:
    if wish.password is None:
        return False
    stored = have["rolpassword"]
    return stored == HIDDEN or not is_stored(wish.password, stored, wish.name, have["method"])


def _are_new_limits(wish: Any, have: dict[str, Any]) -> bool:
    limit = wish.conn_limit is not None and wish.conn_limit != have["rolconnlimit"]
    return limit or (wish.expires is not None and not have.get("same_end"))


def role_settings(wish: Any, have: dict[str, Any]) -> list[tuple[str, str]]:
    """The statements that give a role its settings and its remark."""
    wanted = {key: _text(value) for key, value in (wish.configuration or {}).items()}
    now = _settings_now(have)
    unwanted = sorted(set(now) - set(wanted)) if wish.reset_unspecified_configuration else []
    role = "ALTER ROLE {}".format(identifier(wish.name))
    texts = ["{} RESET {}".format(role, identifier(key)) for key in unwanted]
    make = literal if wish.quote_configuration_values else str
    new = [(key, value) for key, value in sorted(wanted.items()) if _plain(now.get(key)) != _plain(value)]
    texts += ["{} SET {} TO {}".format(role, identifier(key), make(value)) for key, value in new]
    return [(text, text) for text in texts + _remark(wish, have)]


def _plain(value: str | None) -> str | None:
    """A setting without the quotes and blanks that the server adds to lists."""
    return None if value is None else value.replace('"', "").replace("'", "").replace(", ", ",")


def _settings_now(have: dict[str, Any]) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in have.get("setconfig") or ())


def _remark(wish: Any, have: dict[str, Any]) -> list[str]:
    if wish.comment is None or wish.comment == (have.get("comment") or ""):
        return []
    return ["COMMENT ON ROLE {} IS {}".format(identifier(wish.name), literal(wish.comment))]


def _text(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _flag_words(wish: Any) -> list[str]:
    return [("" if on else "NO") + flag for flag, on in sorted(wish.flags.items())]
