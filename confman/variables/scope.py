"""What a task sees: layers of variables, the first that has a name wins, each value rendered once."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from confman.documents.merge import merged
from confman.errors import TemplateError
from confman.model.values import is_dynamic, source_of
from confman.templating.undefined import Undefined

_ABSENT = object()
_METHODS = ("become", "sudo", "su", "doas", "pbrun", "pfexec", "dzdo", "ksu", "runas", "machinectl", "enable", "sesu")
_WAYS = ("", "ssh_", "paramiko_ssh_", "paramiko_", "winrm_", "psrp_", "httpapi_", "network_cli_", "netconf_")
PASSWORDS = frozenset(
    {f"ansible_{method}_{word}" for method in _METHODS for word in ("pass", "password")}
    | {f"ansible_{way}{word}" for way in _WAYS for word in ("pass", "password", "private_key_passphrase")}
)
"""Variables whose values are secrets, wherever they were set."""


class Renderer(Protocol):
    """What a scope needs of the template engine."""

    def resolve(self, value: Any, scope: Any) -> Any:
        """The value as expressions see it."""
        ...

    def learn(self, secret: Any) -> None:
        """Take note that a value is not to be shown."""
        ...


class Scope(Mapping[str, Any]):
    """An ordered tuple of layers, highest precedence first.

    As a mapping it gives rendered values (lazily). `find` is the same with a default; `raw` gives what was
    written. Rendering happens at most once per scope and name.
    """

    __slots__ = ("_memo", "_open", "_renderer", "layers")

    def __init__(self, layers: tuple[Mapping[str, Any], ...], renderer: Renderer) -> None:
        self.layers = layers
        self._renderer = renderer
        self._memo: dict[str, Any] = {}
        self._open: set[str] = set()

    def under(self, *layers: Mapping[str, Any]) -> Scope:
        """A scope with further layers on top; rendered values are not shared."""
        return type(self)((*layers, *self.layers), self._renderer)

    def over(self, layer: Mapping[str, Any]) -> Scope:
        """A scope with a further layer below all others; rendered values are not shared."""
        return type(self)((*self.layers, layer), self._renderer)

    def raw(self, name: str, default: Any = None) -> Any:
        """The value as written."""
        for layer in self.layers:
            if name in layer:
                return layer[name]
        return default

    def among(self, names: frozenset[str]) -> frozenset[str]:
        """Those of some names that variables have."""
        found: set[str] = set()
        for layer in self.layers:
            found |= names & layer.keys() if isinstance(layer, dict) else {name for name in names if name in layer}
        return frozenset(found)

    def find(self, name: str, default: Any = None) -> Any:
        """The rendered value of a variable, or `default`."""
        if name in self._memo:
            return self._memo[name]
        value = self.raw(name, _ABSENT)
        if value is _ABSENT:
            return default
        if not is_dynamic(value):
            if name in PASSWORDS:
                self._renderer.learn(value)
            return value
        if name in self._open:
            raise TemplateError(
                f"Recursive loop detected in template: {name!r} refers to itself", source=source_of(value)
            )
        self._open.add(name)
        try:
            resolved = self._renderer.resolve(value, self)
        finally:
            self._open.discard(name)
        if isinstance(resolved, Undefined):
            resolved = resolved.used_by(name, source_of(value))
        self._memo[name] = resolved
        if name in PASSWORDS:
            self._renderer.learn(resolved)
        return resolved

    def __getitem__(self, name: str) -> Any:
        value = self.find(name, _ABSENT)
        if value is _ABSENT:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self.layers)

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for layer in self.layers:
            for name in layer:
                if name not in seen:
                    seen.add(name)
                    yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)


class MergingScope(Scope):
    """A scope in which mappings of one name are merged, instead of the highest hiding the others."""

    __slots__ = ()

    def raw(self, name: str, default: Any = None) -> Any:
        """The value as written; of a mapping, with what lower layers say down to the first that says something else."""
        value = super().raw(name, default)
        if not isinstance(value, dict):
            return value
        parts = [layer[name] for layer in self.layers if name in layer]
        others = next((at for at, part in enumerate(parts) if not isinstance(part, dict)), len(parts))
        return functools.reduce(merged, reversed(parts[:others]))
