"""YAML and JSON inventories: groups that hold `hosts`, `vars` and `children`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from confman.documents.yaml import load_yaml
from confman.errors import InventoryError, LanguageError
from confman.inventory.addresses import expand_hosts
from confman.inventory.options import InventoryOptions
from confman.inventory.statements import AddChild, AddGroup, AddHost, Remark, SetVariable, Statement
from confman.inventory.trust import trusted
from confman.model.source import Source
from confman.model.values import SourcedDict, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_INFORMATION = InventoryOptions()
_SECTIONS = ("vars", "children", "hosts")
_MOST_LEVELS = 100


def parse_yaml(data: Any, path: str, options: InventoryOptions = _NO_INFORMATION) -> list[Statement]:
    """The statements of a YAML or JSON inventory, given its document. Raises InventoryError when it is none."""
    if not data:
        raise InventoryError("The inventory is empty", source=Source(path))
    if not isinstance(data, dict):
        hint = "it begins with a group, such as `all:`, and its `hosts:`"
        raise InventoryError(
            f"A YAML inventory is a mapping of groups, not {_kind(data)}", source=source_of(data), hint=hint
        )
    if data.get("plugin"):
        place = _place(data, "plugin", path)
        raise InventoryError("The file configures an inventory plugin: it is no inventory", source=place)
    reader = _Reader(path, options)
    for name, group in data.items():
        reader.group(name, group, _place(data, name, path), 0)
    return reader.statements


def read_document(text: str, path: str, options: InventoryOptions) -> Any:
    """The value of a YAML text; of a JSON text too where it is no YAML (tabs). Raises LanguageError."""
    try:
        return load_yaml(text, path, vault=options.vault, warn=options.warn)
    except LanguageError:
        if not text.lstrip().startswith(("{", "[")):
            raise
        try:
            return trusted(json.loads(text), Source(path))
        except (ValueError, RecursionError):
            pass
        raise


class _Reader:
    """The statements gathered from the tree of groups."""

    def __init__(self, path: str, options: InventoryOptions) -> None:
        self.path = path
        self.options = options
        self.statements: list[Statement] = []

    def group(self, name: Any, data: Any, place: Source, level: int) -> str | None:
        """Read a group and everything below it; its name, or None if it was passed over."""
        if not isinstance(name, str):
            raise InventoryError(
                f"The group's name {name!r} is not text", source=place, hint=f'write "{name}" in quotes'
            )
        if level > _MOST_LEVELS:
            raise InventoryError(f"Groups are nested deeper than {_MOST_LEVELS} levels", source=place)
        if data is not None and not isinstance(data, dict):
            self._remark(f"skipped {name!r}: a group is a mapping, not {_kind(data)}", place)
            return None
        kept = self.options.group_name(name)
        self.statements.append(AddGroup(kept, place))
        sections = {key: self._section(name, key, data) for key in data} if data else {}
        for key, section in sections.items():
            if section is not None:
                self._entries(kept, key, section, level)
        return kept

    def _entries(self, group: str, key: str, section: dict[Any, Any], level: int) -> None:
        if key == "children":
            self._children(group, section, level)
        elif key == "hosts":
            self._hosts(group, section)
        else:
            places = ((name, _place(section, name, self.path)) for name in section)
            self.statements.extend(SetVariable(group, name, section[name], place) for name, place in places)

    def _section(self, group: str, key: Any, data: dict[Any, Any]) -> dict[Any, Any] | None:
        """The mapping under `key`, where it is one that may stand in a group and is not empty."""
        place, section = _place(data, key, self.path), data[key]
        if key not in _SECTIONS:
            self._remark(
                f"skipped {key!r} in the group {group!r}: only vars, children and hosts may stand there", place
            )
            return None
        if isinstance(section, str):
            return SourcedDict({str(section): None}, source=place)
        if section is None or isinstance(section, dict):
            return section
        raise InventoryError(
            f"{key!r} of the group {group!r} must be a mapping, not {_kind(section)}",
            source=place,
            hint=f"write each entry of {key} as `name:`",
        )

    def _children(self, group: str, section: dict[Any, Any], level: int) -> None:
        for name, data in section.items():
            place = _place(section, name, self.path)
            child = self.group(name, data, place, level + 1)
            if child is None:
                raise InventoryError(f"The child group {name!r} must be a mapping, not {_kind(data)}", source=place)
            self.statements.append(AddChild(group, child, place))

    def _hosts(self, group: str, section: dict[Any, Any]) -> None:
        for pattern, variables in section.items():
            place = _place(section, pattern, self.path)
            self.statements.extend(hosts_of(pattern, variables, group, place))

    def _remark(self, text: str, place: Source) -> None:
        self.statements.append(Remark(text, place))


def hosts_of(pattern: Any, variables: Any, group: str, place: Source) -> Iterator[Statement]:
    """The statements of one entry under `hosts`: a name or a range, and a mapping of variables.

    Raises InventoryError when either is of another kind.
    """
    if not isinstance(pattern, str):
        raise InventoryError(
            f"The host's name {pattern!r} is not text", source=place, hint=f'write "{pattern}" in quotes'
        )
    if variables and not isinstance(variables, dict):
        raise InventoryError(f"The variables of {pattern!r} must be a mapping, not {_kind(variables)}", source=place)
    try:
        names, port = expand_hosts(str(pattern))
    except InventoryError as error:
        raise InventoryError(error.message, source=place, hint=error.hint) from error
    for name in names:
        yield AddHost(name, place, group, port)
        for key, value in (variables or {}).items():
            yield SetVariable(name, key, value, _place(variables, key, place.path, place))


def _place(mapping: Any, key: Any, path: str, otherwise: Source | None = None) -> Source:
    found = mapping.key_source(key) if isinstance(mapping, SourcedDict) else None
    return found or otherwise or Source(path)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"
