"""Users and virtual hosts of RabbitMQ, by its program on this host or by its management service."""

from __future__ import annotations

import json
import os
import urllib.parse
from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.commands import Completed, run
from confman.kit.http import Access, Response, fetch
from confman.kit.programs import need
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "^$"
"""The pattern that permits nothing."""

_TIMEOUT = 120


class Ctl:
    """rabbitmqctl. node: which broker."""

    def __init__(self, node: str) -> None:
        self.argv = [need("rabbitmqctl"), "-q", *(["-n", node] if node else [])]

    def _try(self, *words: str, stdin: str = "") -> Completed:
        return run([*self.argv, *words], stdin=stdin.encode(), timeout=_TIMEOUT)

    def _do(self, *words: str, stdin: str = "") -> str:
        done = self._try(*words, stdin=stdin)
        if done.rc != 0:
            said = " ".join((done.err + done.out).split())
            raise Failure("rabbitmqctl {} failed: {}".format(" ".join(words), said), **done.data())
        return done.out

    def _list(self, *words: str) -> list[dict[str, Any]]:
        return list(json.loads(self._do("--formatter", "json", *words) or "[]"))

    def vhosts(self) -> dict[str, bool]:
        """Every virtual host, with whether it is traced."""
        return {each["name"]: each["tracing"] for each in self._list("list_vhosts", "name", "tracing")}

    def add_vhost(self, name: str) -> None:
        """Make a virtual host."""
        self._do("add_vhost", "--", name)

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host."""
        self._do("delete_vhost", "--", name)

    def trace(self, name: str, on: bool) -> None:
        """Trace a virtual host, or do not."""
        self._do("trace_on" if on else "trace_off", _vhost(name))

    def users(self) -> dict[str, list[str]]:
        """Every user with tags."""
        return {each["user"]: each["tags"] for each in self._list("list_users")}

    def knows(self, user: str, password: str) -> bool:
        """Whether a user has a password."""
        return self._try("authenticate_user", "--", user, stdin=password).rc == 0

    def add_user(self, user: str, password: str | None, tags: Sequence[str]) -> None:
        """Make a user, who can only log in with a password, if there is one."""
        self._do("add_user", "--", user, stdin=password or os.urandom(16).hex())
        if not password:
            self._do("clear_password", "--", user)
        self._do("set_user_tags", "--", user, *tags)

    def change_password(self, user: str, password: str) -> None:
        """Give a user another password."""
        self._do("change_password", "--", user, stdin=password)

    def set_tags(self, user: str, tags: Sequence[str]) -> None:
        """Give a user these tags and no others."""
        self._do("set_user_tags", "--", user, *tags)

    def delete_user(self, user: str) -> None:
        """Remove a user."""
        self._do("delete_user", "--", user)

    def rights(self, user: str) -> list[dict[str, str]]:
        """The permissions of a user: vhost, configure, write, read."""
        return self._list("list_user_permissions", "--", user)

    def topics(self, user: str) -> list[dict[str, str]]:
        """The permissions of a user for topics: vhost, exchange, write, read."""
        return self._list("list_user_topic_permissions", "--", user)

    def grant(self, user: str, right: dict[str, str]) -> None:
        """Give a permission, of topics if it names an exchange."""
        patterns = [right["write"], right["read"]]
        if "exchange" in right:
            words = ["set_topic_permissions", _vhost(right["vhost"]), "--", user, right["exchange"]]
        else:
            words = ["set_permissions", _vhost(right["vhost"]), "--", user, right["configure"]]
        self._do(*words, *patterns)

    def revoke(self, user: str, right: dict[str, str]) -> None:
        """Take a permission, of topics if it names an exchange."""
        if "exchange" in right:
            self._do("clear_topic_permissions", _vhost(right["vhost"]), "--", user, right["exchange"])
        else:
            self._do("clear_permissions", _vhost(right["vhost"]), "--", user)


def _vhost(name: str) -> str:
    return "--vhost=" + name


class Api:
    """The management service, with the same abilities. base: its address; options: those of Access, with the user's."""

    def __init__(self, base: str, **options: Any) -> None:
        self.base = base
        self.options = dict(options, timeout=_TIMEOUT, basic_first=True, use_netrc=False)

    def _ask(self, method: str, path: Sequence[str], body: Any = None, **options: Any) -> Response:
        url = "/".join([self.base, "api", *(urllib.parse.quote(part, safe="") for part in path)])
        data = None if body is None else json.dumps(body).encode()
        return fetch(url, Access(**dict(self.options, **options)), method, {"Content-Type": "application/json"}, data)

    def _do(self, method: str, *path: str, body: Any = None) -> Any:
        answer = self._ask(method, path, body)
        said = to_text(answer.read())
        if answer.status >= 300:
            text = "RabbitMQ's management service refuses {} {}: {} {}"
            raise Failure(text.format(method, "/".join(path), answer.status, said.strip()), status=answer.status)
        return json.loads(said) if said.strip() else None

    def vhosts(self) -> dict[str, bool]:
        """Every virtual host, with whether it is traced."""
        return {each["name"]: bool(each.get("tracing")) for each in self._do("GET", "vhosts")}

    def add_vhost(self, name: str) -> None:
        """Make a virtual host."""
        self._do("PUT", "vhosts", name)

    def delete_vhost(self, name: str) -> None:
        """Remove a virtual host."""
        self._do("DELETE", "vhosts", name)

    def trace(self, name: str, on: bool) -> None:
        """Trace a virtual host, or do not."""
        self._do("PUT", "vhosts", name, body={"tracing": on})

    def users(self) -> dict[str, list[str]]:
        """Every user with tags."""
        found = {each["name"]: each["tags"] for each in self._do("GET", "users")}
        # RabbitMQ before 3.9 gives them in one text
        return {name: tags.split(",") if isinstance(tags, str) else tags for name, tags in found.items()}

    def knows(self, user: str, password: str) -> bool:
        """Whether a user has a password. One who may not use the service is told so only after the right one."""
        answer = self._ask("GET", ["whoami"], user=user, password=password)
        return answer.status == 200 or "management" in to_text(answer.read()).lower()

    def add_user(self, user: str, password: str | None, tags: Sequence[str]) -> None:
        """Make a user, who can only log in with a password, if there is one."""
        secret = {"password": password} if password else {"password_hash": ""}
        self._do("PUT", "users", user, body=dict(secret, tags=",".join(tags)))

    def change_password(self, user: str, password: str) -> None:
        """Give a user another password."""
        self.add_user(user, password, self.users()[user])

    def set_tags(self, user: str, tags: Sequence[str]) -> None:
        """Give a user these tags and no others; the password stays."""
        now = self._do("GET", "users", user)
        kept = {key: now[key] for key in ("password_hash", "hashing_algorithm") if key in now}
        self._do("PUT", "users", user, body=dict(kept, tags=",".join(tags)))

    def delete_user(self, user: str) -> None:
        """Remove a user."""
        self._do("DELETE", "users", user)

    def rights(self, user: str) -> list[dict[str, str]]:
        """The permissions of a user: vhost, configure, write, read."""
        return list(self._do("GET", "users", user, "permissions"))

    def topics(self, user: str) -> list[dict[str, str]]:
        """The permissions of a user for topics: vhost, exchange, write, read."""
        return list(self._do("GET", "users", user, "topic-permissions"))

    def grant(self, user: str, right: dict[str, str]) -> None:
        """Give a permission, of topics if it names an exchange."""
        body = {key: value for key, value in right.items() if key != "vhost"}
        self._do("PUT", _kind(right), right["vhost"], user, body=body)

    def revoke(self, user: str, right: dict[str, str]) -> None:
        """Take a permission; of topics, all of the virtual host."""
        self._do("DELETE", _kind(right), right["vhost"], user)


def _kind(right: dict[str, str]) -> str:
    return "topic-permissions" if "exchange" in right else "permissions"


def broker(ask: Any) -> Ctl | Api:
    """The broker that a module's arguments name: by its service if `login_host` does, else by the program."""
    if ask.login_host is None:
        return Ctl(ask.node)
    base = "{}://{}:{}".format(ask.login_protocol, ask.login_host, ask.login_port)
    return Api(base, user=ask.login_user, password=ask.login_password, **ask.certificates)
