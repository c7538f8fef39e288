"""Virtual hosts of RabbitMQ."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Path, Secret
from confman.kit.rabbit import broker

if TYPE_CHECKING:
    from collections.abc import Generator


def rabbitmq_vhost(
    name: Annotated[str, "vhost"],
    tracing: Annotated[bool, "trace"] = False,
    state: Literal["present", "absent"] = "present",
    node: str = "rabbit",
    login_user: str | None = None,
    login_password: Annotated[str | None, Secret] = None,
    login_host: str | None = None,
    login_port: str = "15672",
    login_protocol: Literal["http", "https"] = "http",
    ca_cert: Path | None = None,
    client_cert: Path | None = None,
    client_key: Path | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a virtual host of RabbitMQ, traced or not, or keep it away.

    Args:
        name: The virtual host.
        tracing: Whether it is traced.
        state: Whether it shall be there.
        node: The broker's node, where the program rabbitmqctl is used.
        login_user: Who logs in to the management service.
        login_password: Their password.
        login_host: The host of the management service; without it, the program is used.
        login_port: Its port.
        login_protocol: How it is spoken to.
        ca_cert: The certificates that it is believed by.
        client_cert: A certificate of ours.
        client_key: Its key.

    Returns:
        name, state: As asked.

    Examples:
        - rabbitmq_vhost:
            name: /shop
        - rabbitmq_vhost:
            name: /shop
            tracing: true
            login_host: mq.example.com
            login_user: admin
            login_password: "{{ secret }}"
        - rabbitmq_vhost:
            name: /old
            state: absent

    Platforms: any with RabbitMQ 3.7.6 or later, or Python alone for its management service.
    """
    ask = SimpleNamespace(**locals())
    ask.certificates = {"ca_path": ca_cert, "client_cert": client_cert, "client_key": client_key}
    tool = broker(ask)
    now = tool.vhosts()
    if state == "absent":
        if name in now:
            yield Change("rabbitmq vhost", name, before="present", after=None, do=lambda: tool.delete_vhost(name))
        return {"name": name, "state": state}
    if name not in now:
        yield Change("rabbitmq vhost", name, before=None, after="present", do=lambda: tool.add_vhost(name))
    if now.get(name, False) is not tracing:
        what = name + " tracing"
        yield Change("rabbitmq vhost", what, before=not tracing, after=tracing, do=lambda: tool.trace(name, tracing))
    return {"name": name, "state": state}
