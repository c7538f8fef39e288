"""TOML inventories: a table a group, with `hosts`, `vars` and `children`."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from confman.errors import InventoryError
from confman.inventory.options import InventoryOptions
from confman.inventory.statements import AddChild, AddGroup, Remark, SetVariable, Statement
from confman.inventory.trust import trusted
from confman.inventory.yaml import hosts_of
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_INFORMATION = InventoryOptions()
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


def parse_toml(text: str, path: str, options: InventoryOptions = _NO_INFORMATION) -> list[Statement]:
    """The statements of a TOML inventory. Raises InventoryError when it is no TOML or no inventory."""
    place = Source(path)
    data = _load(text, path)
    if not data:
        raise InventoryError("The inventory is empty", source=place)
    if data.get("plugin"):
        raise InventoryError("The file configures an inventory plugin: it is no inventory", source=place)
    statements: list[Statement] = []
    for name, group in data.items():
        if isinstance(group, dict):
            statements.extend(_group(options.group_name(name), group, place, options))
        else:
            statements.append(Remark(f"skipped {name!r}: a group is a table", place))
    return statements


def _load(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        place = Source(path, int(found[1]), int(found[2])) if found else Source(path)
        raise InventoryError(f"Not valid TOML: {_PLACE.sub('', str(error))}", source=place) from error
    except RecursionError:
        raise InventoryError("Not valid TOML: it is nested too deeply", source=Source(path)) from None


def _group(name: str, data: dict[str, Any], place: Source, options: InventoryOptions) -> list[Statement]:
    statements: list[Statement] = [AddGroup(name, place)]
    for key, section in data.items():
        if key == "vars":
            table = _checked(section, dict, name, key, place)
            statements.extend(SetVariable(name, var, trusted(value, place), place) for var, value in table.items())
        elif key == "children":
            for child in _checked(section, list, name, key, place):
                below = options.group_name(_child_name(child, name, place))
                statements += [AddGroup(below, place), AddChild(name, below, place)]
        elif key == "hosts":
            table = _checked(section, dict, name, key, place)
            for pattern, variables in table.items():
                statements.extend(hosts_of(pattern, trusted(variables, place), name, place))
        else:
            text = f"skipped {key!r} in the group {name!r}: only vars, children and hosts may stand there"
            statements.append(Remark(text, place))
    return statements


def _checked(section: Any, kind: type, group: str, key: str, place: Source) -> Any:
    if isinstance(section, kind):
        return section
    wanted = "a table" if kind is dict else "a list of group names"
    raise InventoryError(f"{key!r} of the group {group!r} must be {wanted}", source=place)


def _child_name(child: Any, group: str, place: Source) -> str:
    if isinstance(child, str):
        return child
    raise InventoryError(f"The group {group!r} has a child {child!r}, which is not a name", source=place)


def toml_text(data: dict[str, Any]) -> str:
    """A mapping as TOML: scalars and lists first, then a table for each mapping; null values are left out."""
    return "\n".join(_tables(data, ())).lstrip("\n") + "\n"


def _tables(data: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    for key, value in data.items():
        if value is not None and not isinstance(value, dict):
            yield f"{_text(str(key))} = {_value(value)}"
    for key, value in data.items():
        if isinstance(value, dict):
            below = (*path, str(key))
            yield f"\n[{'.'.join(map(_text, below))}]"
            yield from _tables(value, below)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value if item is not None)}]"
    if isinstance(value, dict):
        pairs = (f"{_text(str(key))} = {_value(item)}" for key, item in value.items() if item is not None)
        return f"{{{', '.join(pairs)}}}"
    return _quoted(str(value))


def _text(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    """A basic string: JSON's escapes are TOML's too, but for DEL, which TOML does not allow as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
