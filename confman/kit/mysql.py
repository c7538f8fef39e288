"""MySQL and MariaDB servers, asked through their client.

Statements go in by its standard input; who logs in with which password, by an option file in memory.
"""

from __future__ import annotations

import configparser
import contextlib
import os
import re
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure, Unsupported
from confman.kit.commands import Completed, find_program, run
from confman.kit.secretfile import secret_file
from confman.kit.text import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMEOUT = 3600
_PREAMBLE = "SET SESSION sql_mode = '';\n"
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\\\": "\\", "\\0": "\0"}
_ERROR = re.compile(r"^ERROR \d+ \(\w+\)(?: at line \d+)?: ", re.MULTILINE)


class Server:
    """A server and who asks it; `ask` has the login parameters that the modules share, as attributes."""

    def __init__(self, ask: Any) -> None:
        self.ask = ask
        self.user = ask.login_user
        self.password = ask.login_password
        config = os.path.expanduser(ask.config_file or "")
        self.config = config if os.path.exists(config) else ""

    def options(self) -> str:
        """The option file: what the user's own says, then what was asked for."""
        ask = self.ask
        lines = ["!include " + self.config] if self.config else []
        lines.append("[client]")
        for name, value in (
            ("user", self.user),
            ("password", self.password),
            ("socket", ask.login_unix_socket),
            ("ssl-ca", ask.ca_cert),
            ("ssl-cert", ask.client_cert),
            ("ssl-key", ask.client_key),
        ):
            if value is not None:
                lines.append("{}={}".format(name, _quoted(value)))
        return "\n".join([*lines, *self._place()]) + "\n"

    def _place(self) -> list[str]:
        """Where the server is; a socket is nothing that a host goes with."""
        ask = self.ask
        theirs = self._theirs() if getattr(ask, "config_overrides_defaults", False) else {}
        host = theirs.get("host", ask.login_host) if ask.login_host == "localhost" else ask.login_host
        port = theirs.get("port", ask.login_port) if ask.login_port == 3306 else ask.login_port
        lines = [] if ask.login_unix_socket else ["host=" + _quoted(str(host)), "port={}".format(int(port))]
        # the client of the user's own choice may say that it must be the host's name
        return [*lines, "ssl-verify-server-cert"] if ask.check_hostname else lines

    def _theirs(self) -> dict[str, str]:
        parser = configparser.RawConfigParser(allow_no_value=True, strict=False)
        with contextlib.suppress(configparser.Error, UnicodeDecodeError):
            parser.read(self.config or [], encoding="utf-8")
        return {key: str(value) for key, value in parser.items("client")} if parser.has_section("client") else {}

    @contextlib.contextmanager
    def words(self, *names: str) -> Iterator[list[str]]:
        """The words that begin a call of one of some programs, for the length of the block. Raises Unsupported."""
        program = next(filter(None, map(find_program, names)), None)
        if program is None:
            raise Unsupported("none of the programs {} was found: install the client of MySQL or MariaDB".format(names))
        with secret_file(self.options()) as path:
            yield [program, "--defaults-file=" + path]

    def run(self, script: str, head: str = "") -> Completed:
        """Run statements until the first that fails."""
        with self.words("mysql", "mariadb") as words:
            words += ["--batch", "--skip-column-names", "--default-character-set=utf8mb4"]
            words += ["--connect-timeout={}".format(self.ask.connect_timeout)]
            return run(words, stdin=to_bytes(_PREAMBLE + head + script), timeout=_TIMEOUT)

    def do(self, script: str, what: str, head: str = "") -> None:
        """Run statements that must succeed. Raises Failure saying `what` could not be done."""
        done = self.run(script, head)
        if done.rc != 0:
            raise Failure("{}: {}".format(what, reason(done)), rc=done.rc)

    def rows(self, query: str, what: str) -> list[list[str | None]]:
        """The rows of a query. Raises Failure saying `what` could not be read."""
        done = self.run(query + ";\n")
        if done.rc != 0:
            raise Failure("{}: {}".format(what, reason(done)), rc=done.rc)
        return [[_value(field) for field in line.split("\t")] for line in done.out.splitlines()]

    def connect(self) -> str:
        """The server's version, after the login that works. Raises Failure."""
        if self.ask.check_implicit_admin:
            self.user, self.password = "root", ""
            done = self.run("SELECT VERSION();\n")
            if done.rc == 0:
                return done.out.strip()
            self.user, self.password = self.ask.login_user, self.ask.login_password
        done = self.run("SELECT VERSION();\n")
        if done.rc != 0:
            where = "or {} has the credentials".format(self.ask.config_file)
            text = "unable to connect to database, check login_user and login_password are correct {}: {}"
            raise Failure(text.format(where, reason(done)), rc=done.rc)
        return done.out.strip()


def reason(done: Completed) -> str:
    """What the client complained of, without its number, and without the statement: a password may be in that."""
    said = (done.err or done.out).strip()
    parts = _ERROR.split(said)
    return parts[-1].strip() if len(parts) > 1 else said


def identifier(name: str) -> str:
    """A name as SQL has it, whatever is in it. Raises Failure for a name that cannot be."""
    if not name or "\0" in name:
        raise Failure("{!r} cannot be a name in MySQL".format(name))
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"


def _quoted(text: str) -> str:
    if "\n" in text or "\0" in text:
        raise Failure("user, password and places of the login must be single lines")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _value(field: str) -> str | None:
    if field == "NULL":
        return None
    return re.sub(r"\\[nt0\\]", lambda match: _ESCAPES[match.group()], field)
