"""Databases of PostgreSQL: what there is, and the statements that make one as it is asked for.

A wish has the parameters of postgresql_db as attributes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.postgres import compose, identifier, literal

if TYPE_CHECKING:
    from confman.kit.postgres import Server

_FIXED = ("encoding", "lc_collate", "lc_ctype", "icu_locale", "locale_provider")
_LOOK = (
    "SELECT r.rolname AS owner, pg_encoding_to_char(d.encoding) AS encoding, {} AS same_encoding,"
    " d.datcollate AS lc_collate, d.datctype AS lc_ctype, {} d.datconnlimit::text AS conn_limit,"
    " s.spcname AS tablespace, coalesce(shobj_description(d.oid, 'pg_database'), '') AS comment"
    " FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba JOIN pg_tablespace s ON s.oid = d.dattablespace"
    " WHERE d.datname = {}"
)
_PROVIDER = "CASE d.datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END AS locale_provider, d.{} AS icu_locale,"


def look_for(server: Server, database: str, name: str, encoding: str) -> dict[str, Any] | None:
    """A database as the catalogue has it; None: there is none. Raises Failure when the server cannot be asked."""
    version = server.version(database)
    column = "datlocale" if version >= 170000 else "daticulocale"
    locale = compose(_PROVIDER, column) if version >= 150000 else ""
    same = "d.encoding = pg_char_to_encoding({})".format(literal(encoding)) if encoding else "true"
    rows = server.rows(
        database, compose(_LOOK, same, locale, literal(name)), "cannot look for the database {}".format(name)
    )
    return rows[0] if rows else None


def refuse_other_locale(wish: Any, have: dict[str, Any]) -> None:
    """Raise Failure when what can only be chosen for a new database differs."""
    for key in _FIXED:
        wanted = getattr(wish, key)
        differs = not have["same_encoding"] if key == "encoding" else wanted != (have.get(key) or "")
        if wanted and differs:
            raise Failure(
                "Changing {} of the database {} is not supported: it is {}; make a new one".format(
                    key, wish.name, have.get(key)
                )
            )


def create_database(wish: Any) -> list[str]:
    """The statements that make a database."""
    words = ["CREATE DATABASE {}".format(identifier(wish.name))]
    for word, name, make in (
        ("OWNER", wish.owner, identifier),
        ("TEMPLATE", wish.template, identifier),
        ("ENCODING", wish.encoding, literal),
        ("LC_COLLATE", wish.lc_collate, literal),
        ("LC_CTYPE", wish.lc_ctype, literal),
        ("ICU_LOCALE", wish.icu_locale, literal),
        ("LOCALE_PROVIDER", wish.locale_provider, literal),
        ("TABLESPACE", wish.tablespace, identifier),
        ("CONNECTION LIMIT", wish.conn_limit, _number),
    ):
        if name:
            words.append("{} {}".format(word, make(name)))
    remark = [_remark(wish)] if wish.comment else []
    return [" ".join(words), *remark]


def alter_database(wish: Any, have: dict[str, Any]) -> list[str]:
    """The statements that give a database what it lacks of what can be changed."""
    alter = "ALTER DATABASE {}".format(identifier(wish.name))
    found = []
    for key, words, make in (
        ("owner", "OWNER TO", identifier),
        ("conn_limit", "CONNECTION LIMIT", _number),
        ("tablespace", "SET TABLESPACE", identifier),
    ):
        wanted = getattr(wish, key)
        if wanted and wanted != have[key]:
            found.append("{} {} {}".format(alter, words, make(wanted)))
    if wish.comment is not None and wish.comment != have["comment"]:
        found.append(_remark(wish))
    return found


def drop_database(wish: Any, version: int) -> list[str]:
    """The statements that remove a database, and with `force` whoever uses it. version: the server's."""
    drop = "DROP DATABASE {}".format(identifier(wish.name))
    if not wish.force:
        return [drop]
    if version >= 130000:
        return [drop + " WITH (FORCE)"]
    name = literal(wish.name)
    return [
        compose("UPDATE pg_database SET datallowconn = false WHERE datname = {}", name),
        compose("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}", name),
        drop,
    ]


def _remark(wish: Any) -> str:
    return "COMMENT ON DATABASE {} IS {}".format(identifier(wish.name), literal(wish.comment))


def _number(text: str) -> str:
    try:
        return str(int(text))
    except ValueError:
        raise Failure("conn_limit must be a number, not {!r}".format(text)) from None
