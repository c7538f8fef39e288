"""Blanked sources mean the same, stand where they stood, and are Python 3.6."""

import ast
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import LanguageError
from confman.payload.blank import blank

ROOT = Path(__file__).parents[2] / "confman"
OURS = sorted([*ROOT.glob("agent/*.py"), *ROOT.glob("kit/*.py"), *ROOT.glob("modules/*.py")])


@pytest.mark.parametrize(
    ("source", "blanked"),
    [
        ("x: int = 3", "x      = 3"),
        ("x: int", "0     "),
        ("x: int; y = 2", "0     ; y = 2"),
        ("def f(a: int, b: str = 'x') -> None: pass", "def f(a     , b      = 'x')        : pass"),
        ("def f(*a: int, k: int = 1, **b: str): pass", "def f(*a     , k      = 1, **b     ): pass"),
        ("def f(a: (int)): pass", "def f(a       ): pass"),
        (
            "def f(a: 'list[int]' = [1]) -> dict[str, int]:\n  return {}",
            "def f(a              = [1])                  :\n  return {}",
        ),
        ("async def f(a: int) -> int: return a", "async def f(a     )       : return a"),
        (
            "class A:\n  b: int = 1\n  def c(self: 'A') -> 'A': pass",
            "class A:\n  b      = 1\n  def c(self     )       : pass",
        ),
        ("x = lambda a: a", "x = lambda a: a"),
        ("d = {'a': 1}\ns = d['a':]", "d = {'a': 1}\ns = d['a':]"),
        ("a.b: int = 1", "a.b      = 1"),
        ("a[1:2]: int = 1", "a[1:2]      = 1"),
        ("(x): int = 1", "(x)      = 1"),
        ("def f(é: int, ü: str): pass", "def f(é     , ü     ): pass"),
        ("é: 'ö' = 'ä'", "é      = 'ä'"),
        ("from __future__ import annotations", "pass                              "),
        ("from typing import Any", "pass                  "),
        ("import typing", "pass         "),
        ("from typing import Any\nx = Any", "from typing import Any\nx = Any"),
        ("from typing import Any\nx: Any = 1", "pass                  \nx      = 1"),
        ("from collections.abc import Iterator", "pass                                "),
        (
            "from collections.abc import Mapping\nisinstance({}, Mapping)",
            "from collections.abc import Mapping\nisinstance({}, Mapping)",
        ),
        ("from collections import OrderedDict", "from collections import OrderedDict"),
        ("from typing import (\n    Any,\n    List,\n)", "pass                \n        \n         \n "),
        ("if TYPE_CHECKING:\n    import x", "if False        :\n    import x"),
        (
            "if typing.TYPE_CHECKING:\n    import x\nelse:\n    y = 1",
            "if False               :\n    import x\nelse:\n    y = 1",
        ),
        ("def f(a: int,  # why: because\n      b: str): pass", "def f(a     ,  # why: because\n      b     ): pass"),
        ("def f() -> list[\n    int\n]:\n  pass", "def f()        \\\n      \\\n :\n  pass"),
        ("x: list[\n  int] = [1]", "x      \\\n       = [1]"),
        ("def f(a: list[\n  int]): pass", "def f(a       \n      ): pass"),
    ],
)
def test_what_becomes_of(source, blanked):
    assert blank(source, "x.py") == blanked
    assert blanked.count("\n") == source.count("\n")


def stripped(tree):
    """The tree without annotations, as text."""

    class Strip(ast.NodeTransformer):
        def visit_arg(self, node):
            node.annotation = None
            return node

        def visit_FunctionDef(self, node):
            node.returns = None
            return self.generic_visit(node)

        visit_AsyncFunctionDef = visit_FunctionDef

        def visit_AnnAssign(self, node):
            if node.value is None:
                return ast.Expr(ast.Constant(0))
            return self.generic_visit(ast.Assign([node.target], node.value))

        def visit_If(self, node):
            if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                node.test = ast.Constant(False)
            return self.generic_visit(node)

        def visit_ImportFrom(self, node):
            return ast.Pass() if node.module in {"typing", "collections.abc", "__future__"} else node

    return ast.dump(Strip().visit(tree))


NAMES = st.sampled_from(["a", "b", "é", "lang"])
TYPES = st.sampled_from(
    [
        "int",
        "'str'",
        "list[int]",
        "dict[str, list[int]]",
        "(int)",
        "int | None",
        "A[\n  int,  # c: d\n\n  str\n]",
        "X[1:2]",
    ]
)


@st.composite
def functions(draw):
    arguments = [f"{name}: {draw(TYPES)}{draw(st.sampled_from(['', ' = 1']))}" for name in draw(st.sets(NAMES))]
    returns = draw(st.sampled_from(["", " -> "]))
    keyword_only = ["*", *arguments] if arguments else []
    body = draw(st.sampled_from(["pass", "x: int = 1", "y: str", "return {1: 2}[1:]"]))
    return f"{draw(st.sampled_from(['', 'async ']))}def f({', '.join(keyword_only)}){returns}{draw(TYPES) if returns else ''}:  # e: f\n    {body}\n"


@given(st.lists(functions(), min_size=1, max_size=3))
def test_any_function_keeps_its_meaning_and_places(parts):
    source = "\n".join(parts)
    result = blank(source, "x.py")
    assert stripped(ast.parse(result)) == stripped(ast.parse(source))
    assert result.count("\n") == source.count("\n")
    places = [(node.lineno, node.col_offset) for node in ast.walk(ast.parse(result)) if isinstance(node, ast.Return)]
    assert places == [
        (node.lineno, node.col_offset) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Return)
    ]


@given(st.text(max_size=60))
def test_any_text_is_blanked_or_refused(text):
    try:
        blank(text, "x.py")
    except LanguageError as error:
        assert error.source.path == "x.py"


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_own_sources_are_python_3_6(path):
    result = blank(path.read_text(), str(path))
    assert result.count("\n") == path.read_text().count("\n")
    ast.parse(result, feature_version=(3, 6))


@pytest.mark.parametrize("python", sorted(Path("~/.pyenv/versions").expanduser().glob("3.[67].*/bin/python3")), ids=str)
def test_real_old_pythons_compile_them(python, tmp_path):
    for path in OURS:
        (tmp_path / f"{path.parent.name}_{path.name}").write_text(blank(path.read_text(), str(path)))
    subprocess.run([str(python), "-m", "compileall", "-q", str(tmp_path)], check=True)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1\ndef f(:\n", 2),
        ("\nif (x := 1): pass", 2),
        ("def f(a, /): pass", 1),
        ("match x:\n  case 1: pass", 1),
    ],
)
def test_what_cannot_run_on_targets_is_refused_with_its_place(source, line):
    with pytest.raises(LanguageError, match="not valid on targets") as caught:
        blank(source, "library/mine.py")
    assert caught.value.source.path == "library/mine.py"
    assert caught.value.source.line in {line, 0} or line == 1
    assert "3.6" in caught.value.hint
