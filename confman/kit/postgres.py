"""PostgreSQL servers, asked through psql: statements go in by its standard input, passwords by a file in memory."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.programs import need
from confman.kit.secretfile import secret_file
from confman.kit.text import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TIMEOUT = 3600
_PREAMBLE = "SET standard_conforming_strings = on;\nSET client_min_messages = error;\n"
_KEYWORDS = {
    "login_host": "host",
    "login_port": "port",
    "login_user": "user",
    "ssl_mode": "sslmode",
    "ca_cert": "sslrootcert",
    "ssl_cert": "sslcert",
    "ssl_key": "sslkey",
}
_RISKY = re.compile(r"['\"]|;\s*\S|--|\b(?:union|drop|delete|insert|update)\s", re.IGNORECASE)


class Server:
    """A server and who asks it; `ask` has the login parameters that the modules share, as attributes."""

    def __init__(self, ask: Any) -> None:
        words = {}  # type: dict[str, str]
        for name, keyword in _KEYWORDS.items():
            value = getattr(ask, name)
            if value not in (None, ""):
                words[keyword] = str(value)
        if ask.login_unix_socket and words.get("host", "localhost") == "localhost":
            words["host"] = ask.login_unix_socket
        words.update({key: str(value) for key, value in (ask.connect_params or {}).items()})
        self.password = words.pop("password", None) or ask.login_password
        self.words = words
        self.role = ask.session_role

    def connection(self, database: str) -> str:
        """How to reach a database, as one argument; nothing in it is secret."""
        words = dict({"connect_timeout": "30"}, **self.words)
        words["dbname"] = database
        return " ".join("{}={}".format(key, _conninfo(words[key])) for key in sorted(words))

    @contextlib.contextmanager
    def secrets(self) -> Iterator[dict[str, str]]:
        """The environment for PostgreSQL's programs; where the password is, is in it, for the length of the block."""
        plain = {"PGCLIENTENCODING": "UTF8", "PGAPPNAME": "confman"}
        if not self.password:
            yield plain
            return
        escaped = re.sub(r"([\\:])", r"\\\1", self.password)
        with secret_file("*:*:*:*:{}\n".format(escaped)) as path:
            yield dict(plain, PGPASSFILE=path)

    def run(self, database: str, script: str) -> Completed:
        """Run statements until the first that fails."""
        head = _PREAMBLE + ("SET ROLE {};\n".format(identifier(self.role)) if self.role else "")
        words = [need("psql"), "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-d", self.connection(database)]
        with self.secrets() as environment:
            return run(words, stdin=to_bytes(head + script), env=environment, timeout=_TIMEOUT)

    def do(self, database: str, script: str, what: str) -> str:
        """Run statements that must succeed; what they print. Raises Failure saying `what` could not be done."""
        done = self.run(database, script)
        if done.rc != 0:
            raise Failure("{}: {}".format(what, reason(done)), rc=done.rc)
        return done.out

    def rows(self, database: str, query: str, what: str) -> list[dict[str, Any]]:
        """The rows of a query. Raises Failure saying `what` could not be read."""
        out = self.do(database, compose("SELECT row_to_json(found) FROM ({}) AS found;\n", query), what)
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    def version(self, database: str) -> int:
        """The server's version as a number: 150004."""
        rows = self.rows(database, "SELECT current_setting('server_version_num') AS version", "cannot reach PostgreSQL")
        return int(rows[0]["version"])


def reason(done: Completed) -> str:
    """What a program of PostgreSQL's complained of, without the program's name and the statement's number."""
    said = (done.err or done.out).strip()
    return re.sub(r"^(?:psql(?::<stdin>:\d+)?: )?(?:error: )?(?:ERROR: +|FATAL: +)?", "", said)


def identifier(name: str) -> str:
    """A name as SQL has it, whatever is in it. Raises Failure for a name that cannot be."""
    if not name or "\0" in name:
        raise Failure("{!r} cannot be a name in PostgreSQL".format(name))
    return '"' + name.replace('"', '""') + '"'


def compose(template: str, *parts: str) -> str:
    """SQL with parts that are SQL already: what `identifier`, `qualified` and `literal` give, or our own texts."""
    return template.format(*parts)


def qualified(name: str, schema: str | None = None) -> str:
    """A name that may have a schema before a dot."""
    parts = name.split(".") if schema is None else [schema, name]
    return ".".join(identifier(part) for part in parts)


def literal(text: str) -> str:
    """A text as SQL has it. Raises Failure for what PostgreSQL cannot store."""
    if "\0" in text:
        raise Failure("PostgreSQL cannot store a NUL character")
    return "'" + text.replace("'", "''") + "'"


def check_input(values: Sequence[str | None]) -> None:
    """Raise Failure for values that look like more than names: what `trust_input: false` asks for."""
    for value in values:
        if value and _RISKY.search(value):
            raise Failure("Passed input {!r} is potentially dangerous; trust_input would let it pass".format(value))


def _conninfo(value: str) -> str:
    return "'" + re.sub(r"(['\\])", r"\\\1", value) + "'"
