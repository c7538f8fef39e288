"""What collections say of their plugins in `meta/runtime.yml`: where they went, and when they go.

https://docs.ansible.com/ansible/latest/dev_guide/developing_collections_structure.html#meta-directory-and-runtime-yml
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from confman.documents.yaml import load_yaml_file
from confman.errors import LanguageError

CORE = "ansible.builtin"
"""The collection whose content is that of the installed ansible-core."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_runtime(path: Path | None) -> Mapping[str, Any]:
    """What a `meta/runtime.yml` says; {} where there is none. Raises LanguageError."""
    if path is None or not path.is_file():
        return {}
    try:
        # Nobody needs the places of these, and ansible-core's own table is long.
        value = _Loader(path.read_bytes()).get_single_data()
    except (yaml.YAMLError, ValueError, OSError):
        value = load_yaml_file(path, trusted=False)  # says what is wrong, and where
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise LanguageError(f"{path} must hold a mapping")
    return value


def _noun(kind: str) -> str:
    return "module" if kind == "modules" else f"{kind} plugin"


def _when(entry: Mapping[str, Any], collection: str, verb: str) -> str:
    """When and from what a feature goes (or went) away, as a sentence."""
    owner = "ansible-core" if collection == CORE else f"collection '{collection}'"
    if entry.get("removal_date"):
        when = f" in a release after {entry['removal_date']}"
    elif entry.get("removal_version"):
        when = f" version {entry['removal_version']}"
    else:
        when = "" if verb == "was" else " in a future release"
    return f"This feature {verb} removed from {owner}{when}."


def refuse_removed(kind: str, name: str, entry: Mapping[str, Any]) -> None:
    """Raise LanguageError for a plugin that its collection has removed."""
    grave = entry.get("tombstone")
    if not isinstance(grave, dict):
        return
    text = str(grave.get("warning_text") or "").strip()
    parts = (f"The {name!r} {_noun(kind)} has been removed.", text, _when(grave, ".".join(name.split(".")[:2]), "was"))
    raise LanguageError(" ".join(part for part in parts if part))


def deprecated(name: str, entry: Mapping[str, Any]) -> list[str]:
    """What is to be told about a plugin that will be removed."""
    note = entry.get("deprecation")
    if not isinstance(note, dict):
        return []
    text = str(note.get("warning_text") or "").strip()
    parts = (f"{name} has been deprecated.", text, _when(note, ".".join(name.split(".")[:2]), "will be"))
    return [" ".join(part for part in parts if part)]
