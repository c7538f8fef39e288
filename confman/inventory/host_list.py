"""Host lists: `a,b,` in the place of an inventory's path."""

from __future__ import annotations

from confman.errors import InventoryError
from confman.inventory.addresses import expand_hosts
from confman.inventory.statements import AddHost, Statement
from confman.model.source import Source

LIST_PLACE = "<host list>"


def parse_host_list(text: str) -> list[Statement]:
    """The statements of a comma-separated list; ranges are expanded, names without sense kept as they are."""
    place = Source(LIST_PLACE)
    statements: list[Statement] = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        try:
            names, port = expand_hosts(item)
        except InventoryError as error:
            raise InventoryError(error.message, source=place, hint=error.hint) from error
        statements.extend(AddHost(name, place, "ungrouped", port) for name in names)
    return statements
