"""What inventory sources say, one statement at a time; every format is read into these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.model.records import dataclass

if TYPE_CHECKING:
    from confman.model.source import Source


@dataclass(frozen=True, slots=True)
class AddGroup:
    """There is a group of this name."""

    name: str
    source: Source


@dataclass(frozen=True, slots=True)
class AddHost:
    """There is a host of this name, in `group` if one is given; `port` counts only where the host is new."""

    name: str
    source: Source
    group: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class AddChild:
    """The group `child` is below the group `parent`."""

    parent: str
    child: str
    source: Source


@dataclass(frozen=True, slots=True)
class SetVariable:
    """The group or host `entity` has a variable (a group, should both have that name)."""

    entity: str
    key: str
    value: Any
    source: Source


@dataclass(frozen=True, slots=True)
class Remark:
    """Something was passed over; people should hear of it."""

    text: str
    source: Source


Statement = AddGroup | AddHost | AddChild | SetVariable | Remark
