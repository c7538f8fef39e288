"""PostgreSQL without a server: quoting, passwords and the statements that modules make."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.kit.change import Failure
from confman.kit.pgdatabases import alter_database, create_database, drop_database, refuse_other_locale
from confman.kit.pggrants import complete, grant_statements, parse_privs
from confman.kit.pgpassword import is_hash, is_stored
from confman.kit.pgroles import HIDDEN, alter_role, create_role, parse_flags, role_settings
from confman.kit.postgres import Server, check_input, identifier, literal, qualified
from confman.kit.secretfile import secret_file

LOGIN = {
    "login_host": "", "login_port": 5432, "login_user": "me", "login_password": "", "login_unix_socket": "",
    "ssl_mode": "prefer", "ca_cert": None, "ssl_cert": None, "ssl_key": None, "connect_params": None,
    "session_role": None,
}  # fmt: skip
USER = {
    "name": "u", "password": None, "encrypted": True, "expires": None, "conn_limit": None, "flags": {},
    "no_password_changes": False, "comment": None, "configuration": None, "reset_unspecified_configuration": False,
    "quote_configuration_values": True,
}  # fmt: skip
HAVE = {"rolpassword": None, "method": "scram-sha-256", "rolconnlimit": -1, "rolcreatedb": False, "same_end": True}
DATABASE = {
    "name": "d", "owner": "", "template": "", "encoding": "", "lc_collate": "", "lc_ctype": "", "icu_locale": "",
    "locale_provider": "", "tablespace": "", "conn_limit": "", "comment": None, "force": False,
}  # fmt: skip
GRANT = {
    "type": "table", "schema": None, "objs": "t", "privs": "SELECT", "state": "present", "grant_option": None,
    "target_roles": None, "login_db": "db", "grantees": ['"r"'],
}  # fmt: skip
# A psql that tells what it was given, by argument, environment and file.
SPY = """#!/bin/sh
{ echo "$@"; env; } > seen
cat "$PGPASSFILE" > passed 2>/dev/null
stat -Lc %a "$PGPASSFILE" >> passed
cat > fed
echo '{"it": 1}'
"""


def scram(password: str, rounds: int = 10) -> str:
    """A password as a server keeps it (RFC 5802), made without the code that is tested."""
    salt = b"0123456789abcdef"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    stored = hashlib.sha256(hmac.new(salted, b"Client Key", "sha256").digest()).digest()
    server = hmac.new(salted, b"Server Key", "sha256").digest()
    return (
        f"SCRAM-SHA-256${rounds}:{b64encode(salt).decode()}${b64encode(stored).decode()}:{b64encode(server).decode()}"
    )


MD5 = "md5" + hashlib.md5(b"pwu").hexdigest()


@pytest.mark.parametrize(
    ("password", "stored", "method", "same"),
    [
        ("pw", scram("pw"), "scram-sha-256", True),
        ("px", scram("pw"), "scram-sha-256", False),
        ("pw", scram("pw"), "md5", True),
        ("pw", MD5, "md5", True),
        ("px", MD5, "md5", False),
        ("pw", MD5, "scram-sha-256", False),
        (MD5, MD5, "scram-sha-256", True),
        (scram("pw"), scram("pw"), "scram-sha-256", True),
        (scram("pw"), scram("px"), "scram-sha-256", False),
        ("pw", None, "md5", False),
        ("", None, "md5", True),
        ("", MD5, "md5", False),
        ("plain", "plain", "md5", True),
    ],
)
def test_stored_passwords_are_compared(password, stored, method, same):
    assert is_stored(password, stored, "u", method) is same


def test_hashes_are_told_from_passwords():
    assert is_hash(MD5)
    assert is_hash(scram("x"))
    assert not is_hash("md5")
    assert not is_hash("SCRAM-SHA-256$x")


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_what_is_quoted_stays_inside(text):
    for quoted, mark in ((literal(text), "'"), (identifier(text or "x"), '"')):
        assert quoted[0] == quoted[-1] == mark
        assert quoted[1:-1].replace(mark * 2, "").count(mark) == 0


def test_what_cannot_be_quoted_is_refused():
    for act in (lambda: literal("a\0"), lambda: identifier("a\0"), lambda: identifier("")):
        with pytest.raises(Failure):
            act()
    assert qualified("a.b") == '"a"."b"'
    assert qualified("a.b", "s") == '"s"."a.b"'


@pytest.mark.parametrize("text", ["a'; drop table x", 'x"', "a -- b", "1 union select", "a; b"])
def test_risky_input_is_refused_when_not_trusted(text):
    with pytest.raises(Failure, match="potentially dangerous"):
        check_input(["fine", None, text])
    check_input(["fine", "my-role.2"])


@pytest.fixture
def spied(tmp_path, monkeypatch):
    """A folder in which a program named psql leaves what it was given."""
    (tmp_path / "psql").write_text(SPY)
    (tmp_path / "psql").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_secrets_are_in_no_argument_and_in_no_environment(spied):
    server = Server(SimpleNamespace(**{**LOGIN, "login_host": "h", "login_password": r"s:3\c"}))
    assert server.rows("db", "SELECT 1", "cannot look") == [{"it": 1}]
    seen = (spied / "seen").read_text()
    assert "s:3" not in seen
    assert "host='h'" in seen
    assert (spied / "passed").read_text() == "*:*:*:*:s\\:3\\\\c\n600\n"
    assert "SELECT row_to_json(found) FROM (SELECT 1) AS found;" in (spied / "fed").read_text()


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({}, ["connect_timeout='30'", "dbname='it''s'".replace("''s", "\\'s"), "port='5432'", "user='me'"]),
        ({"login_host": "localhost", "login_unix_socket": "/run/pg"}, ["host='/run/pg'"]),
        ({"login_host": "db1", "login_unix_socket": "/run/pg"}, ["host='db1'"]),
        ({"connect_params": {"target_session_attrs": "read-write"}}, ["target_session_attrs='read-write'"]),
        ({"ca_cert": "/c", "ssl_cert": "/d", "ssl_key": "/k"}, ["sslrootcert='/c'", "sslcert='/d'", "sslkey='/k'"]),
    ],
)
def test_connections_are_described(given_, words):
    text = Server(SimpleNamespace(**{**LOGIN, **given_})).connection("it's")
    assert [word for word in words if word not in text] == []


def test_a_password_among_connection_parameters_is_kept_out_of_them():
    server = Server(SimpleNamespace(**{**LOGIN, "connect_params": {"password": "x"}}))
    assert server.password == "x"
    assert "password" not in server.connection("d")


@pytest.mark.parametrize("there", [True, False])
def test_secret_files_are_private_and_go(there, monkeypatch):
    if not there:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    with secret_file("x\n") as path:
        assert Path(path).read_text() == "x\n"
        assert Path(path).stat().st_mode & 0o777 == 0o600
    assert not Path(path).exists()


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        ({}, 'CREATE USER "u"'),
        ({"password": "p'w"}, 'CREATE USER "u" WITH ENCRYPTED PASSWORD %(password)s'),
        ({"flags": {"LOGIN": True, "CREATEDB": False}}, 'CREATE USER "u" WITH NOCREATEDB LOGIN'),
        ({"expires": "infinity", "conn_limit": 3}, "CREATE USER \"u\" WITH VALID UNTIL 'infinity' CONNECTION LIMIT 3"),
    ],
)
def test_roles_are_made(wish, shown):
    sql, text = create_role(SimpleNamespace(**{**USER, **wish}))
    assert text == shown
    assert sql == shown.replace("%(password)s", "'p''w'")


@pytest.mark.parametrize(
    ("wish", "have", "shown"),
    [
        ({}, {}, []),
        ({"password": "pw"}, {"rolpassword": scram("pw")}, []),
        ({"password": "pw"}, {}, ['ALTER USER "u" WITH ENCRYPTED PASSWORD %(password)s']),
        ({"password": "pw"}, {"rolpassword": HIDDEN}, ['ALTER USER "u" WITH ENCRYPTED PASSWORD %(password)s']),
        ({"password": ""}, {"rolpassword": MD5}, ['ALTER USER "u" WITH PASSWORD NULL']),
        ({"password": "pw", "no_password_changes": True}, {}, []),
        ({"flags": {"CREATEDB": True}, "no_password_changes": True}, {}, ['ALTER USER "u" WITH CREATEDB']),
        ({"flags": {"CREATEDB": False}}, {}, []),
        ({"conn_limit": 4}, {}, ['ALTER USER "u" WITH CONNECTION LIMIT 4']),
        ({"expires": "2030"}, {"same_end": False}, ["ALTER USER \"u\" WITH VALID UNTIL '2030'"]),
        ({"expires": "2030"}, {}, []),
    ],
)
def test_roles_are_altered(wish, have, shown):
    made = alter_role(SimpleNamespace(**{**USER, **wish}), {**HAVE, **have})
    assert [text for _sql, text in made] == shown


@pytest.mark.parametrize(
    ("wish", "have", "shown"),
    [
        ({"configuration": {"work_mem": "1MB"}}, {"setconfig": ["work_mem=1MB", "x=2"]}, []),
        ({"configuration": {"jit": True}}, {}, ['ALTER ROLE "u" SET "jit" TO \'on\'']),
        ({"configuration": {"search_path": "a, b"}}, {"setconfig": ['search_path="a, b"']}, []),
        ({"configuration": {"p": "a, b"}, "quote_configuration_values": False}, {}, ['ALTER ROLE "u" SET "p" TO a, b']),
        ({"reset_unspecified_configuration": True}, {"setconfig": ["x=2"]}, ['ALTER ROLE "u" RESET "x"']),
        ({"comment": "it's"}, {}, ["COMMENT ON ROLE \"u\" IS 'it''s'"]),
        ({"comment": ""}, {"comment": None}, []),
    ],
)
def test_settings_of_roles(wish, have, shown):
    assert [text for _sql, text in role_settings(SimpleNamespace(**{**USER, **wish}), have)] == shown


def test_flags_are_read():
    assert parse_flags("login, NOSUPERUSER,") == {"LOGIN": True, "SUPERUSER": False}
    with pytest.raises(Failure, match="Invalid role_attr_flags specified: FLY"):
        parse_flags("FLY")


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        ({}, ['CREATE DATABASE "d"']),
        (
            {"owner": "o", "template": "template0", "encoding": "UTF-8", "conn_limit": "3", "comment": "c"},
            [
                'CREATE DATABASE "d" OWNER "o" TEMPLATE "template0" ENCODING \'UTF-8\' CONNECTION LIMIT 3',
                "COMMENT ON DATABASE \"d\" IS 'c'",
            ],
        ),
        (
            {"icu_locale": "de", "locale_provider": "icu"},
            ["CREATE DATABASE \"d\" ICU_LOCALE 'de' LOCALE_PROVIDER 'icu'"],
        ),
    ],
)
def test_databases_are_made(wish, shown):
    assert create_database(SimpleNamespace(**{**DATABASE, **wish})) == shown


def test_databases_are_altered_removed_and_not_recoded():
    have = {"owner": "o", "conn_limit": "-1", "tablespace": "pg_default", "comment": "", "same_encoding": False}
    wish = SimpleNamespace(**{**DATABASE, "owner": "p", "conn_limit": "5", "tablespace": "pg_default", "comment": "x"})
    assert alter_database(wish, have) == [
        'ALTER DATABASE "d" OWNER TO "p"',
        'ALTER DATABASE "d" CONNECTION LIMIT 5',
        "COMMENT ON DATABASE \"d\" IS 'x'",
    ]
    assert alter_database(SimpleNamespace(**DATABASE), have) == []
    refuse_other_locale(wish, have)
    with pytest.raises(Failure, match="Changing encoding of the database d is not supported"):
        refuse_other_locale(SimpleNamespace(**{**DATABASE, "encoding": "LATIN1"}), have)
    with pytest.raises(Failure, match="conn_limit must be a number"):
        create_database(SimpleNamespace(**{**DATABASE, "conn_limit": "many"}))
    forced = SimpleNamespace(**{**DATABASE, "force": True})
    assert drop_database(forced, 130000) == ['DROP DATABASE "d" WITH (FORCE)']
    assert len(drop_database(forced, 120000)) == 3


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        ({}, ['GRANT SELECT ON TABLE "public"."t" TO "r"']),
        ({"objs": "a, b", "schema": "s"}, ['GRANT SELECT ON TABLE "s"."a", "s"."b" TO "r"']),
        ({"objs": "a", "schema": "not-specified"}, ['GRANT SELECT ON TABLE "a" TO "r"']),
        ({"state": "absent", "grantees": ['"r"', "PUBLIC"]}, ['REVOKE SELECT ON TABLE "public"."t" FROM "r", PUBLIC']),
        ({"grant_option": True}, ['GRANT SELECT ON TABLE "public"."t" TO "r" WITH GRANT OPTION']),
        (
            {"grant_option": False},
            [
                'GRANT SELECT ON TABLE "public"."t" TO "r"',
                'REVOKE GRANT OPTION FOR SELECT ON TABLE "public"."t" FROM "r"',
            ],
        ),
        ({"objs": "ALL_IN_SCHEMA"}, ['GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "r"']),
        ({"type": "database", "objs": None, "privs": "CONNECT"}, ['GRANT CONNECT ON DATABASE "db" TO "r"']),
        (
            {"type": "function", "objs": "f(int:text)", "privs": "EXECUTE"},
            ['GRANT EXECUTE ON FUNCTION "public"."f"(int, text) TO "r"'],
        ),
        ({"type": "foreign_server", "privs": "USAGE"}, ['GRANT USAGE ON FOREIGN SERVER "t" TO "r"']),
        ({"type": "group", "privs": None, "grant_option": True}, ['GRANT "t" TO "r" WITH ADMIN OPTION']),
        ({"type": "group", "privs": None, "state": "absent"}, ['REVOKE "t" FROM "r"']),
        (
            {"type": "default_privs", "objs": "TABLES", "target_roles": "o", "schema": "s"},
            [
                'ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" REVOKE ALL ON TABLES FROM "r"',
                'ALTER DEFAULT PRIVILEGES FOR ROLE "o" IN SCHEMA "s" GRANT SELECT ON TABLES TO "r"',
            ],
        ),
    ],
)
def test_grants(wish, shown):
    assert made(SimpleNamespace(**{**GRANT, **wish})) == shown


def made(asked):
    complete(asked)
    return grant_statements(asked, parse_privs(asked.privs))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"type": "database", "schema": "s"}, "schema is not allowed"),
        ({"type": "schema", "objs": "ALL_IN_SCHEMA"}, "ALL_IN_SCHEMA is for the types"),
        ({"objs": None}, "objs is required"),
        ({"type": "group"}, "privs is not allowed"),
        ({"privs": None}, "privs is required"),
        ({"privs": "FLY"}, "Invalid privileges specified: FLY"),
        ({"type": "function", "objs": "f"}, "Illegal function / procedure signature"),
        ({"type": "function", "objs": "f(int);drop table x(a)"}, "is no type of an argument"),
        ({"type": "default_privs", "objs": "CHAIRS"}, "Invalid Object set specified: CHAIRS"),
        ({"type": "default_privs", "objs": "FUNCTIONS"}, "SELECT is nothing for FUNCTIONS"),
    ],
)
def test_grants_that_mean_nothing(wish, message):
    asked = SimpleNamespace(**{**GRANT, **wish})
    with pytest.raises(Failure, match=message):
        made(asked)
