"""Our sources as they travel, and which others each of them needs."""

from __future__ import annotations

import ast

from confman.model.records import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One source as it travels: annotations blanked. `origin` is the path that tracebacks show."""

    name: str
    package: bool
    origin: str
    text: str
    digest: str

    def entry(self) -> tuple[bool, str, str]:
        """What the importer on the target wants."""
        return (self.package, self.origin, self.text)


def imported(piece: Piece) -> list[str]:
    """Dotted names that a blanked source imports, packages on the way included; some may name objects."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(piece.text)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(piece, node)
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    ours = {name for name in names if name.startswith("confman.")}
    return sorted(ours | {parent for name in ours for parent in _parents(name)})


def _base(piece: Piece, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = piece.name.split(".")
    parts = parts[: len(parts) - node.level + piece.package]
    return ".".join([*parts, node.module] if node.module else parts)


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]
