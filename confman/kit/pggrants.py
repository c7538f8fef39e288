"""Privileges of PostgreSQL: the statements that grant or revoke them, and where they are to be seen.

A wish has the parameters of postgresql_privs as attributes; `grantees` are SQL.
"""

from __future__ import annotations

from typing import Any

from confman.kit.change import Failure
from confman.kit.postgres import compose, identifier, literal, qualified

PRIVILEGES = frozenset(
    """SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER CREATE CONNECT TEMPORARY TEMP EXECUTE USAGE ALL
    SET MAINTAIN""".split()
) | {"ALTER SYSTEM", "ALL PRIVILEGES"}
_DEFAULTS = {
    "TABLES": {"ALL", "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"},
    "SEQUENCES": {"ALL", "SELECT", "UPDATE", "USAGE"},
    "FUNCTIONS": {"ALL", "EXECUTE"},
    "TYPES": {"ALL", "USAGE"},
    "SCHEMAS": {"CREATE", "USAGE", "ALL"},
}
IN_SCHEMA = ("table", "sequence", "function", "procedure", "type", "default_privs")
"""Types of objects that lie in a schema."""
_WHOLE = ("table", "sequence", "function", "procedure")
_WORDS = {"foreign_data_wrapper": "FOREIGN DATA WRAPPER", "foreign_server": "FOREIGN SERVER"}
# where the access list of each type of object is: its catalogue, name, access list and a condition
_LISTS = {
    "table": ("pg_class", "oid::regclass::text", "relacl", "relkind IN ('r', 'v', 'm', 'f', 'p')"),
    "sequence": ("pg_class", "oid::regclass::text", "relacl", "relkind = 'S'"),
    "function": ("pg_proc", "oid::regprocedure::text", "proacl", "true"),
    "procedure": ("pg_proc", "oid::regprocedure::text", "proacl", "true"),
    "schema": ("pg_namespace", "nspname", "nspacl", "true"),
    "database": ("pg_database", "datname", "datacl", "true"),
    "language": ("pg_language", "lanname", "lanacl", "true"),
    "tablespace": ("pg_tablespace", "spcname", "spcacl", "true"),
    "type": ("pg_type", "oid::regtype::text", "typacl", "true"),
    "foreign_data_wrapper": ("pg_foreign_data_wrapper", "fdwname", "fdwacl", "true"),
    "foreign_server": ("pg_foreign_server", "srvname", "srvacl", "true"),
    "parameter": ("pg_parameter_acl", "parname", "paracl", "true"),
    "default_privs": (
        "pg_default_acl",
        "defaclrole::regrole::text || ' ' || defaclobjtype::text || ' ' || defaclnamespace::regnamespace::text",
        "defaclacl",
        "true",
    ),
}


def complete(wish: Any) -> None:
    """Give a wish the defaults of its type. Raises Failure for combinations of parameters that mean nothing."""
    if wish.schema == "not-specified":
        wish.schema = None
    elif wish.type in IN_SCHEMA:
        wish.schema = wish.schema or "public"
    if wish.type == "database":
        wish.objs = wish.objs or wish.login_db
    _check(wish)


def _check(wish: Any) -> None:
    if wish.type not in IN_SCHEMA and wish.schema:
        raise Failure('schema is not allowed for type "{}"'.format(wish.type))
    if wish.objs == "ALL_IN_SCHEMA" and wish.type not in _WHOLE:
        raise Failure("objs: ALL_IN_SCHEMA is for the types {} only".format(", ".join(_WHOLE)))
    if not wish.objs:
        raise Failure('objs is required for type "{}"'.format(wish.type))
    if wish.type == "group" and wish.privs:
        raise Failure('privs is not allowed for type "group"')
    if wish.type != "group" and not wish.privs:
        raise Failure('privs is required for type "{}"'.format(wish.type))


def parse_privs(text: str | None) -> list[str]:
    """The privileges of a text with commas. Raises Failure for what is none."""
    found = sorted({word.strip().upper() for word in (text or "").split(",") if word.strip()})
    unknown = [word for word in found if word not in PRIVILEGES]
    if unknown:
        raise Failure("Invalid privileges specified: {}".format(", ".join(unknown)))
    return found


def grant_statements(wish: Any, privs: list[str]) -> list[str]:
    """What gives the grantees what is asked for, or takes it."""
    who = ", ".join(wish.grantees)
    if wish.type == "default_privs":
        return _default_statements(wish, privs, who)
    if wish.type == "group":
        what = ", ".join(identifier(each) for each in _names(wish))
        return _group_statements(wish, what, who)
    what = "{} ON {}".format(", ".join(privs), _objects(wish))
    if wish.state == "absent":
        return ["REVOKE {} FROM {}".format(what, who)]
    if wish.grant_option is False:
        return ["GRANT {} TO {}".format(what, who), "REVOKE GRANT OPTION FOR {} FROM {}".format(what, who)]
    return ["GRANT {} TO {}{}".format(what, who, " WITH GRANT OPTION" if wish.grant_option else "")]


def _group_statements(wish: Any, what: str, who: str) -> list[str]:
    if wish.state == "absent":
        return ["REVOKE {} FROM {}".format(what, who)]
    if wish.grant_option is False:
        return ["GRANT {} TO {}".format(what, who), "REVOKE ADMIN OPTION FOR {} FROM {}".format(what, who)]
    return ["GRANT {} TO {}{}".format(what, who, " WITH ADMIN OPTION" if wish.grant_option else "")]


def _default_statements(wish: Any, privs: list[str], who: str) -> list[str]:
    head = "ALTER DEFAULT PRIVILEGES"
    if wish.target_roles:
        head += " FOR ROLE " + ", ".join(identifier(name.strip()) for name in wish.target_roles.split(","))
    if wish.schema:
        head += " IN SCHEMA " + identifier(wish.schema)
    found = []
    for kind in _default_kinds(wish, privs):
        found.append("{} REVOKE ALL ON {} FROM {}".format(head, kind, who))
        if wish.state == "present":
            option = " WITH GRANT OPTION" if wish.grant_option else ""
            found.append("{} GRANT {} ON {} TO {}{}".format(head, ", ".join(privs), kind, who, option))
    return found


def _default_kinds(wish: Any, privs: list[str]) -> list[str]:
    if wish.objs == "ALL_DEFAULT":
        kinds = [kind for kind in _DEFAULTS if kind != "SCHEMAS"]
    else:
        kinds = [name.strip().upper() for name in wish.objs.split(",")]
    for kind in kinds:
        if kind not in _DEFAULTS:
            raise Failure("Invalid Object set specified: {}; known: {}".format(kind, ", ".join(_DEFAULTS)))
        wrong = [priv for priv in privs if priv not in _DEFAULTS[kind]]
        if wrong:
            raise Failure("Invalid priv specified: {} is nothing for {}".format(", ".join(wrong), kind))
    return kinds


def _names(wish: Any) -> list[str]:
    return [name.strip() for name in wish.objs.split(",")]


def _objects(wish: Any) -> str:
    """The objects as GRANT names them."""
    kind = wish.type.upper()
    if wish.objs == "ALL_IN_SCHEMA":
        return "ALL {}S IN SCHEMA {}".format(kind, identifier(wish.schema))
    if wish.type == "parameter":
        return "PARAMETER {}".format(", ".join(qualified(name) for name in _names(wish)))
    if wish.type in ("function", "procedure"):
        made = [_signature(name, wish.schema) for name in _names(wish)]
    elif wish.type in ("table", "sequence", "type") and wish.schema:
        made = [qualified(name, wish.schema) for name in _names(wish)]
    else:
        made = [identifier(name) for name in _names(wish)]
    return "{} {}".format(_WORDS.get(wish.type, kind), ", ".join(made))


def _signature(text: str, schema: str | None) -> str:
    """A function by its name and the types of its arguments, which colons separate: add(int:int)."""
    name, parenthesis, rest = text.partition("(")
    if not parenthesis or not rest.endswith(")"):
        raise Failure("Illegal function / procedure signature: {!r}; it reads name(type:type)".format(text))
    types = [part.strip() for part in rest[:-1].replace(":", ",").split(",")]
    for part in types:
        if not all(letter.isalnum() or letter in '_ .[]"' for letter in part):
            raise Failure("{!r} of {!r} is no type of an argument".format(part, text))
    return "{}({})".format(qualified(name, schema) if schema else identifier(name), ", ".join(types))


def access_query(wish: Any) -> str:
    """A query for who may do what with the objects of the type: rows of `name` and `access`."""
    if wish.type == "group":
        return (
            "SELECT m.roleid::regrole::text || ' ' || m.member::regrole::text AS name,"
            " m.admin_option::text AS access FROM pg_auth_members m"
        )
    table, name, column, condition = _LISTS[wish.type]
    if wish.schema and wish.type in _WHOLE:
        space = "relnamespace" if table == "pg_class" else "pronamespace"
        condition += " AND {}::regnamespace = {}::regnamespace".format(space, literal(identifier(wish.schema)))
    return compose("SELECT {} AS name, {}::text AS access FROM {} WHERE {}", name, column, table, condition)
