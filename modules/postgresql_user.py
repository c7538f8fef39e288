"""Users (roles) of PostgreSQL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Secret, Warn
from confman.kit.pgroles import HIDDEN, alter_role, create_role, parse_flags, role_settings
from confman.kit.postgres import Server, check_input, compose, identifier, literal, reason

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def postgresql_user(
    name: Annotated[str, "user"],
    password: Annotated[str | None, Secret] = None,
    state: Literal["absent", "present"] = "present",
    role_attr_flags: str = "",
    encrypted: bool = True,
    expires: str | None = None,
    conn_limit: int | None = None,
    no_password_changes: bool = False,
    fail_on_user: Annotated[bool, "fail_on_role"] = True,
    comment: str | None = None,
    configuration: dict[str, Any] | None = None,
    reset_unspecified_configuration: bool = False,
    quote_configuration_values: bool = True,
    session_role: str | None = None,
    trust_input: bool = True,
    login_db: Annotated[str, "db"] = "",
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
    """Keep a user of PostgreSQL, or have none. Needs the program psql, and no library.

    A stored password is compared by its hash; where the login may not read it, it is set on every run.

    Args:
        name: The user.
        password: The password, or its hash (md5..., SCRAM-SHA-256$...); "" takes it away.
        state: Whether there shall be such a user.
        role_attr_flags: What the user may do, with commas: LOGIN,CREATEDB,NOSUPERUSER.
        encrypted: Have the server hash the password; servers since 10 do nothing else.
        expires: When the password ends to be valid: "2030-12-31", infinity.
        conn_limit: How many connections at once; -1: any number.
        no_password_changes: Only keep the role_attr_flags of a user who is there.
        fail_on_user: Fail if a user cannot be removed, instead of leaving him.
        comment: A remark kept in the database; "" takes it away.
        configuration: Settings for the user's sessions, such as work_mem.
        reset_unspecified_configuration: Take away the user's settings that `configuration` does not name.
        quote_configuration_values: Take each setting for one text; if not, it is written as it is (lists).
        session_role: Become this role after the login.
        trust_input: If not, names that look like SQL are refused. They are quoted in any case.
        login_db: The database to connect to.
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
        queries: The statements, without passwords.
        user: The user.
        user_removed: Whether he was removed (state absent).

    Examples:
        - postgresql_user:
            name: app
            password: "{{ app_password }}"
            role_attr_flags: LOGIN,NOCREATEDB
          become: true
          become_user: postgres
        - postgresql_user:
            name: report
            expires: "2030-12-31"
            configuration: {work_mem: 16MB}
            login_host: db1.example.com
            login_user: admin
            login_password: "{{ admin_password }}"
            ssl_mode: verify-full
        - postgresql_user:
            name: old
            state: absent

    Platforms: any with psql.
    """
    wish = SimpleNamespace(**locals())
    wish.flags = parse_flags(role_attr_flags)
    if not trust_input:
        check_input([name, password, login_user, role_attr_flags, expires, session_role, comment])
    server = Server(wish)
    wish.database = login_db or "postgres"
    have = _look(server, wish)
    if state == "absent":
        if have:
            yield _drop(server, wish)
        return {"queries": [], "user": name, "user_removed": False}
    if have and have["rolpassword"] == HIDDEN and password is not None and not no_password_changes:
        yield Warn("the password of {} cannot be read by {}: it is set anew".format(name, login_user))
    yield from _changes(server, wish, have)
    return {"queries": [], "user": name}


def _look(server: Server, wish: Any) -> dict[str, Any] | None:
    """The role as the catalogue has it, with what else must be compared; None: there is none. Raises Failure."""
    what = "cannot look for the user {}".format(wish.name)
    readable = "SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS it"
    may_read = server.rows(wish.database, readable, what)[0]["it"]
    same_end = "r.rolvaliduntil = {}::timestamptz".format(literal(wish.expires)) if wish.expires else "true"
    query = compose(
        "SELECT r.*, {} AS rolpassword, current_setting('password_encryption') AS method, s.setconfig,"
        " shobj_description(r.oid, 'pg_authid') AS comment, {} AS same_end FROM {} r"
        " LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0 WHERE r.rolname = {}",
        "r.rolpassword" if may_read else literal(HIDDEN),
        same_end,
        "pg_authid" if may_read else "pg_roles",
        literal(wish.name),
    )
    rows = server.rows(wish.database, query, what)
    return rows[0] if rows else None


def _changes(server: Server, wish: Any, have: dict[str, Any] | None) -> Iterator[Change]:
    """The change that makes the user as asked, if any is needed."""
    statements = alter_role(wish, have) if have else [create_role(wish)]
    statements += role_settings(wish, have or {})
    if not statements:
        return
    shown = [text for _sql, text in statements]
    unreadable = bool(have) and "%(password)s" in shown[0] and (have or {}).get("rolpassword") == HIDDEN
    yield Change(
        "postgresql user",
        wish.name,
        before="present" if have else None,
        after=shown,
        do=lambda: _act(server, wish, statements),
        diff={"before": _state(have), "after": {"queries": shown}},
        once=unreadable,
    )


def _state(have: dict[str, Any] | None) -> dict[str, Any]:
    """What a diff shows of a user who is there."""
    return {key: value for key, value in (have or {}).items() if key.startswith("rol") and key != "rolpassword"}


def _act(server: Server, wish: Any, statements: list[tuple[str, str]]) -> dict[str, Any]:
    script = "BEGIN;\n{}COMMIT;\n".format("".join(sql + ";\n" for sql, _text in statements))
    server.do(wish.database, script, "cannot change the user {}".format(wish.name))
    return {"queries": [text for _sql, text in statements]}


def _drop(server: Server, wish: Any) -> Change:
    query = "DROP USER {}".format(identifier(wish.name))

    def act() -> dict[str, Any]:
        done = server.run(wish.database, query + ";\n")
        if done.rc == 0:
            return {"queries": [query], "user_removed": True}
        text = "Unable to remove user {}: {}".format(wish.name, reason(done))
        if wish.fail_on_user:
            raise Failure(text, user=wish.name)
        return {"queries": [query], "warnings": [text], "changed": False}

    # a user who is allowed to stay is no plan that failed
    return Change("postgresql user", wish.name, before="present", after=None, do=act, once=not wish.fail_on_user)
