"""Databases of MySQL and MariaDB."""

from __future__ import annotations

import os
import shlex
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import UNKNOWN, Change, Failure, Path, Secret, rules
from confman.kit.mysql import Server, identifier, literal
from confman.kit.mysqldumps import dump, load

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(required_if=[("state", "dump", ("target",)), ("state", "import", ("target",))])
def mysql_db(
    name: Annotated[list[str], "db"],
    state: Literal["absent", "dump", "import", "present"] = "present",
    encoding: str = "",
    collation: str = "",
    target: Path | None = None,
    single_transaction: bool = False,
    quick: bool = True,
    ignore_tables: list[str] | None = None,
    hex_blob: bool = False,
    force: bool = False,
    master_data: Literal[0, 1, 2] = 0,
    skip_lock_tables: bool = False,
    dump_extra_args: str | None = None,
    use_shell: bool = False,
    pipefail: bool = False,
    unsafe_login_password: bool = False,
    restrict_config_file: bool = False,
    check_implicit_admin: bool = False,
    config_overrides_defaults: bool = False,
    chdir: Path | None = None,
    sql_log_bin: bool = True,
    login_user: str | None = None,
    login_password: Annotated[str | None, Secret] = None,
    login_host: str = "localhost",
    login_port: int = 3306,
    login_unix_socket: str | None = None,
    connect_timeout: int = 30,
    config_file: Path = "~/.my.cnf",
    ca_cert: Annotated[Path | None, "ssl_ca"] = None,
    client_cert: Annotated[Path | None, "ssl_cert"] = None,
    client_key: Annotated[Path | None, "ssl_key"] = None,
    check_hostname: bool | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep databases of MySQL or MariaDB, or have none; dump them, or read a dump. Needs the client, and no library.

    Args:
        name: The databases; all: every one (dump and import).
        state: present, absent; dump: write them to `target`; import: read it.
        encoding: The character set of a new one, and of a dump.
        collation: Its sort order.
        target: The dump: .sql, .sql.gz, .bz2 or .xz.
        single_transaction: Dump all as it is at one moment.
        quick: Dump rows as they come, instead of gathering them.
        ignore_tables: Tables that a dump leaves out: db.table.
        hex_blob: Dump binary columns as hex.
        force: Go on after errors.
        master_data: Put the position of the binary log into the dump; 2: as a remark.
        skip_lock_tables: Dump without locking tables.
        dump_extra_args: Further words for mysqldump.
        use_shell: Taken for compatibility; errors are seen without.
        pipefail: Taken for compatibility; errors are seen without.
        unsafe_login_password: Taken for compatibility; the password is in no argument.
        restrict_config_file: Read `config_file` only.
        check_implicit_admin: Try root without a password first.
        config_overrides_defaults: Host and port of `config_file` go before the defaults of these parameters.
        chdir: Where `target` is counted from.
        sql_log_bin: Whether the binary log takes part in making and removing.
        login_user: Who logs in; by default, as `config_file` says.
        login_password: His password.
        login_host: The server.
        login_port: Its port.
        login_unix_socket: Its socket.
        connect_timeout: Seconds to wait for it.
        config_file: The options of the client.
        ca_cert: The authorities that may vouch for the server.
        client_cert: The client's certificate.
        client_key: Its key.
        check_hostname: Whether the server's certificate must name it.

    Returns:
        db, db_list: The databases.
        executed_commands: The statements, or the program that was run.
        msg: What the program said.

    Examples:
        - mysql_db:
            name: shop
            encoding: utf8mb4
        - mysql_db:
            name: [shop, blog]
            state: dump
            target: /backup/all.sql.gz
            single_transaction: true
            login_user: backup
            login_password: "{{ backup_password }}"
        - mysql_db:
            name: old
            state: absent
            login_unix_socket: /run/mysqld/mysqld.sock

    Platforms: any with the client of MySQL or MariaDB.
    """
    wish = SimpleNamespace(**locals())
    wish.names = [each.strip() for each in name if each.strip()]
    wish.all = wish.names == ["all"]
    wish.target = os.path.join(chdir or "", target or "")
    _check(wish)
    told = {"db": " ".join(wish.names), "db_list": wish.names, "executed_commands": []}  # type: dict[str, Any]
    if wish.names:
        server = Server(wish)
        server.connect()
        yield from _changes(server, wish)
    return told


def _changes(server: Server, wish: Any) -> Iterator[Change]:
    there = {row[0] for row in server.rows("SELECT schema_name FROM information_schema.schemata", "cannot look")}
    wish.lacking = [] if wish.all else [each for each in wish.names if each not in there]
    if wish.state in ("dump", "import"):
        yield from _transfer(server, wish)
    elif wish.state == "present":
        for each in wish.lacking:
            yield _change(server, wish, each, _create(wish, each))
    else:
        for each in wish.names:
            if each in there:
                yield _change(server, wish, each, "DROP DATABASE {}".format(identifier(each)))


def _check(wish: Any) -> None:
    if wish.all and wish.state in ("present", "absent"):
        raise Failure("name is not allowed to equal 'all' unless state equals import, or dump.")
    if len(wish.names) > 1 and wish.state == "import":
        raise Failure("Multiple databases are not supported with state=import")
    if not 0 <= wish.login_port <= 65535:
        raise Failure("login_port must be a valid port number (0-65535)")
    if wish.chdir and not os.path.isdir(wish.chdir):
        raise Failure("Cannot change the current directory to {}: there is none".format(wish.chdir))


def _create(wish: Any, name: str) -> str:
    text = "CREATE DATABASE {}".format(identifier(name))
    text += " CHARACTER SET {}".format(literal(wish.encoding)) if wish.encoding else ""
    return text + (" COLLATE {}".format(literal(wish.collation)) if wish.collation else "")


def _change(server: Server, wish: Any, name: str, text: str) -> Change:
    head = "" if wish.sql_log_bin else "SET SESSION sql_log_bin = 0;\n"
    what = "cannot {} the database {}".format("make" if wish.state != "absent" else "remove", name)

    def act() -> dict[str, Any]:
        server.do(text + ";\n", what, head)
        wish.done = [*getattr(wish, "done", []), text]
        return {"executed_commands": wish.done}

    before, after = ("present", None) if wish.state == "absent" else (None, "present")
    return Change("mysql database", name, before=before, after=after, do=act)


def _transfer(server: Server, wish: Any) -> Iterator[Change]:
    if wish.state == "dump":
        if wish.lacking:
            names = ", ".join(wish.lacking)
            raise Failure("Cannot dump database(s) {!r} - not found".format(names), _lacks=wish.lacking[0])
        before = "present" if os.path.exists(wish.target) else None
        yield Change(
            "file", wish.target, before=before, after=UNKNOWN, do=lambda: _told(dump(server, wish)), diff={}, once=True
        )
        return
    if not os.path.exists(wish.target):
        raise Failure("target {} does not exist on the host".format(wish.target), _lacks=wish.target)
    for each in wish.lacking:
        yield _change(server, wish, each, _create(wish, each))
    yield Change(
        "mysql database",
        " ".join(wish.names),
        before=UNKNOWN,
        after="read from " + wish.target,
        do=lambda: _told(load(server, wish)),
        once=True,
    )


def _told(given: tuple[list[str], str]) -> dict[str, Any]:
    words, said = given
    return {"msg": said, "executed_commands": [" ".join(shlex.quote(word) for word in words)]}
