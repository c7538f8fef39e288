"""MySQL without a server: option files, quoting, users, privileges and what modules make of them."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.agent.runner import run_module
from confman.kit.change import Failure, Unsupported
from confman.kit.commands import Completed
from confman.kit.mysql import Server, identifier, literal, reason
from confman.kit.mysqlaccounts import (
    Account,
    account_name,
    authentication,
    expire_of,
    is_authentication,
    is_native_hash,
    limits_of,
    native_hash,
    requires_of,
    settings,
)
from confman.kit.mysqlgrants import parse_granted, parse_wanted, statements
from confman.modules.mysql_db import mysql_db
from confman.modules.mysql_user import mysql_user

LOGIN = {
    "login_user": None,
    "login_password": None,
    "login_host": "localhost",
    "login_port": 3306,
    "login_unix_socket": None,
    "connect_timeout": 30,
    "config_file": "",
    "ca_cert": None,
    "client_cert": None,
    "client_key": None,
    "check_hostname": None,
    "check_implicit_admin": False,
    "config_overrides_defaults": False,
}
USER = {
    "password": None,
    "encrypted": False,
    "plugin": None,
    "plugin_hash_string": None,
    "plugin_auth_string": None,
    "tls_requires": None,
    "resource_limits": None,
    "password_expire": None,
    "password_expire_interval": None,
    "locked": None,
}
HASH = "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"
# A client that keeps what it was given, and answers what is asked most.
SPY = r"""#!/bin/sh
{ echo "$@"; env; } >> seen
cp "${1#--defaults-file=}" options
cat > fed
case "$(tail -1 fed)" in
  *VERSION*) echo 10.11.0-MariaDB;;
  *schemata*) printf 'mysql\nshop\n';;
  *"SELECT host"*) cat hosts 2>/dev/null || true;;
  *"SHOW CREATE"*) cat account;;
  *"SHOW GRANTS"*) cat grants;;
  *) cat fed >> done;;
esac
"""


def server(**given_):
    return Server(SimpleNamespace(**{**LOGIN, **given_}))


def wish(**given_):
    return SimpleNamespace(**{**USER, **given_})


@pytest.fixture
def spied(tmp_path, monkeypatch):
    """A folder with a program named mysql that leaves there what it was given."""
    (tmp_path / "mysql").write_text(SPY)
    (tmp_path / "mysql").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given_", "lines"),
    [
        ({}, ['host="localhost"', "port=3306"]),
        ({"login_user": "u", "login_password": 'a"b\\c#'}, ['user="u"', 'password="a\\"b\\\\c#"']),
        ({"login_unix_socket": "/s"}, ['socket="/s"']),
        (
            {"ca_cert": "/ca", "client_cert": "/c", "client_key": "/k"},
            ['ssl-ca="/ca"', 'ssl-cert="/c"', 'ssl-key="/k"'],
        ),
        ({"check_hostname": True}, ["ssl-verify-server-cert"]),
    ],
)
def test_option_files_say_who_logs_in_where(given_, lines):
    made = server(**given_).options().splitlines()
    assert made[0] == "[client]"
    assert [line for line in lines if line not in made] == []
    assert ("port=3306" in made) is ("login_unix_socket" not in given_)


def test_option_files_of_users_are_read_first(tmp_path):
    (tmp_path / "my.cnf").write_text("[client]\nhost=db1\nport=3307\nuser=x\n")
    it = server(config_file=str(tmp_path / "my.cnf"))
    assert it.options().startswith(f"!include {tmp_path}/my.cnf\n[client]\n")
    assert 'host="localhost"' in it.options()
    it.ask.config_overrides_defaults = True
    assert 'host="db1"\nport=3307' in it.options()
    it.ask.login_host = "db2"
    assert 'host="db2"\nport=3307' in it.options()


def test_option_files_hold_single_lines_only():
    with pytest.raises(Failure, match="must be single lines"):
        server(login_password="a\n[client]").options()


def test_clients_that_are_lacking_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("confman.kit.commands._MORE_PATHS", ())
    with pytest.raises(Unsupported, match="install the client of MySQL or MariaDB"):
        server().connect()


def test_secrets_are_in_no_argument_and_in_no_environment(spied):
    it = server(login_user="me", login_password="top secret")
    assert it.connect() == "10.11.0-MariaDB"
    assert "top secret" not in (spied / "seen").read_text()
    assert 'password="top secret"' in (spied / "options").read_text()
    assert (spied / "fed").read_text() == "SET SESSION sql_mode = '';\nSELECT VERSION();\n"


def test_the_implicit_admin_is_tried_first(spied):
    it = server(login_user="me", login_password="x", check_implicit_admin=True)
    it.connect()
    assert (it.user, it.password) == ("root", "")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_quoted_stays_inside(text):
    inside = literal(text)[1:-1].replace("\\\\", "").replace("''", "")
    assert "'" not in inside
    assert "\\" not in inside.replace("\\0", "")
    if text and "\0" not in text:
        assert identifier(text)[1:-1].replace("``", "").count("`") == 0


def test_names_that_cannot_be_are_refused():
    for name in ("", "a\0b"):
        with pytest.raises(Failure, match="cannot be a name"):
            identifier(name)
    assert account_name("o'neil", "%") == "'o''neil'@'%'"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ERROR 1045 (28000): Access denied for user\n", "Access denied for user"),
        (
            "--------------\nCREATE USER x IDENTIFIED BY 'secret'\n--------------\n\nERROR 1 (HY000) at line 2: no\n",
            "no",
        ),
        ("mysqldump: Got error: 1049\n", "mysqldump: Got error: 1049"),
    ],
)
def test_complaints_hold_no_statement(said, told):
    assert reason(Completed(1, b"", said.encode())) == told


def test_hashes_are_the_servers():
    assert native_hash("secret") == HASH
    assert is_native_hash(HASH)
    assert not is_native_hash(HASH[:-1])


SHOWN = [
    ("CREATE USER `a`@`%` IDENTIFIED BY PASSWORD '*AB'", {"plugin": "mysql_native_password", "hash": "*AB"}),
    (
        "CREATE USER 'a'@'%' IDENTIFIED WITH 'sha2' AS 'x''y' REQUIRE NONE",
        {"plugin": "sha2", "hash": "x''y", "requires": ""},
    ),
    ("CREATE USER `a`@`%` IDENTIFIED VIA ed25519 USING 'h' REQUIRE SSL", {"plugin": "ed25519", "requires": "SSL"}),
    ("CREATE USER `a`@`%` REQUIRE X509", {"plugin": "", "requires": "X509"}),
    (
        "CREATE USER `a`@`%` REQUIRE ISSUER '/CN=b' SUBJECT '/CN=a'",
        {"requires": {"ISSUER": "/CN=b", "SUBJECT": "/CN=a"}},
    ),
    ("CREATE USER `a`@`%` WITH MAX_QUERIES_PER_HOUR 7", {"limits": {"MAX_QUERIES_PER_HOUR": 7.0}}),
    ("CREATE USER `a`@`%` ACCOUNT LOCK", {"locked": True, "expire": "default"}),
    ("CREATE USER `a`@`%` ACCOUNT UNLOCK PASSWORD EXPIRE", {"locked": False, "expire": "now"}),
    ("CREATE USER `a`@`%` PASSWORD EXPIRE NEVER", {"expire": "never"}),
    ("CREATE USER `a`@`%` PASSWORD EXPIRE INTERVAL 9 DAY", {"expire": "interval 9"}),
]


@pytest.mark.parametrize(("text", "parts"), SHOWN)
def test_users_are_read(text, parts):
    account = Account(text)
    assert {key: getattr(account, key) for key in parts} == parts


@given(st.text())
def test_any_text_is_read(text):
    assert Account(text).expire
    assert isinstance(parse_granted([text]), dict)


@pytest.mark.parametrize(
    ("given_", "sql", "shown"),
    [
        ({}, None, None),
        ({"password": "a'b"}, "IDENTIFIED BY 'a''b'", "IDENTIFIED BY '********'"),
        (
            {"password": HASH, "encrypted": True},
            f"IDENTIFIED WITH mysql_native_password AS '{HASH}'",
            "IDENTIFIED AS '********'",
        ),
        ({"plugin": "unix_socket"}, "IDENTIFIED WITH unix_socket", "IDENTIFIED WITH unix_socket"),
        ({"plugin": "pam", "plugin_auth_string": "x"}, "IDENTIFIED WITH pam USING 'x'", None),
        ({"plugin": "ed25519", "plugin_auth_string": "x"}, "IDENTIFIED WITH ed25519 USING PASSWORD('x')", None),
        ({"plugin": "sha2", "plugin_auth_string": "x"}, "IDENTIFIED WITH sha2 BY 'x'", None),
        ({"plugin": "sha2", "plugin_hash_string": "h"}, "IDENTIFIED WITH sha2 AS 'h'", None),
    ],
)
def test_logins_are_made(given_, sql, shown):
    made = authentication(wish(**given_))
    assert (made[0] if made else None) == sql
    if shown:
        assert made[1] == shown
    assert made is None or "'x'" not in made[1]


@pytest.mark.parametrize(
    ("given_", "have", "fits"),
    [
        ({}, SHOWN[0][0], True),
        ({"password": "secret"}, f"IDENTIFIED BY PASSWORD '{HASH.lower()}'", True),
        ({"password": "other"}, f"IDENTIFIED BY PASSWORD '{HASH}'", False),
        ({"password": HASH, "encrypted": True}, f"IDENTIFIED BY PASSWORD '{HASH}'", True),
        ({"password": "secret"}, SHOWN[1][0], None),
        ({"plugin": "sha2"}, SHOWN[1][0], True),
        ({"plugin": "sha2", "plugin_auth_string": "x"}, SHOWN[1][0], None),
        ({"plugin": "ed25519", "plugin_hash_string": "h"}, SHOWN[2][0], True),
        ({"plugin": "ed25519", "plugin_hash_string": "i"}, SHOWN[2][0], False),
        ({"plugin": "pam"}, SHOWN[2][0], False),
    ],
)
def test_logins_are_compared(given_, have, fits):
    assert is_authentication(wish(**given_), Account(have)) is fits


@pytest.mark.parametrize(
    ("given_", "have", "parts"),
    [
        ({}, "", []),
        ({}, "REQUIRE SSL", ["REQUIRE NONE"]),
        ({"tls_requires": {"ssl": None}}, "", ["REQUIRE SSL"]),
        ({"tls_requires": {"X509": None}}, "REQUIRE X509", []),
        ({"tls_requires": {"Subject": "/CN=a", "SSL": None}}, "", ["REQUIRE SUBJECT '/CN=a'"]),
        ({"resource_limits": {"max_user_connections": 3}}, "", ["WITH MAX_USER_CONNECTIONS 3"]),
        ({"resource_limits": {"MAX_QUERIES_PER_HOUR": 7}}, " MAX_QUERIES_PER_HOUR 7", []),
        ({"resource_limits": {"MAX_QUERIES_PER_HOUR": 0}}, " MAX_QUERIES_PER_HOUR 7", ["WITH MAX_QUERIES_PER_HOUR 0"]),
        ({"password_expire": "now"}, "", ["PASSWORD EXPIRE"]),
        ({"password_expire": "interval", "password_expire_interval": 3}, "", ["PASSWORD EXPIRE INTERVAL 3 DAY"]),
        ({"password_expire": "default"}, "PASSWORD EXPIRE NEVER", ["PASSWORD EXPIRE DEFAULT"]),
        ({"locked": True}, "", ["ACCOUNT LOCK"]),
        ({"locked": False}, "ACCOUNT LOCK", ["ACCOUNT UNLOCK"]),
        ({"locked": False}, "", []),
    ],
)
def test_settings_are_compared(given_, have, parts):
    assert settings(wish(**given_), Account(have)) == parts


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(Failure, match="cannot be limited"):
        limits_of(wish(resource_limits={"speed": 1}))
    with pytest.raises(Failure, match="positive number of days"):
        expire_of(wish(password_expire="interval"))
    with pytest.raises(Failure, match="no authentication plugin"):
        authentication(wish(plugin="a b"))
    with pytest.raises(Failure, match="the password is no hash"):
        authentication(wish(password="x", encrypted=True))
    assert requires_of(wish()) == ""


@pytest.mark.parametrize(
    ("priv", "found"),
    [
        ("db.*:ALL", {"`db`.*": {"ALL"}, "*.*": {"USAGE"}}),
        ("*.*:all privileges,GRANT OPTION", {"*.*": {"ALL", "GRANT"}}),
        ("a.b:select,Insert/`c`.*:DELETE", {"`a`.`b`": {"SELECT", "INSERT"}, "`c`.*": {"DELETE"}, "*.*": {"USAGE"}}),
        ({"a.*": "SELECT"}, {"`a`.*": {"SELECT"}, "*.*": {"USAGE"}}),
        ("a.b:SELECT (y,x), UPDATE(z)", {"`a`.`b`": {"SELECT (`x`, `y`)", "UPDATE (`z`)"}, "*.*": {"USAGE"}}),
        ("FUNCTION a.f:EXECUTE", {"FUNCTION `a`.`f`": {"EXECUTE"}, "*.*": {"USAGE"}}),
        ("my.db.t:SELECT", {"`my.db`.`t`": {"SELECT"}, "*.*": {"USAGE"}}),
    ],
)
def test_privileges_are_read(priv, found):
    assert parse_wanted(priv) == found


@pytest.mark.parametrize("priv", ["nonsense", "db:ALL", ":ALL", "db.*:", "db.*:SE;LECT", "db.*:'x"])
def test_what_is_no_privilege_is_refused(priv):
    with pytest.raises(Failure):
        parse_wanted(priv)


GRANTED = [
    "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*AB'",
    "GRANT SELECT, INSERT (b, a) ON `db`.* TO `a`@`%` WITH GRANT OPTION",
    "GRANT ALL PRIVILEGES ON `x`.`y` TO 'a'@'%'",
    "GRANT EXECUTE ON FUNCTION `x`.`f` TO 'a'@'%'",
    "GRANT PROXY ON ''@'' TO 'a'@'%'",
    "GRANT `role` TO `a`@`%`",
]


def test_grants_of_servers_are_read():
    assert parse_granted(GRANTED) == {
        "*.*": {"USAGE"},
        "`db`.*": {"SELECT", "INSERT (`a`, `b`)", "GRANT"},
        "`x`.`y`": {"ALL"},
        "FUNCTION `x`.`f`": {"EXECUTE"},
    }


@pytest.mark.parametrize(
    ("wanted", "have", "mode", "texts"),
    [
        ("d.*:SELECT", {}, "set", ["GRANT SELECT ON `d`.* TO u"]),
        ("d.*:SELECT", {"`d`.*": {"SELECT"}, "*.*": {"USAGE"}}, "set", []),
        ("d.*:SELECT", {"`e`.*": {"SELECT"}}, "set", ["REVOKE SELECT ON `e`.* FROM u", "GRANT SELECT ON `d`.* TO u"]),
        ("d.*:SELECT", {"`d`.*": {"ALL"}}, "set", ["REVOKE ALL ON `d`.* FROM u", "GRANT SELECT ON `d`.* TO u"]),
        (
            "d.*:ALL",
            {"`d`.*": {"SELECT", "GRANT"}},
            "set",
            ["REVOKE GRANT OPTION ON `d`.* FROM u", "GRANT ALL ON `d`.* TO u"],
        ),
        ("d.*:SELECT,GRANT", {"`d`.*": {"SELECT"}}, "set", ["GRANT USAGE ON `d`.* TO u WITH GRANT OPTION"]),
        ("d.*:SELECT", {"`d`.*": {"DELETE"}}, "append", ["GRANT SELECT ON `d`.* TO u"]),
        ("d.*:SELECT", {"`d`.*": {"ALL"}}, "append", []),
        ("d.*:SELECT,DELETE", {"`d`.*": {"DELETE", "INSERT"}}, "subtract", ["REVOKE DELETE ON `d`.* FROM u"]),
        ("d.*:SELECT", {}, "subtract", []),
    ],
)
def test_privileges_are_granted_and_revoked(wanted, have, mode, texts):
    assert statements("u", parse_wanted(wanted), have, mode) == texts


def run(module, check=False, **arguments):
    defaults = {"config_file": "", **arguments}
    return run_module(module, defaults, plan_only=check, verify=False)


def test_databases_are_planned_and_made(spied):
    result = run(mysql_db, check=True, name=["shop", "new"], encoding="utf8mb4")
    assert (result["changed"], [change["id"] for change in result["_changes"]]) == (True, ["new"])
    assert not (spied / "done").exists()
    result = run(mysql_db, name=["shop", "new"], encoding="utf8mb4", sql_log_bin=False)
    assert result["executed_commands"] == ["CREATE DATABASE `new` CHARACTER SET 'utf8mb4'"]
    assert "sql_log_bin = 0;\nCREATE DATABASE `new`" in (spied / "done").read_text()
    assert run(mysql_db, name=["shop"])["changed"] is False
    assert run(mysql_db, name=["none"], state="absent")["changed"] is False
    assert run(mysql_db, name=["shop"], state="absent")["executed_commands"] == ["DROP DATABASE `shop`"]
    assert run(mysql_db, name=[])["changed"] is False


def test_dumps_take_their_place_when_they_are_whole(spied):
    dumper = '#!/bin/sh\nfor a; do case $a in --result-file=*) echo dumped > "${a#--result-file=}";; esac; done\n'
    (spied / "mysqldump").write_text(dumper + "test ! -e fail\n")
    (spied / "mysqldump").chmod(0o755)
    target = spied / "d.sql.gz"
    result = run(mysql_db, name=["shop"], state="dump", target="d.sql.gz", chdir=str(spied), hex_blob=True)
    assert gzip.decompress(target.read_bytes()) == b"dumped\n"
    assert "--hex-blob" in result["executed_commands"][0]
    (spied / "fail").touch()
    target.write_bytes(b"good")
    result = run(mysql_db, name=["shop"], state="dump", target=str(target))
    assert "cannot dump shop" in result["msg"]
    assert target.read_bytes() == b"good"
    assert "make it first" in run(mysql_db, name=["shop"], state="dump", target="/none/d.sql")["msg"]
    assert "not found" in run(mysql_db, name=["none"], state="dump", target=str(target))["msg"]


def test_dumps_are_read(spied):
    (spied / "d.sql.gz").write_bytes(gzip.compress(b"SELECT 42;\n"))
    result = run(mysql_db, name=["new"], state="import", target=str(spied / "d.sql.gz"))
    assert result["executed_commands"] == ["mysql --one-database -- new"]
    assert "SELECT 42;" in (spied / "done").read_text()
    assert "does not exist" in run(mysql_db, name=["new"], state="import", target="/none")["msg"]


def test_users_are_planned_and_made(spied):
    asked = {"name": "app", "password": "secret", "priv": "shop.*:SELECT", "tls_requires": {"SSL": None}}
    result = run(mysql_user, check=True, **asked)
    assert "secret" not in str(result)
    assert result["_changes"][0]["after"] == [
        "CREATE USER 'app'@'localhost' IDENTIFIED BY '********'",
        "ALTER USER 'app'@'localhost' REQUIRE SSL",
        "GRANT SELECT ON `shop`.* TO 'app'@'localhost'",
    ]
    assert not (spied / "done").exists()
    result = run(mysql_user, **asked)
    assert (result["msg"], result["password_changed"]) == ("User added", True)
    assert "IDENTIFIED BY 'secret'" in (spied / "done").read_text()


def there(folder: Path, account: str, *grants: str) -> None:
    (folder / "hosts").write_text("localhost\n")
    (folder / "account").write_text(account + "\n")
    (folder / "grants").write_text("\n".join(grants) + "\n")


def test_users_who_are_as_asked_stay(spied):
    there(spied, f"CREATE USER x IDENTIFIED BY PASSWORD '{HASH}'", "GRANT SELECT ON `shop`.* TO `app`@`localhost`")
    asked = {"name": "app", "password": "secret", "priv": "shop.*:SELECT"}
    assert run(mysql_user, **asked)["changed"] is False
    assert run(mysql_user, **{**asked, "password": "other"})["msg"] == "Password updated"
    assert run(mysql_user, **{**asked, "priv": "shop.*:DELETE"})["changed"]
    assert "REVOKE SELECT ON `shop`.* FROM 'app'@'localhost';" in (spied / "done").read_text()
    assert run(mysql_user, **{**asked, "password": "other", "update_password": "on_create"})["changed"] is False
    assert run(mysql_user, name="app", state="absent")["msg"] == "User deleted"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"priv": ["x"]}, "must be str or dict"),
        ({"salt": "x"}, "salt is not possible"),
        ({"host_all": True}, "cannot be used when adding a user"),
        ({"session_vars": {"a;b": 1}}, "is no variable of a session"),
    ],
)
def test_users_that_make_no_sense(spied, asked, message):
    assert message in run(mysql_user, name="app", **asked)["msg"]


@pytest.mark.skipif(shutil.which("cat") is None, reason="needs cat")
def test_programs_read_files_of_any_size(tmp_path):
    """What is fed to a program does not pass through our memory."""
    from confman.kit.commands import run as run_program

    (tmp_path / "big").write_bytes(b"x" * (1 << 20))
    with (tmp_path / "big").open("rb") as stream:
        done = run_program(["cat"], feed=stream)
    assert len(done.stdout) == 1 << 20
    assert subprocess.run(["true"], check=False).returncode == 0
