"""Every lookup by its name: the short one, and the full one of those that are not built in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confman.templating.lookups import (
    files,
    first_found,
    hostnames,
    items,
    password,
    programs,
    sequence,
    tabular,
    template,
    tree,
    url,
    values,
)

if TYPE_CHECKING:
    from confman.templating.lookups.base import Lookup

LOOKUPS: dict[str, Lookup] = {
    "config": values.config,
    "csvfile": tabular.csvfile,
    "dict": items.dict_items,
    "env": values.env,
    "file": files.file,
    "fileglob": files.fileglob,
    "first_found": first_found.first_found,
    "indexed_items": items.indexed_items,
    "ini": tabular.ini,
    "inventory_hostnames": hostnames.inventory_hostnames,
    "items": items.items,
    "lines": programs.lines,
    "list": items.as_list,
    "nested": items.nested,
    "password": password.password,
    "pipe": programs.pipe,
    "random_choice": items.random_choice,
    "sequence": sequence.sequence,
    "subelements": items.subelements,
    "template": template.template,
    "together": items.together,
    "unvault": files.unvault,
    "url": url.url,
    "varnames": values.names,
    "vars": values.variables,
    "cartesian": items.cartesian,
    "community.general.cartesian": items.cartesian,
    "filetree": tree.filetree,
    "community.general.filetree": tree.filetree,
    "flattened": items.flattened,
    "community.general.flattened": items.flattened,
}
