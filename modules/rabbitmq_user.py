"""Users of RabbitMQ and what they may do."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Secret
from confman.kit.rabbit import NOTHING, broker

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def rabbitmq_user(
    user: Annotated[str, "username", "name"],
    password: Annotated[str | None, Secret] = None,
    tags: str | None = None,
    permissions: list[dict[str, Any]] = [],  # noqa: B006 - the spec's default; never changed
    vhost: str = "/",
    configure_priv: str = "^$",
    write_priv: str = "^$",
    read_priv: str = "^$",
    topic_permissions: list[dict[str, Any]] = [],  # noqa: B006
    force: bool = False,
    state: Literal["present", "absent"] = "present",
    node: str = "rabbit",
    update_password: Literal["on_create", "always"] = "on_create",  # noqa: S107 - no password
    login_protocol: Literal["http", "https"] = "http",
    login_host: str | None = None,
    login_port: str = "15672",
    login_user: str | None = None,
    login_password: Annotated[str | None, Secret] = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a user of RabbitMQ, with tags and permissions, or keep one away.

    Args:
        user: The user.
        password: The password of a new user; of one who is there only with `update_password`.
        tags: All tags of the user, with commas.
        permissions: All permissions: mappings of vhost, configure_priv, write_priv and read_priv.
        vhost: Without `permissions`: the one virtual host whose permissions are kept.
        configure_priv: A pattern of what may be configured there; ^$ is nothing.
        write_priv: A pattern of what may be written there.
        read_priv: A pattern of what may be read there.
        topic_permissions: All permissions for topics: mappings of vhost (/), exchange (amq.topic), write_priv and
            read_priv.
        force: Remove a user who is there, and make a new one, each time.
        state: Whether the user shall be there.
        node: The broker's node, where the program rabbitmqctl is used.
        update_password: always: change it when it is another one.
        login_protocol: How the management service is spoken to.
        login_host: The host of the management service; without it, the program is used.
        login_port: Its port.
        login_user: Who logs in there.
        login_password: Their password.

    Returns:
        user, state: As asked.

    Examples:
        - rabbitmq_user:
            user: joe
            password: "{{ secret }}"
            vhost: /
            configure_priv: .*
            read_priv: .*
            write_priv: .*
        - rabbitmq_user:
            user: joe
            tags: monitoring,management
            permissions:
              - {vhost: /shop, configure_priv: ^$, write_priv: ^orders, read_priv: .*}
        - rabbitmq_user:
            user: jim
            state: absent

    Platforms: any with RabbitMQ 3.7.6 or later, or Python alone for its management service.
    """
    ask = SimpleNamespace(**locals())
    ask.certificates, ask.when = {}, update_password
    ask.tags = [tag for tag in (tags or "").replace(" ", "").split(",") if tag]
    ask.rights = [_right(each) for each in permissions or [vars(ask)]]
    ask.topics = [_topic(each) for each in topic_permissions]
    _check(ask)
    tool = broker(ask)
    now = tool.users()
    if state == "present":
        yield from _present(tool, ask, now)
    elif user in now:
        yield Change("rabbitmq user", user, before=now[user], after=None, do=lambda: tool.delete_user(user))
    return {"user": user, "state": state}


def _right(given: dict[str, Any]) -> dict[str, str]:
    rights = {name: str(given.get(name + "_priv") or NOTHING) for name in ("configure", "write", "read")}
    return dict(rights, vhost=str(given.get("vhost", "/") or ""))


def _topic(given: dict[str, Any]) -> dict[str, str]:
    patterns = {name: str(given.get(name + "_priv", given.get(name)) or NOTHING) for name in ("write", "read")}
    return dict(patterns, vhost=given.get("vhost") or "/", exchange=given.get("exchange") or "amq.topic")


def _check(ask: Any) -> None:
    hosts = [each["vhost"] for each in ask.rights]
    if "" in hosts:
        raise Failure("permissions must not have an empty vhost", user=ask.user)
    if len(set(hosts)) != len(hosts):
        raise Failure("permissions has two entries for one vhost: {}".format(", ".join(hosts)), user=ask.user)
    places = ["{} {}".format(each["vhost"], each["exchange"]) for each in ask.topics]
    if len(set(places)) != len(places):
        text = "topic_permissions has two entries for one vhost and exchange: {}"
        raise Failure(text.format(", ".join(places)), user=ask.user)


def _present(tool: Any, ask: Any, now: dict[str, list[str]]) -> Iterator[Change]:
    there = ask.user in now and not ask.force
    if there:
        yield from _keep(tool, ask, now[ask.user])
    else:
        yield _make(tool, ask, now.get(ask.user))
    rights = tool.rights(ask.user) if there else []
    if not ask.permissions:
        rights = [each for each in rights if each["vhost"] == ask.vhost]
    yield from _grants(tool, ask, "permissions", rights, ask.rights)
    yield from _grants(tool, ask, "topic permissions", tool.topics(ask.user) if there else [], ask.topics)


def _make(tool: Any, ask: Any, before: list[str] | None) -> Change:
    def do() -> None:
        if before is not None:
            tool.delete_user(ask.user)
        tool.add_user(ask.user, ask.password, ask.tags)

    return Change("rabbitmq user", ask.user, before=before, after=ask.tags, do=do, once=ask.force)


def _keep(tool: Any, ask: Any, tags: list[str]) -> Iterator[Change]:
    """The changes of a user who is there."""
    if ask.when == "always" and ask.password and not tool.knows(ask.user, ask.password):
        what = ask.user + " password"
        change = partial(tool.change_password, ask.user, ask.password)
        yield Change("rabbitmq user", what, before="another", after="as asked", do=change)
    if sorted(tags) != sorted(ask.tags):
        what = ask.user + " tags"
        yield Change("rabbitmq user", what, before=tags, after=ask.tags, do=lambda: tool.set_tags(ask.user, ask.tags))


def _grants(tool: Any, ask: Any, kind: str, have: list[dict[str, str]], want: list[dict[str, str]]) -> Iterator[Change]:
    """The change of all permissions of a kind, if there is one."""
    names = ("vhost", "exchange", "configure", "write", "read")
    now = [{name: each[name] for name in names if name in each} for each in have]

    def do() -> None:
        for each in now:
            if each not in want:
                tool.revoke(ask.user, each)
        for each in want:
            tool.grant(ask.user, each)

    if any(each not in want for each in now) or any(each not in now for each in want):
        yield Change("rabbitmq " + kind, ask.user, before=now, after=want, do=do, once=ask.force)
