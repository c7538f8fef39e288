"""Measures the shape of the code base: sizes, complexity, cycles, annotations, docstrings.

How each figure is counted:
  file lines       physical lines of a non-empty file
  function lines   from `def` to the last line, less the docstring; nested functions included
  complexity       McCabe: 1 + if, for, while, except, assert, case, each further boolean operand, comprehensions and their ifs
  parameters       without self and cls
  cycles           of imports at module level, under TYPE_CHECKING and inside functions
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert, ast.match_case)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Source:
    """A parsed file and its dotted name."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    package: bool


@dataclass
class Measured:
    """A function's figures."""

    where: str
    lines: int
    complexity: int
    parameters: int


@dataclass
class Shape:
    """The figures of a code base."""

    files: dict[str, int] = field(default_factory=dict)
    functions: list[Measured] = field(default_factory=list)
    untyped: list[str] = field(default_factory=list)
    undocumented: list[str] = field(default_factory=list)
    globals: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    lazy: list[str] = field(default_factory=list)
    cycles: list[list[str]] = field(default_factory=list)
    code_lines: int = 0


def read(root: Path, top: str, folder: Path) -> Iterator[Source]:
    """Every Python file below `folder`, named from `top`."""
    for path in sorted(folder.rglob("*.py")):
        parts = (top, *path.relative_to(folder).with_suffix("").parts)
        package = parts[-1] == "__init__"
        text = path.read_text(encoding="utf-8")
        name = ".".join(parts[:-1] if package else parts)
        yield Source(name, path.relative_to(root), text, ast.parse(text), package)


def measure(sources: list[Source]) -> Shape:
    """The shape of a code base."""
    shape = Shape()
    known = {source.name for source in sources}
    graph: dict[str, set[str]] = {name: set() for name in known}
    for source in sources:
        if source.text:
            shape.files[str(source.path)] = source.text.count("\n")
        shape.code_lines += code_lines(source)
        shape.marks += _marks(source)
        for node in ast.walk(source.tree):
            if isinstance(node, FUNCTIONS):
                shape.functions.append(_function(source, node))
                shape.untyped += _untyped(source, node)
            elif isinstance(node, ast.Global):
                shape.globals.append(f"{source.path}:{node.lineno}")
        shape.undocumented += [f"{source.path}:{line} {name}" for line, name in _undocumented(source.tree.body)]
        for target, inside, line in imports(source, known):
            graph[source.name].add(target)
            if inside:
                shape.lazy.append(f"{source.path}:{line}")
    shape.cycles = cycles(graph)
    return shape


def percentile(values: list[int], share: float) -> int:
    """The value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def code_lines(source: Source) -> int:
    """Lines that hold code: no blank lines, comments or docstrings."""
    quiet: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)):
            doc = _docstring(node)
            if doc is not None:
                quiet.update(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    lines = source.text.splitlines()
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in quiet
        for number, line in enumerate(lines, 1)
    )


def _docstring(node: ast.Module | ast.ClassDef | Function) -> ast.Expr | None:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first
    return None


def _marks(source: Source) -> list[str]:
    found = re.finditer(r"#\s*(?:type: ignore|noqa|pragma: no cover|pyright: ignore)", source.text)
    return [f"{source.path}:{source.text.count(chr(10), 0, match.start()) + 1}" for match in found]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _own(child)


def _function(source: Source, node: Function) -> Measured:
    doc = _docstring(node)
    doc_lines = (doc.end_lineno or doc.lineno) - doc.lineno + 1 if doc else 0
    complexity = 1
    for inner in _own(node):
        if isinstance(inner, BRANCHES):
            complexity += 1
        elif isinstance(inner, ast.BoolOp):
            complexity += len(inner.values) - 1
        elif isinstance(inner, ast.comprehension):
            complexity += 1 + len(inner.ifs)
    lines = (node.end_lineno or node.lineno) - node.lineno + 1 - doc_lines
    return Measured(f"{source.path}:{node.lineno} {node.name}", lines, complexity, len(parameters(node)))


def parameters(node: Function) -> list[ast.arg]:
    """A function's parameters but self and cls."""
    spec = node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *filter(None, (spec.vararg, spec.kwarg))]
    return [arg for index, arg in enumerate(every) if not (index == 0 and arg.arg in {"self", "cls", "mcs"})]


def _untyped(source: Source, node: Function) -> list[str]:
    missing = [arg.arg for arg in parameters(node) if arg.annotation is None]
    if node.returns is None:
        missing.append("return")
    return [f"{source.path}:{node.lineno} {node.name}: {', '.join(missing)}"] if missing else []


def _undocumented(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    for node in body:
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)) and not node.name.startswith("_"):
            overloaded = any("overload" in ast.unparse(mark) for mark in node.decorator_list)
            setter = any(ast.unparse(mark).endswith(".setter") for mark in node.decorator_list)
            if _docstring(node) is None and not overloaded and not setter:
                yield node.lineno, node.name
            if isinstance(node, ast.ClassDef):
                yield from _undocumented(node.body)


def imports(source: Source, known: set[str]) -> Iterator[tuple[str, bool, int]]:
    """(module of ours, whether inside a function, line) for every import."""
    for node, inside in _with_depth(source.tree, inside=False):
        for name in _names(source, node):
            target = name if name in known else name.rpartition(".")[0]
            if target in known and target != source.name:
                yield target, inside, getattr(node, "lineno", 0)


def _with_depth(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        yield child, inside
        yield from _with_depth(child, inside=inside or isinstance(child, FUNCTIONS))


def _names(source: Source, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other in a circle (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in sorted(graph[name]):
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            at = stack.index(name)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found
