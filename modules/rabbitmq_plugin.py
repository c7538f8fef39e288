"""Plugins of RabbitMQ."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure
from confman.kit.commands import Completed, run
from confman.kit.programs import need

if TYPE_CHECKING:
    from collections.abc import Generator

_TIMEOUT = 300


def rabbitmq_plugin(
    names: Annotated[str, "name"],
    state: Literal["disabled", "enabled"] = "enabled",
    new_only: bool = False,
    broker_state: Literal["offline", "online"] = "online",
    prefix: str | None = None,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep plugins of RabbitMQ enabled, or disabled.

    Args:
        names: The plugins, with commas.
        state: What they shall be. Enabled, no others shall be, unless `new_only` says so.
        new_only: Leave other plugins as they are.
        broker_state: Whether the broker is told at once (online), or finds it when it starts.
        prefix: Where RabbitMQ is installed, when its programs are not on the PATH.

    Returns:
        enabled, disabled: The plugins that were.

    Examples:
        - rabbitmq_plugin:
            names: rabbitmq_management
            new_only: true
        - rabbitmq_plugin:
            names: rabbitmq_management,rabbitmq_shovel
        - rabbitmq_plugin:
            names: rabbitmq_mqtt
            state: disabled
            broker_state: offline

    Platforms: any with RabbitMQ 3.7 or later.
    """
    tool = _Tool(SimpleNamespace(**locals()))
    wanted = _names(names)
    have = tool.enabled()
    new = [each for each in wanted if each not in have and state == "enabled"]
    gone = _unwanted(have, wanted, state, new_only)
    for each in gone:
        yield tool.change(each, "disable", gone, new)
    for each in new:
        yield tool.change(each, "enable", gone, new)
    return {"enabled": new, "disabled": gone}


def _names(text: str) -> list[str]:
    found = [each.strip() for each in text.split(",") if each.strip()]
    for each in found:
        if not re.match(r"^\w+$", each):
            raise Failure("{!r} is not the name of a plugin".format(each), names=text)
    return found


def _unwanted(have: list[str], wanted: list[str], state: str, new_only: bool) -> list[str]:
    if state == "disabled":
        return [each for each in have if each in wanted]
    return [] if new_only else [each for each in have if each not in wanted]


class _Tool:
    """rabbitmq-plugins."""

    def __init__(self, ask: Any) -> None:
        self.broker = "--" + ask.broker_state
        self.program = _in_prefix(ask.prefix) if ask.prefix else need("rabbitmq-plugins")

    def run(self, *words: str) -> Completed:
        """Run it. Raises Failure."""
        done = run([self.program, *words], timeout=_TIMEOUT)
        if done.rc != 0:
            said = " ".join((done.err + done.out).split())
            raise Failure("rabbitmq-plugins {}: {}".format(" ".join(words), said), **done.data())
        return done

    def enabled(self) -> list[str]:
        """The plugins that are enabled by name."""
        return [line for line in self.run("list", "-q", "-E", "-m").out.split("\n") if re.match(r"^\w+$", line)]

    def change(self, name: str, verb: str, gone: list[str], new: list[str]) -> Change:
        """The change of one plugin."""

        def act() -> dict[str, Any]:
            self.run(verb, self.broker, name)
            return {"enabled": new, "disabled": gone}

        before, after = ("enabled", "disabled") if verb == "disable" else ("disabled", "enabled")
        return Change("rabbitmq plugin", name, before=before, after=after, do=act)


def _in_prefix(prefix: str) -> str:
    for folder in ("bin", "sbin"):
        path = os.path.join(prefix, folder, "rabbitmq-plugins")
        if os.access(path, os.X_OK):
            return path
    raise Failure("No binary folder in prefix {} has rabbitmq-plugins".format(prefix))
