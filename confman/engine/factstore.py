"""Where facts are kept between plays, playbooks and runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from confman.model.redact import Redactor


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


class Discreet:
    """Keeps facts elsewhere, but those with a secret in them only as long as the program runs.

    Where facts are kept a secret would be there for all to read.
    """

    def __init__(self, store: FactStore, redactor: Redactor) -> None:
        self._store = store
        self._redactor = redactor
        self._secret: dict[str, dict[str, Any]] = {}

    def load(self, host: str) -> Mapping[str, Any]:
        """The facts that are kept."""
        return {**self._store.load(host), **self._secret.get(host, {})}

    def save(self, host: str, facts: Mapping[str, Any]) -> None:
        """Keep the facts in place of those that were kept before."""
        self._secret[host] = {name: value for name, value in facts.items() if self._redactor.clean(value) != value}
        self._store.save(host, {name: value for name, value in facts.items() if name not in self._secret[host]})

    def forget(self, host: str) -> None:
        """Keep nothing of a host any more."""
        self._secret.pop(host, None)
        self._store.forget(host)
