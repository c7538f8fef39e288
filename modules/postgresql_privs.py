"""Privileges in PostgreSQL."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Secret, Warn
from confman.kit.pggrants import access_query, complete, grant_statements, parse_privs
from confman.kit.postgres import Server, check_input, compose, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Generator

_IMPLICIT = ("PUBLIC", "CURRENT_USER", "SESSION_USER", "CURRENT_ROLE")


def postgresql_privs(
    roles: Annotated[str, "role"],
    login_db: Annotated[str, "db", "database"],
    privs: Annotated[str | None, "priv"] = None,
    objs: Annotated[str | None, "obj"] = None,
    type: Literal[
        "database",
        "default_privs",
        "foreign_data_wrapper",
        "foreign_server",
        "function",
        "group",
        "language",
        "table",
        "tablespace",
        "schema",
        "sequence",
        "type",
        "procedure",
        "parameter",
    ] = "table",
    schema: str | None = None,
    state: Literal["absent", "present"] = "present",
    grant_option: Annotated[bool | None, "admin_option"] = None,
    target_roles: str | None = None,
    fail_on_role: bool = True,
    session_role: str | None = None,
    trust_input: bool = True,
    login_host: Annotated[str, "host"] = "",
    login_user: Annotated[str, "login"] = "postgres",
    login_password: Annotated[str, Secret] = "",
    login_port: Annotated[int, "port"] = 5432,
    login_unix_socket: Annotated[str, "unix_socket"] = "",
    ssl_mode: Literal["allow", "disable", "prefer", "require", "verify-ca", "verify-full"] = "prefer",
    ca_cert: Annotated[str | None, "ssl_rootcert"] = None,
    ssl_cert: Path | None = None,
    ssl_key: Path | None = None,
    connect_params: dict[str, Any] | None = None,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Grant privileges on objects of a PostgreSQL database, or revoke them. Needs psql, and no library.

    What would change is found out by the server: the statements are tried in a transaction that is rolled back.

    Args:
        roles: To whom, with commas; PUBLIC is everybody.
        login_db: The database.
        privs: The privileges, with commas: SELECT,INSERT; ALL. None for the type group.
        objs: The objects, with commas; ALL_IN_SCHEMA for tables, sequences, functions and procedures; functions with
            the types of their arguments between colons: add(int:int). For default_privs TABLES, SEQUENCES,
            FUNCTIONS, TYPES, SCHEMAS or ALL_DEFAULT. For databases, by default the one that is connected to.
        type: What kind of objects. group: roles, which the others become members of.
        schema: Where they are; default public. not-specified: no schema.
        state: Whether the privileges shall be there.
        grant_option: Whether the roles may pass them on; if not said, that stays as it is.
        target_roles: For default_privs, whose new objects are meant.
        fail_on_role: Fail for roles that do not exist, instead of leaving them out with a warning.
        session_role: Become this role after the login.
        trust_input: If not, names that look like SQL are refused. They are quoted in any case.
        login_host: The server; by default, the one on this host, by its socket.
        login_user: Who logs in.
        login_password: His password.
        login_port: The server's port.
        login_unix_socket: The folder of the server's socket.
        ssl_mode: How far TLS is asked for.
        ca_cert: The file with the authorities that may vouch for the server.
        ssl_cert: The client's certificate.
        ssl_key: Its key.
        connect_params: Further parameters of the connection, as libpq has them.

    Returns:
        queries: The statements.

    Examples:
        - postgresql_privs:
            login_db: library
            privs: SELECT,INSERT,UPDATE
            objs: books,authors
            roles: librarian,reader
            grant_option: true
        - postgresql_privs:
            login_db: library
            privs: ALL
            type: database
            roles: owner
        - postgresql_privs:
            login_db: library
            type: group
            objs: staff
            roles: alice
            state: absent

    Platforms: any with psql.
    """
    if not trust_input:
        check_input([roles, target_roles, session_role, schema])
    wish = SimpleNamespace(**locals())
    complete(wish)
    words = parse_privs(privs)
    server = Server(wish)
    known = _known(server, wish)
    wish.grantees = [_grantee(name) for name, is_one in known.items() if is_one]
    for name in [name for name, is_one in known.items() if not is_one]:
        if fail_on_role:
            raise Failure("Role '{}' does not exist".format(name), role=name, _lacks=name)
        yield Warn("Role '{}' does not exist: it is left out".format(name))
    statements = grant_statements(wish, words) if wish.grantees else []
    before, after = _tried(server, wish, statements)
    if before != after:
        yield Change(
            "postgresql privileges",
            "{} of {}".format(wish.objs, roles),
            before=before,
            after=after,
            do=lambda: _act(server, wish, statements),
            diff={"before": before, "after": after},
        )
    return {"queries": statements}


def _grantee(name: str) -> str:
    return name.upper() if name.upper() in _IMPLICIT else identifier(name)


def _known(server: Server, wish: Any) -> dict[str, bool]:
    """Which of the roles there are."""
    names = [name.strip() for name in wish.roles.split(",") if name.strip()]
    wanted = ", ".join(literal(name) for name in names)
    query = compose("SELECT rolname FROM pg_roles WHERE rolname IN ({})", wanted)
    found = {row["rolname"] for row in server.rows(wish.login_db, query, "cannot look for the roles")}
    return {name: name in found or name.upper() in _IMPLICIT for name in names}


def _tried(server: Server, wish: Any, statements: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Who may do what before and after the statements, where that differs; nothing is kept of them."""
    if not statements:
        return {}, {}
    look = compose("SELECT coalesce(json_agg(found), '[]') FROM ({}) AS found;\n", access_query(wish))
    acts = "".join(text + ";\n" for text in statements)
    script = "BEGIN;\nSET LOCAL lock_timeout = '60s';\n{}{}{}ROLLBACK;\n".format(look, acts, look)
    out = server.do(wish.login_db, script, "cannot change the privileges on {}".format(wish.objs))
    decoder, place = json.JSONDecoder(), 0
    texts = []  # type: list[dict[str, str]]
    while len(texts) < 2:
        place = out.index("[", place)
        rows, place = decoder.raw_decode(out, place)
        texts.append({row["name"]: row["access"] or "" for row in rows})
    before, after = texts
    return _without_same(before, after), _without_same(after, before)


def _without_same(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    return {name: access for name, access in sorted(one.items()) if other.get(name, "") != access}


def _act(server: Server, wish: Any, statements: list[str]) -> dict[str, Any]:
    script = "BEGIN;\n{}COMMIT;\n".format("".join(text + ";\n" for text in statements))
    server.do(wish.login_db, script, "cannot change the privileges on {}".format(wish.objs))
    return {"queries": statements}
