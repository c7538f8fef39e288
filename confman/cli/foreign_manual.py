"""Manuals of modules that were written for Ansible, in the same form as those of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from confman.cli.manual import Manual
from confman.model.spec import Parameter, Spec

if TYPE_CHECKING:
    from confman.catalogue.find import Found

_QUOTED = re.compile(r"\b(?:C|O|V|RV|E)\(((?:\\.|[^)\\])*)\)")
_LINKED = re.compile(r"\b[LR]\(((?:\\.|[^,)\\])*),\s*([^)]*)\)")
_PLAIN = re.compile(r"\b(?:I|B|M|U|P)\(([^)]*)\)")
_ESCAPED = re.compile(r"\\(.)")


def unmarked(text: str) -> str:
    """A text without Ansible's markup: `C(name)` and its like become quoted or plain words."""
    text = _LINKED.sub(r"\1 <\2>", text.replace("HORIZONTALLINE", "-" * 13))
    text = _QUOTED.sub(lambda match: "`" + _ESCAPED.sub(r"\1", match[1]) + "'", text)
    return _PLAIN.sub(r"\1", text)


def as_manual(documentation: Mapping[str, Any]) -> Manual:
    """The texts of a module's documentation (as `read_documentation` gives it)."""
    doc = documentation.get("doc") or {}
    options = doc.get("options") or {}
    returns = documentation.get("return") or {}
    return Manual(
        summary=unmarked(str(doc.get("short_description") or "(it has no documentation)")),
        description="\n\n".join(_texts(doc.get("description"))),
        arguments={str(name): " ".join(_texts(_of(entry, "description"))) for name, entry in options.items()},
        returns={str(name): " ".join(_texts(_of(entry, "description"))) for name, entry in returns.items()},
        examples=str(documentation.get("examples") or "").strip("\n"),
        notes="\n".join(_texts(doc.get("notes"))),
    )


def as_spec(found: Found, documentation: Mapping[str, Any]) -> Spec:
    """The parameters of a module as its documentation describes them."""
    options = (documentation.get("doc") or {}).get("options") or {}
    return Spec(found.name, str(found.path), {name: _parameter(name, entry or {}) for name, entry in options.items()})


def as_data(found: Found, documentation: Mapping[str, Any]) -> dict[str, Any]:
    """The manual as data, in the shape that `ansible-doc --json` gives."""
    parts = found.name.split(".")
    own = {
        "collection": ".".join(parts[:2]) if len(parts) > 2 else "",
        "filename": str(found.path),
        "has_action": bool(found.action),
        "module": parts[-1],
        "plugin_name": found.name,
    }
    return {
        "doc": {**(documentation.get("doc") or {}), **own},
        "examples": documentation.get("examples") or None,
        "metadata": None,
        "return": documentation.get("return") or None,
    }


def _of(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, Mapping) else None


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [unmarked(str(item)) for item in (value if isinstance(value, list) else [value])]


def _parameter(name: Any, entry: Mapping[str, Any]) -> Parameter:
    nested = entry.get("suboptions")
    choices = entry.get("choices")
    return Parameter(
        name=str(name),
        type=entry.get("type") or "str",
        required=bool(entry.get("required")),
        default=entry.get("default"),
        choices=tuple(choices) if isinstance(choices, list | dict) else (),
        aliases=tuple(map(str, entry.get("aliases") or ())),
        elements=entry.get("elements"),
        options={each: _parameter(each, inner or {}) for each, inner in nested.items()}
        if isinstance(nested, dict)
        else None,
    )
