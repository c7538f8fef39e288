"""What is found out of a template's text once, for all times that it is rendered."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from confman.templating.includes import reads_others

_NAME_ONLY = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_KEYWORDS = frozenset({"true", "false", "none", "True", "False", "None", "not"})


class Shape(NamedTuple):
    """What is to be known of a template each time that it is rendered.

    name: the variable, if it is nothing but one. includes: whether it reads other templates. newlines: how many end it.
    """

    name: str
    includes: bool
    newlines: int


def shape_of(template: str) -> Shape:
    """What a template's text tells."""
    alone = _NAME_ONLY.fullmatch(template)
    name = alone[1] if alone and alone[1] not in _KEYWORDS else ""
    return Shape(name, reads_others(template), len(template) - len(template.rstrip("\n")))


def keep_newlines(count: int, result: Any) -> Any:
    """A text with as many newlines at its end; any other value as it is."""
    if not isinstance(result, str):
        return result
    missing_newlines = count - (len(result) - len(result.rstrip("\n")))
    return result + "\n" * missing_newlines if missing_newlines > 0 else result
