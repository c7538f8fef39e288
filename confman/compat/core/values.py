"""Values on their way to plugins that were written for Ansible, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from jinja2 import StrictUndefined

from confman.compat.core.markers import from_marker, to_marker
from confman.errors import ConfmanError
from confman.model.values import OMIT, Sealed, SourcedDict, SourcedList, Template, Text, is_dynamic
from confman.templating.lazy import finalize
from confman.templating.undefined import Undefinable, Undefined
from confman.variables.scope import Scope

_ABSENT = object()


def _fail(marker: Undefined) -> Any:
    raise marker.error()


def to_core(value: Any) -> Any:
    """A value as plugins expect it: plain containers; text of playbooks carries ansible-core's mark of trust.

    Undefined values become ansible-core's markers, which raise when a plugin uses them.
    """
    if isinstance(value, Text):
        return _trusted(str(value))
    if isinstance(value, str | int | float | bytes | None.__class__):
        return value
    if isinstance(value, StrictUndefined):
        return to_marker(value) if isinstance(value, Undefined) else value
    return value.open() if isinstance(value, Sealed) else _container(value)


def _container(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {to_core(key): to_core(item) for key, item in value.items() if item is not OMIT}
    if isinstance(value, list | tuple):
        return [to_core(item) for item in value if item is not OMIT]
    return value


def _trusted(text: str) -> Any:
    return import_module("ansible.template").trust_as_template(text)


def from_core(value: Any) -> Any:
    """A plugin's result as our own value: data, but for text that the plugin marked as trusted."""
    if isinstance(value, StrictUndefined):
        return from_marker(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool | int | float | None.__class__):
        return _native(value)
    if isinstance(value, Mapping):
        items = {from_core(key): from_core(item) for key, item in value.items()}
        return SourcedDict(items, dynamic=True) if any(map(is_dynamic, items.values())) else items
    if isinstance(value, list | tuple | set | frozenset | Iterator):
        found = [from_core(item) for item in value]
        return SourcedList(found, dynamic=True) if any(map(is_dynamic, found)) else found
    return _native(value)


def _text(value: str) -> str:
    plain = str.__str__(value)
    if type(value) is str or not import_module("ansible.template").is_trusted_as_template(value):
        return plain
    return Template(plain) if "{{" in plain or "{%" in plain or "{#" in plain else Text(plain)


def _native(value: Any) -> Any:
    module = type(value).__module__
    if not module.startswith("ansible."):
        return value
    helper = import_module("ansible.module_utils._internal._datatag").AnsibleTagHelper
    native = helper.as_native_type(value)
    return native if type(native).__module__.partition(".")[0] != "ansible" else str(native)


def plain(value: Any) -> Any:
    """A value without lazy parts. Raises TemplateError for what is undefined."""
    try:
        return finalize(value, _fail, Undefined)
    except Undefinable as marker:
        raise marker.value.error() from None


class Variables(dict[str, Any]):
    """A host's variables for a plugin that wants a dict: each is rendered when it is looked at."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __getitem__(self, name: str) -> Any:
        if super().__contains__(name):
            return super().__getitem__(name)
        value = self.scope.find(name, _ABSENT)
        if value is _ABSENT:
            raise KeyError(name)
        value = to_core(plain(value)) if not isinstance(value, Mapping) or isinstance(value, dict) else value
        super().__setitem__(name, value)
        return value

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.scope

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.scope, *super().keys()]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, name: str, default: Any = None) -> Any:
        """As dict.get; what cannot be rendered raises TemplateError."""
        try:
            return self[name]
        except KeyError:
            return default

    def keys(self) -> Any:
        """The names."""
        return list(self)

    def items(self) -> Any:
        """Names and values, in a list; a value that cannot be rendered is left out."""
        return list(self._known())

    def values(self) -> Any:
        """The values that can be rendered."""
        return [value for _name, value in self._known()]

    def copy(self) -> dict[str, Any]:
        """The same, to be changed."""
        inner = Variables(self.scope)
        dict.update(inner, {name: dict.__getitem__(self, name) for name in dict.keys(self)})
        return inner

    def _known(self) -> Iterator[tuple[str, Any]]:
        for name in self:
            with suppress(ConfmanError):  # a broken variable must not spoil a plugin that only walks over all
                yield name, self[name]


def searched_collections(collections: Sequence[str]) -> list[str]:
    """The collections that a task names, with what is searched after all of them."""
    builtin = not collections or {"ansible.builtin", "ansible.legacy"} & set(collections)
    return [*collections] if builtin else [*collections, "ansible.legacy"]
