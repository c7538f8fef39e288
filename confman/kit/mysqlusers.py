"""What MySQL's users lack of what is asked for. A wish has the parameters of mysql_user as attributes."""

from __future__ import annotations

import json
from typing import Any

from confman.kit.change import Failure
from confman.kit.mysql import Server, literal
from confman.kit.mysqlaccounts import Account, account_name, authentication, is_authentication, settings
from confman.kit.mysqlgrants import parse_granted, statements


def reused_login(server: Server, wish: Any) -> tuple[str, str] | None:
    """The login of a user of the same name elsewhere, where that is asked for."""
    if wish.when != "on_new_username":
        return None
    query = "SELECT host FROM mysql.user WHERE user = {} LIMIT 1".format(literal(wish.name))  # noqa: S608 - quoted
    rows = server.rows(query, "cannot look for the user {}".format(wish.name))
    if not rows:
        return None
    have = read_account(server, wish.name, str(rows[0][0] or ""))
    return "IDENTIFIED WITH {} AS {}".format(have.plugin, literal(have.hash)), "IDENTIFIED AS before"


def read_account(server: Server, user: str, host: str) -> Account:
    """What the server tells of a user. Raises Failure."""
    rows = server.rows(
        "SHOW CREATE USER {}".format(account_name(user, host)), "cannot look at the user {}".format(user)
    )
    return Account("\n".join(str(row[-1]) for row in rows))


def setting_texts(wish: Any, name: str, have: Account | None) -> list[str]:
    """The statement that gives a user the settings that he lacks, if any; `have` None: he is new."""
    parts = settings(wish, have)
    return ["ALTER USER {} {}".format(name, " ".join(parts))] if parts else []


def new_login(server: Server, wish: Any, name: str, have: Account) -> tuple[list[str], list[str]]:
    """The statement that lets a user log in as asked, if he cannot, and what is shown of it."""
    auth = authentication(wish) if wish.when == "always" else None
    if auth is None:
        return [], []
    fits = is_authentication(wish, have)
    if fits or (fits is None and _logs_in(server, wish)):
        return [], []
    return ["ALTER USER {} {}".format(name, auth[0])], ["ALTER USER {} {}".format(name, auth[1])]


def _logs_in(server: Server, wish: Any) -> bool:
    """Whether the user can log in with the password that is asked for."""
    other = Server(server.ask)
    other.config, other.user, other.password = "", wish.name, wish.password or wish.plugin_auth_string
    return other.run("SELECT 1;\n").rc == 0


def privilege_texts(server: Server, wish: Any, name: str) -> list[str]:
    """The statements that give a user the privileges that are asked for. Raises Failure."""
    if wish.wanted is None:
        return []
    rows = server.rows("SHOW GRANTS FOR {}".format(name), "cannot look at the privileges of {}".format(name))
    mode = "append" if wish.append_privs else "subtract" if wish.subtract_privs else "set"
    have = parse_granted([str(row[0]) for row in rows])
    if mode == "set" and wish.name == "root":
        mode = "append"  # nobody shall lock himself out
    return statements(name, wish.wanted, have, mode)


def noted_of(server: Server, wish: Any, host: str) -> dict[str, Any]:
    """What is noted of a user. Raises Failure where the server cannot note anything."""
    if not wish.attributes:
        return {}
    if "MariaDB" in wish.version:
        raise Failure("user attributes were specified but the server does not support user attributes")
    query = (
        "SELECT attribute FROM information_schema.user_attributes "  # noqa: S608 - quoted
        "WHERE user = {} AND host = {}".format(literal(wish.name), literal(host))
    )
    rows = server.rows(query, "cannot look at the attributes of {}".format(wish.name))
    found = json.loads(rows[0][0]) if rows and rows[0][0] else {}
    return dict(found)


def note_texts(wish: Any, name: str, have: dict[str, Any]) -> list[str]:
    """The statement that notes of a user what is asked for, if it is not noted yet."""
    new = {key: value for key, value in (wish.attributes or {}).items() if have.get(key) != value}
    return ["ALTER USER {} ATTRIBUTE {}".format(name, literal(json.dumps(new, sort_keys=True)))] if new else []
