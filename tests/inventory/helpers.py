"""What several tests of inventories need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings

from confman.errors import InventoryError
from confman.inventory.builder import Builder
from confman.inventory.ini import parse_ini
from confman.inventory.options import InventoryOptions
from confman.inventory.queries import groups_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from confman.model.inventory import Inventory


def ini(text: str, **options: Any) -> Inventory:
    """The inventory of an INI text."""
    settings = InventoryOptions(**options)
    builder = Builder(settings)
    builder.apply(parse_ini(text, "hosts", builder.groups, settings), "hosts", "/inv")
    return builder.finish(("hosts",))


def own(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Variables without those that say where a host was read."""
    return {key: value for key, value in variables.items() if key not in {"inventory_file", "inventory_dir"}}


def effective(inventory: Inventory, host: str) -> dict[str, Any]:
    """A host's variables, those of its groups included."""
    result: dict[str, Any] = {}
    for group in groups_of(inventory, host):
        result.update(group.vars)
    return {**result, **own(inventory.hosts[host].vars)}


def collected(into: list[str], **options: Any) -> InventoryOptions:
    """Options whose warnings are added to a list."""
    return InventoryOptions(warn=into.append, **options)


RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=200)
"""For property tests: a slow machine is no failure."""


def outcome(call: Callable[[], Any]) -> tuple[Any, InventoryError | None]:
    """What a call gives, or the InventoryError that it raises; anything else is a failure."""
    try:
        return call(), None
    except InventoryError as error:
        return None, error
