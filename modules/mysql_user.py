"""Users of MySQL and MariaDB."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Raw, Secret, Warn, rules
from confman.kit.mysql import Server, literal
from confman.kit.mysqlaccounts import account_name, authentication
from confman.kit.mysqlgrants import parse_wanted, statements
from confman.kit.mysqlusers import (
    new_login,
    note_texts,
    noted_of,
    privilege_texts,
    read_account,
    reused_login,
    setting_texts,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@rules(exclusive=[("append_privs", "subtract_privs")])
def mysql_user(
    name: Annotated[str, "user"],
    password: Annotated[str | None, Secret] = None,
    encrypted: bool = False,
    host: str = "localhost",
    host_all: bool = False,
    priv: Raw | None = None,
    append_privs: bool = False,
    subtract_privs: bool = False,
    state: Literal["absent", "present"] = "present",
    update_password: Literal["always", "on_create", "on_new_username"] = "always",  # noqa: S107 - no password
    plugin: str | None = None,
    plugin_hash_string: Annotated[str | None, Secret] = None,
    plugin_auth_string: Annotated[str | None, Secret] = None,
    salt: Annotated[str | None, Secret] = None,
    tls_requires: dict[str, Any] | None = None,
    resource_limits: dict[str, Any] | None = None,
    password_expire: Literal["now", "never", "default", "interval"] | None = None,
    password_expire_interval: int | None = None,
    locked: bool | None = None,
    attributes: dict[str, Any] | None = None,
    session_vars: dict[str, Any] | None = None,
    sql_log_bin: bool = True,
    force_context: bool = False,
    column_case_sensitive: bool | None = None,
    check_implicit_admin: bool = False,
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
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a user of MySQL or MariaDB, or have none. Needs the client, and no library.

    A password is compared by its hash, or where the server keeps it in another way, by logging in with it.

    Args:
        name: The user; "" is the one without a name.
        password: The password.
        encrypted: It is given as its hash: *SHA1(SHA1(password)).
        host: From where he may come.
        host_all: Every user of this name, wherever he may come from.
        priv: His privileges: db.table:SELECT,INSERT/other.*:ALL, or a mapping.
        append_privs: He may have others.
        subtract_privs: He shall not have these.
        state: Whether there shall be such a user.
        update_password: When the password is set: always, for new users (on_create), or for new names only, while
            others get the one that the name has elsewhere (on_new_username).
        plugin: What checks his password.
        plugin_hash_string: What that keeps of it.
        plugin_auth_string: What that is told of it.
        salt: Not possible through the client: use plugin_hash_string.
        tls_requires: What his connection must show: SSL, X509, SUBJECT, ISSUER, CIPHER; without, nothing.
        resource_limits: MAX_QUERIES_PER_HOUR and so on.
        password_expire: When his password ends: now, never, as the server says, or after an interval.
        password_expire_interval: Of so many days.
        locked: Whether he may not log in.
        attributes: What is noted of him (MySQL 8); a value of null takes a note away.
        session_vars: Variables of the session that does it.
        sql_log_bin: Whether the binary log takes part.
        force_context: Do it in the database mysql, for filters of replication.
        column_case_sensitive: Taken for compatibility; names of columns are taken as they are written.
        check_implicit_admin: Try root without a password first.
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
        user: The user.
        msg: What was done, in words.
        password_changed: Whether the password was set.
        attributes: What is noted of him.

    Examples:
        - mysql_user:
            name: app
            password: "{{ app_password }}"
            priv: "shop.*:ALL/stats.visits:SELECT,INSERT"
        - mysql_user:
            name: report
            host: "%"
            plugin: caching_sha2_password
            plugin_auth_string: "{{ report_password }}"
            priv: {"shop.*": "SELECT"}
            append_privs: true
            tls_requires: {SSL: null}
        - mysql_user:
            name: ""
            host_all: true
            state: absent
            login_unix_socket: /run/mysqld/mysqld.sock

    Platforms: any with the client of MySQL or MariaDB.
    """
    wish = SimpleNamespace(**locals())
    wish.when = update_password
    _check(wish)
    server = Server(wish)
    wish.version = server.connect()
    wish.head = _head(wish)
    hosts = _hosts(server, wish)
    told = {"user": name, "msg": "User unchanged", "password_changed": False, "attributes": None}  # type: dict[str, Any]
    if state == "absent":
        for each in hosts:
            yield _change(server, wish, each, ["DROP USER {}".format(account_name(name, each))], "User deleted")
        return dict(told, msg="User doesn't exist" if not hosts else told["msg"])
    if host_all and not hosts:
        raise Failure("host_all parameter cannot be used when adding a user: there is no {!r} yet".format(name))
    for each in hosts:
        yield from _alter(server, wish, each)
    if not hosts:
        yield _create(server, wish)
    return told


def _check(wish: Any) -> None:
    if wish.priv is not None and not isinstance(wish.priv, (str, dict)):
        raise Failure("priv parameter must be str or dict but {} was passed".format(type(wish.priv).__name__))
    if wish.salt:
        raise Failure("salt is not possible through the client: give plugin_hash_string instead")
    wish.host = wish.host.lower()
    wish.wanted = None if wish.priv is None else parse_wanted(wish.priv)


def _head(wish: Any) -> str:
    lines = ["USE mysql;\n"] if wish.force_context else []
    lines += [] if wish.sql_log_bin else ["SET SESSION sql_log_bin = 0;\n"]
    for key, value in (wish.session_vars or {}).items():
        if not str(key).replace("_", "").isalnum():
            raise Failure("{!r} is no variable of a session".format(key))
        lines.append("SET SESSION {} = {};\n".format(key, value if isinstance(value, int) else literal(str(value))))
    return "".join(lines)


def _hosts(server: Server, wish: Any) -> list[str]:
    """From where the users that are meant may come, of those that there are."""
    query = "SELECT host FROM mysql.user WHERE user = {}".format(literal(wish.name))  # noqa: S608 - quoted
    found = [str(row[0] or "") for row in server.rows(query, "cannot look for the user {}".format(wish.name))]
    return sorted(found) if wish.host_all else [each for each in found if each.lower() == wish.host]


def _create(server: Server, wish: Any) -> Change:
    name = account_name(wish.name, wish.host)
    auth = reused_login(server, wish) or authentication(wish) or ("", "")
    texts = [("CREATE USER {} {}".format(name, part)).strip() for part in auth]
    further = setting_texts(wish, name, None)
    if wish.wanted is not None and not wish.subtract_privs:
        further += statements(name, wish.wanted, {}, "append")
    further += note_texts(wish, name, {})
    return _change(server, wish, wish.host, [texts[0], *further], "User added", [texts[1], *further], bool(auth[0]))


def _alter(server: Server, wish: Any, host: str) -> Iterator[Change]:
    name = account_name(wish.name, host)
    have = read_account(server, wish.name, host)
    texts, shown = new_login(server, wish, name, have)
    further = setting_texts(wish, name, have) + privilege_texts(server, wish, name)
    further += note_texts(wish, name, noted_of(server, wish, host))
    message = "Password updated" if texts else "User updated"
    if texts or further:
        yield _change(server, wish, host, texts + further, message, shown + further, bool(texts))


def _change(
    server: Server,
    wish: Any,
    host: str,
    texts: list[str],
    message: str,
    shown: list[str] | None = None,
    password: bool = False,
) -> Change:
    told = {"msg": message, "password_changed": password, "attributes": wish.attributes}

    def act() -> dict[str, Any]:
        script = "".join(text + ";\n" for text in texts)
        server.do(script, "cannot change the user {}".format(account_name(wish.name, host)), wish.head)
        return told

    before = None if message == "User added" else "present"
    after = None if wish.state == "absent" else shown or texts
    return Change("mysql user", "{}@{}".format(wish.name, host), before=before, after=after, do=act)
