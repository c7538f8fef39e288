"""Databases of PostgreSQL."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Secret, rules
from confman.kit.pgdatabases import alter_database, create_database, drop_database, look_for, refuse_other_locale
from confman.kit.pgdumps import dump, restore
from confman.kit.postgres import Server, check_input, identifier

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(
    required_if=[("state", "rename", ("target",)), ("state", "dump", ("target",)), ("state", "restore", ("target",))]
)
def postgresql_db(
    name: Annotated[str, "db"],
    state: Literal["absent", "dump", "present", "rename", "restore"] = "present",
    owner: str = "",
    template: str = "",
    encoding: str = "",
    lc_collate: str = "",
    lc_ctype: str = "",
    icu_locale: str = "",
    locale_provider: str = "",
    conn_limit: str = "",
    tablespace: Path = "",
    comment: str | None = None,
    target: Path = "",
    target_opts: str = "",
    dump_extra_args: str | None = None,
    force: bool = False,
    maintenance_db: str = "postgres",
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
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a database of PostgreSQL, or have none; dump one, restore one, rename one. Needs psql, and no library.

    What cannot be changed of a database that is there (encoding, locale) and differs, is an error.

    Args:
        name: The database.
        state: present, absent; dump: write it to `target`; restore: read it from there; rename: to `target`.
        owner: Whose it is.
        template: What a new one is copied from.
        encoding: Its encoding.
        lc_collate: Its sort order.
        lc_ctype: Its classes of characters.
        icu_locale: Its ICU locale (servers since 15).
        locale_provider: Where its locale comes from: libc or icu (servers since 15).
        conn_limit: How many connections at once; -1: any number.
        tablespace: Where its data lie.
        comment: A remark kept in the database; "" takes it away.
        target: A file (.sql, .sql.gz, .bz2, .xz; .tar, .pgc and the folder .dir in pg_dump's formats), or the new name.
        target_opts: Further words for pg_dump, psql or pg_restore.
        dump_extra_args: Further words for pg_dump.
        force: End the connections of others before removing it.
        maintenance_db: The database to connect to.
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
        db: The database.
        executed_commands: The statements, or the program that was run.
        msg, stderr, rc, cmd: What pg_dump, psql or pg_restore said.

    Examples:
        - postgresql_db:
            name: app
            owner: app
            encoding: UTF-8
            template: template0
          become: true
          become_user: postgres
        - postgresql_db:
            name: app
            state: dump
            target: /backup/app.sql.gz
        - postgresql_db:
            name: old
            state: absent
            force: true
            login_host: db1.example.com
            login_user: admin
            login_password: "{{ admin_password }}"

    Platforms: any with psql.
    """
    wish = SimpleNamespace(**locals())
    if not trust_input:
        check_input([owner, conn_limit, encoding, name, template, tablespace, session_role, comment])
    server = Server(wish)
    told = {"db": name, "executed_commands": []}  # type: dict[str, Any]
    if state in ("dump", "restore"):
        yield (dump if state == "dump" else restore)(server, wish)
        return told
    have = look_for(server, maintenance_db, name, encoding)
    if state == "rename":
        yield from _rename(server, wish, have)
    elif state == "absent":
        if have:
            yield _change(server, wish, have, drop_database(wish, server.version(maintenance_db)))
    else:
        if have:
            refuse_other_locale(wish, have)
        statements = alter_database(wish, have) if have else create_database(wish)
        if statements:
            yield _change(server, wish, have, statements)
    return told


def _rename(server: Server, wish: Any, have: dict[str, Any] | None) -> Iterator[Change]:
    other = look_for(server, wish.maintenance_db, wish.target, "")
    if have and other:
        raise Failure("Both the source and the target databases exist: {} and {}".format(wish.name, wish.target))
    if not have and not other:
        raise Failure("The source and the target databases do not exist: {} and {}".format(wish.name, wish.target))
    if have:
        text = "ALTER DATABASE {} RENAME TO {}".format(identifier(wish.name), identifier(wish.target))
        yield _change(server, wish, have, [text])


def _change(server: Server, wish: Any, have: dict[str, Any] | None, statements: list[str]) -> Change:
    def act() -> dict[str, Any]:
        for text in statements:  # each by itself: databases are not made within transactions
            server.do(wish.maintenance_db, text + ";\n", "cannot change the database {}".format(wish.name))
        return {"executed_commands": statements}

    return Change(
        "postgresql database",
        wish.name,
        before=have,
        after=None if wish.state == "absent" else statements,
        do=act,
        diff={"before": have or {}, "after": {"statements": statements}},
    )
