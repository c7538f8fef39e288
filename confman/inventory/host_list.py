"""Host lists: `a,b,` in the place of an inventory's path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confman.errors import InventoryError
from confman.inventory.addresses import RangeError, expand_hosts
from confman.inventory.statements import AddHost, Statement
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

LIST_PLACE = "<host list>"


def parse_host_list(text: str, remark: Callable[[str], None] | None = None) -> list[Statement]:
    """The statements of a comma-separated list; ranges are expanded, names without sense kept as they are.

    remark: told of brackets that lack what a range needs, which are then part of a name; without it they are errors.
    Raises InventoryError.
    """
    place = Source(LIST_PLACE)
    statements: list[Statement] = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        names, port = _expanded(item, place, remark)
        statements.extend(AddHost(name, place, "ungrouped", port) for name in names)
    return statements


def _expanded(item: str, place: Source, remark: Callable[[str], None] | None) -> tuple[list[str], int | None]:
    try:
        return expand_hosts(item)
    except InventoryError as error:
        if remark is not None and isinstance(error, RangeError):
            remark(f"Unable to parse address from hostname, leaving unchanged: {error.message}")
            return [item], None
        raise InventoryError(error.message, source=place, hint=error.hint) from error
