"""The manual that a module of Ansible's contract carries: read from its source, which is not run.

https://docs.ansible.com/ansible-core/2.19/dev_guide/developing_modules_documenting.html
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confman.catalogue.collections import Collections, split
from confman.catalogue.runtime import CORE
from confman.documents.yaml import load_yaml, load_yaml_file
from confman.errors import LanguageError

BLOCKS = ("DOCUMENTATION", "EXAMPLES", "RETURN")
SIDECARS = (".yml", ".yaml")
_MERGED = ("options", "attributes")
_JOINED = ("notes", "requirements", "seealso")


def read_documentation(path: Path, collections: Collections) -> dict[str, Any]:
    """What a module says of itself: {"doc": mapping, "examples": text, "return": mapping}, {} when it says nothing.

    Fragments that it extends are merged in. Raises LanguageError for what cannot be read, or a missing fragment.
    """
    blocks = _blocks(path)
    if "DOCUMENTATION" not in blocks:
        return {}
    doc = _mapping(blocks["DOCUMENTATION"], path, "DOCUMENTATION")
    extended = doc.pop("extends_documentation_fragment", None) or []
    for name in extended if isinstance(extended, list) else str(extended).split(","):
        _extend(doc, _fragment(str(name).strip(), collections))
    examples = blocks.get("EXAMPLES")
    return {
        "doc": doc,
        "examples": examples if isinstance(examples, str) else "",
        "return": _mapping(blocks.get("RETURN"), path, "RETURN"),
    }


def _blocks(path: Path) -> dict[str, Any]:
    """The blocks of documentation in a Python source, or in the YAML file beside it."""
    for suffix in SIDECARS:
        sidecar = path.with_suffix(suffix)
        if sidecar.is_file():
            value = load_yaml_file(sidecar, trusted=False)
            return {name: value[name] for name in BLOCKS if isinstance(value, dict) and name in value}
    return _strings(path)


def _strings(path: Path) -> dict[str, Any]:
    """The texts that a source gives to the names of documentation blocks; {} for what is no Python."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError, OSError):
        return {}
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update({each.id: node.value.value for each in node.targets if isinstance(each, ast.Name)})
    return {name: text for name, text in found.items() if name in BLOCKS}


def _mapping(value: Any, path: Path, block: str) -> dict[str, Any]:
    if isinstance(value, str):
        value = load_yaml(value, f"{path} {block}", trusted=False)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise LanguageError(f"{block} of {path} is no mapping")
    return dict(value)


def _fragment(name: str, collections: Collections) -> Mapping[str, Any]:
    """A documentation fragment `name`, `name.part`, `ns.coll.name` or `ns.coll.name.part`."""
    collection, parts = split(name)
    if not parts:
        collection, parts = CORE, tuple(name.split("."))
    path = collections.plugin("doc_fragments", f"{collection}.{parts[0]}")
    wanted = (parts[1] if len(parts) > 1 else "DOCUMENTATION").upper()
    text = _class_strings(path).get(wanted) if path else None
    if path is None or text is None:
        raise LanguageError(f"unknown doc_fragment {name!r}")
    return _mapping(text, path, wanted)


def _class_strings(path: Path) -> dict[str, str]:
    """The texts in the class of a file of fragments."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError, OSError) as error:
        raise LanguageError(f"cannot read the documentation fragments in {path}: {error}") from error
    found: dict[str, str] = {}
    for body in (node.body for node in tree.body if isinstance(node, ast.ClassDef)):
        for node in body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                found.update({each.id: str(node.value.value) for each in node.targets if isinstance(each, ast.Name)})
    return found


def _extend(doc: dict[str, Any], fragment: Mapping[str, Any]) -> None:
    """Merge a fragment in: what the module says itself wins."""
    for key in _MERGED:
        if isinstance(fragment.get(key), dict):
            own = doc.get(key) if isinstance(doc.get(key), dict) else {}
            doc[key] = {
                name: _entry(fragment[key].get(name), (own or {}).get(name))
                for name in {**fragment[key], **(own or {})}
            }
    for key in _JOINED:
        if isinstance(fragment.get(key), list):
            doc[key] = [*(doc.get(key) or []), *fragment[key]]


def _entry(under: Any, over: Any) -> Any:
    """Two descriptions of one option: the upper one's facts win."""
    return {**under, **over} if isinstance(under, dict) and isinstance(over, dict) else under if over is None else over
