"""What a source written for Ansible imports, as far as it has to travel with it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from confman.errors import LanguageError
from confman.model.source import Source

CORE = "ansible.module_utils"
COLLECTIONS = "ansible_collections"


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One imported name.

    optional: it is not imported at the top of the file, so the code may do without it. ambiguous: its last part may
    be an object of the module that the rest names.
    """

    name: str
    optional: bool = False
    ambiguous: bool = False


def imports_of(text: str, name: str, path: str, *, package: bool = False) -> list[Import]:
    """The names of `ansible.module_utils` and of collections' module_utils that a source imports, sorted.

    name: the dotted name of the source, for relative imports. Raises LanguageError, with the place, for what is
    no Python.
    """
    try:
        tree = ast.parse(text, path)
    except (SyntaxError, ValueError, RecursionError) as error:
        place = Source(path, getattr(error, "lineno", 0) or 0, getattr(error, "offset", 0) or 0)
        message = getattr(error, "msg", None) or str(error)
        raise LanguageError(f"Unable to compile {name!r}: {message}", source=place) from error
    top = {id(node) for node in tree.body}
    found = {
        Import(each.name, optional=id(node) not in top, ambiguous=each.ambiguous)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for each in _names(node, name, package)
    }
    return sorted(found)


def _names(node: ast.Import | ast.ImportFrom, name: str, package: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.startswith((f"{CORE}.", f"{COLLECTIONS}.")) and travels(alias.name):
                yield Import(alias.name)
        return
    base = _base(node, name, package)
    if travels(base):
        yield from (Import(f"{base}.{alias.name}", ambiguous=True) for alias in node.names if alias.name != "*")
        yield from (Import(base) for alias in node.names if alias.name == "*")


def _base(node: ast.ImportFrom, name: str, package: bool) -> str:
    """The dotted name that an import takes its names from."""
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    parts = parts[: len(parts) - node.level + package]
    return ".".join([*parts, node.module] if node.module else parts)


def travels(name: str) -> bool:
    """Whether a dotted name is one of a module_utils package, or that package itself."""
    if name == CORE or name.startswith(f"{CORE}."):
        return True
    parts = name.split(".")
    return parts[0] == COLLECTIONS and parts[3:5] == ["plugins", "module_utils"]
