"""Where facts are kept between plays, playbooks and runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class FactStore(Protocol):
    """Facts of hosts as modules gave them, by the host's name."""

    def load(self, host: str) -> Mapping[str, Any]:
        """The facts that are kept and not too old; nothing where there are none."""
        ...

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Keep the facts in place of those that were kept before."""

    def forget(self, host: str) -> None:
        """Keep nothing of a host any more."""


class Memory:
    """Keeps facts as long as the program runs."""

    def __init__(self) -> None:
        self._facts: dict[str, Mapping[str, Any]] = {}

    def load(self, host: str) -> Mapping[str, Any]:
        """The facts that are kept."""
        return self._facts.get(host, {})

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Keep the facts."""
        self._facts[host] = dict(facts)

    def forget(self, host: str) -> None:
        """Keep nothing of a host."""
        self._facts.pop(host, None)
