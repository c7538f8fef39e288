"""Blanks annotations in place, so that modern sources run on Python 3.6.

Every line and column stays where it was. Blanked are: annotations of parameters, results and variables; imports of
`typing`, `collections.abc` and `__future__` whose names only annotations used; the test of `if TYPE_CHECKING:`.
"""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING

from confman.errors import LanguageError
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPING = frozenset({"typing", "collections.abc", "__future__", "typing_extensions"})
OLDEST = (3, 6)
_Located = ast.stmt | ast.expr | ast.arg
_OPEN = frozenset("([{")
_CLOSE = frozenset(")]}")
_IGNORED = frozenset({tokenize.NL, tokenize.COMMENT})


def blank(text: str, path: str) -> str:
    """The source without annotations, same lines and columns.

    Raises LanguageError, with the place, for what is not Python or cannot be Python 3.6.
    """
    try:
        tree = ast.parse(text, path)
        result = _Blanker(text, tree).run()
        ast.parse(result, path, feature_version=OLDEST)
    except SyntaxError as error:
        place = Source(path, error.lineno or 0, error.offset or 0)
        hint = "Code that runs on targets has to be Python 3.6, annotations excepted."
        raise LanguageError(f"not valid on targets: {error.msg}", source=place, hint=hint) from error
    except (ValueError, RecursionError, tokenize.TokenError) as error:
        raise LanguageError(f"not Python source: {error}", source=Source(path)) from error
    return result


class _Blanker:
    """One source text, its tokens, and the edits that are to be made."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.tree = tree
        self.originals = io.StringIO(text).readlines()
        self.lines = list(self.originals)
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        self.tokens = [token for token in tokens if token.type not in _IGNORED]
        self.at = {token.start: number for number, token in enumerate(self.tokens)}

    def run(self) -> str:
        """The edited text."""
        runtime = _runtime_names(self.tree)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(node)
            elif isinstance(node, ast.AnnAssign):
                self._variable(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node, runtime)
            elif isinstance(node, ast.If) and _is_type_checking(node.test):
                self._write(self._start(node.test), self._end(node.test), "False")
        return "".join(self.lines)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for argument in _arguments(node.args):
            if argument.annotation is not None:
                first = self.at[self._start(argument)] + 1
                self._blank(first, self._until(first, {",", "=", ")"}), joined=True)
        if node.returns is not None:
            first = self._arrow(node)
            self._blank(first, self._until(first, {":"}), joined=False)

    def _variable(self, node: ast.AnnAssign) -> None:
        first = self._colon(node)
        last = self._until(first, {"=", ";"})
        if node.value is None:
            # A statement has to stay, and nothing may be evaluated.
            self._blank(self.at[self._start(node)], last, joined=False)
            line, column = self._start(node)
            self._write((line, column), (line, column + 1), "0")
        else:
            self._blank(first, last, joined=False)

    def _import(self, node: ast.Import | ast.ImportFrom, runtime: set[str]) -> None:
        modules = _imported(node)
        if not modules <= TYPING:
            return
        names = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if "__future__" in modules or not names & runtime:
            self._write(self._start(node), self._end(node), "pass")

    def _arrow(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        """The token `->` of a function: the first one behind the parentheses of its parameters."""
        number = self.at[self._start(node)]
        while self.tokens[number].string != "(":
            number += 1
        number = self._until(number + 1, {")"})
        return number + 1

    def _colon(self, node: ast.AnnAssign) -> int:
        return self._until(self.at[self._start(node)], {":"})

    def _until(self, number: int, ends: set[str]) -> int:
        """The next token at this depth that is one of `ends`, or ends the statement."""
        depth = 0
        while True:
            token = self.tokens[number]
            last = token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}
            if depth == 0 and (last or (token.type == tokenize.OP and token.string in ends)):
                return number
            if token.type == tokenize.OP:
                depth += (token.string in _OPEN) - (token.string in _CLOSE)
            number += 1

    def _blank(self, first: int, end: int, *, joined: bool) -> None:
        """Blank the tokens from `first` up to, not including, `end`; `joined`: newlines inside need no backslash."""
        if first < end:
            self._write(self.tokens[first].start, self.tokens[end - 1].end, "", joined=joined)

    def _write(self, start: tuple[int, int], end: tuple[int, int], text: str, *, joined: bool = True) -> None:
        """Put `text` at `start` and blanks up to `end` (line from 1, column from 0)."""
        for number in range(start[0], end[0] + 1):
            line = self.lines[number - 1]
            body = line.rstrip("\r\n")
            left = start[1] if number == start[0] else 0
            right = end[1] if number == end[0] else len(body)
            filling = text if number == start[0] else ""
            new = body[:left] + filling.ljust(right - left) + body[right:]
            if number < end[0] and not joined:
                new = new[:-1].ljust(left) + "\\"
            self.lines[number - 1] = new + line[len(body) :]

    def _start(self, node: _Located) -> tuple[int, int]:
        return node.lineno, self._characters(node.lineno, node.col_offset)

    def _end(self, node: _Located) -> tuple[int, int]:
        line = node.end_lineno or node.lineno
        return line, self._characters(line, node.end_col_offset or 0)

    def _characters(self, line: int, column: int) -> int:
        """The column in characters; the parser counts bytes of UTF-8."""
        text = self.originals[line - 1]
        return column if text.isascii() else len(text.encode()[:column].decode())


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {"." * node.level + (node.module or "")}


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None)


def _is_type_checking(test: ast.expr) -> bool:
    if isinstance(test, ast.Attribute):
        return test.attr == "TYPE_CHECKING" and isinstance(test.value, ast.Name) and test.value.id == "typing"
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _runtime_names(tree: ast.AST) -> set[str]:
    """The names that the code reads when it runs: all but those in annotations and behind TYPE_CHECKING."""
    names: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            names.add(node.id)
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting.extend(node.orelse)
            continue
        for field, value in ast.iter_fields(node):
            if field not in {"annotation", "returns"}:
                waiting.extend(
                    item for item in (value if isinstance(value, list) else [value]) if isinstance(item, ast.AST)
                )
    return names
