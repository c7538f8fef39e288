"""What may stand where a host is named: nothing that a program could take for an option or a control character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from confman.errors import InventoryError
from confman.model.values import Template

if TYPE_CHECKING:
    from confman.model.source import Source

CONNECTION_VARIABLES = frozenset(
    f"ansible_{prefix}{name}" for prefix in ("", "ssh_") for name in ("host", "user", "port")
) | {"ansible_become_user"}
"""The variables that reach the argument lists of programs."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_host_name(name: str, source: Source | None) -> None:
    """Raise InventoryError unless `name` may be a host's name."""
    if not name.strip():
        raise InventoryError("A host has an empty name", source=source)
    _check("The host's name", name, source)


def check_variable(key: str, value: Any, source: Source | None) -> None:
    """Raise InventoryError when a connection variable's value could be taken for an option; templates pass."""
    if key in CONNECTION_VARIABLES and not isinstance(value, Template) and isinstance(value, str | int):
        _check(key, str(value), source)


def _check(what: str, text: str, source: Source | None) -> None:
    if text.startswith("-"):
        hint = "programs such as ssh would take it for an option"
        raise InventoryError(f"{what} must not begin with '-': {text!r}", source=source, hint=hint)
    if _CONTROL.search(text):
        raise InventoryError(f"{what} must not hold control characters: {text!r}", source=source)
