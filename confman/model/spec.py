"""What a module accepts, as read from its signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from confman.model.records import dataclass

Type = Literal["str", "int", "float", "bool", "list", "dict", "path", "raw", "json", "mode", "bytes", "bits", "blob"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `elements` is the type of a list's items, `options` the parameters of a dict (or of its items)."""

    name: str
    type: Type = "str"
    required: bool = False
    default: Any = None
    choices: tuple[Any, ...] = ()
    aliases: tuple[str, ...] = ()
    elements: Type | None = None
    secret: bool = False
    options: Mapping[str, Parameter] | None = None
    rules: Rules | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What parameters demand of each other; see `confman.kit.spec.rules`."""

    one_of: tuple[tuple[str, ...], ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    required_if: tuple[tuple[Any, ...], ...] = ()
    required_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spec:
    """A module: its parameters and what the runner must know of it."""

    name: str
    path: str
    parameters: Mapping[str, Parameter]
    rules: Rules = Rules()
    check: bool = True
    """Whether a dry run can plan it; otherwise it is skipped there."""
    verify: bool = True
    free_form: str = ""
    extra: bool = False
    doc: str = ""
