"""What lookups are told beside their terms: `name=value` in a term, and options of a type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from confman.templating.filters.texts import FALSE, TRUE
from confman.templating.filters.values import kind
from confman.templating.lookups.base import LookupFailed

_WORD = re.compile(r"""(?:[^\s"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|["'])+""")
_YES = TRUE | {"y", "t"}
_NO = FALSE | {"n", "f"}


def boolean(name: str, value: Any) -> bool:
    """A yes or no, also as a text. Raises LookupFailed for anything else."""
    word = str(value).lower().strip()
    if value is None or word in _NO:
        return False
    if word in _YES:
        return True
    raise LookupFailed(f"the option {name!r} must be true or false, not {value!r}")


def integer(name: str, value: Any) -> int:
    """A whole number, also as a text (or hexadecimal with `0x`). Raises LookupFailed for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    try:
        return int(word, 16 if "0x" in word else 10)
    except ValueError:
        raise LookupFailed(f"the option {name!r} must be a whole number, not {value!r}") from None


def seconds(name: str, value: Any) -> float:
    """A time in seconds. Raises LookupFailed unless it is positive."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < float("inf"):
        raise LookupFailed(f"the option {name!r} must be a positive number of seconds, not {value!r}")
    return number


def text_list(name: str, value: Any) -> list[str]:
    """A list of texts, or a text of them separated by commas. Raises LookupFailed for anything else."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value else []
    if not isinstance(value, list | tuple):
        raise LookupFailed(f"the option {name!r} must be a list, not {kind(value)}")
    return [text_term(name, item) for item in value]


def text_term(name: str, value: Any) -> str:
    """A term that has to be text, without its marks. Raises LookupFailed for anything else."""
    if not isinstance(value, str):
        raise LookupFailed(f"{name} expects text, got {kind(value)}: {value!r}")
    return str(value)


def mapping(name: str, value: Any) -> Mapping[str, Any]:
    """A mapping. Raises LookupFailed for anything else."""
    if not isinstance(value, Mapping):
        raise LookupFailed(f"the option {name!r} must be a mapping, not {kind(value)}")
    return value


def parse_pairs(term: str) -> tuple[str, dict[str, str]]:
    """What stands before and between the `name=value` pairs of a term, and the pairs. Quotes keep spaces together."""
    free: list[str] = []
    pairs: dict[str, str] = {}
    for word in _WORD.findall(term):
        name, equals, value = word.partition("=")
        if equals and name and not name.endswith("\\"):
            pairs[name] = _unquoted(value)
        else:
            free.append(word.replace("\\=", "="))
    return " ".join(free), pairs


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value[1:-1]
    return value


def known_only(lookup: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Raises LookupFailed when an option is given that the lookup does not have."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise LookupFailed(
            f"{lookup} has no option {', '.join(map(repr, unknown))}", hint=f"options: {', '.join(sorted(known))}"
        )
