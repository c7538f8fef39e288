"""The shape of the code is a test: what the house promises about its size and order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shape.measure import Shape, code_lines, cycles, measure, percentile, read

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shape() -> Shape:
    return measure([*read(ROOT, "confman", ROOT / "confman"), *read(ROOT, "confman.modules", ROOT / "modules")])


def test_files_are_small(shape: Shape) -> None:
    assert [f"{path}: {lines}" for path, lines in shape.files.items() if lines > 400] == []
    assert percentile(list(shape.files.values()), 0.95) <= 250


def test_functions_are_small(shape: Shape) -> None:
    long = [f"{f.where}: {f.lines} lines" for f in shape.functions if f.lines > 45 and not _is_module(f.where)]
    assert long == []
    assert percentile([f.lines for f in shape.functions], 0.95) <= 25


def _is_module(where: str) -> bool:
    """A module's own function: its signature is its specification and may be long."""
    path, _, name = where.partition(" ")
    return path.startswith("modules/") and Path(path.partition(":")[0]).stem == name


def test_functions_are_simple(shape: Shape) -> None:
    assert [f"{f.where}: {f.complexity}" for f in shape.functions if f.complexity > 10] == []


def test_functions_take_few_parameters(shape: Shape) -> None:
    counts = [f.parameters for f in shape.functions if not f.where.startswith("modules/")]
    assert percentile(counts, 0.95) <= 4


def test_nothing_imports_in_a_circle(shape: Shape) -> None:
    assert shape.cycles == []


def test_own_code_is_imported_at_the_top(shape: Shape) -> None:
    assert [place for place in shape.lazy if not place.startswith(("confman/cli/", "confman/app.py"))] == []


def test_everything_is_typed(shape: Shape) -> None:
    assert shape.untyped == []


def test_everything_public_is_documented(shape: Shape) -> None:
    assert shape.undocumented == []


def test_no_global_statements(shape: Shape) -> None:
    assert shape.globals == []


def test_few_checks_are_switched_off(shape: Shape) -> None:
    assert len(shape.marks) * 1000 <= 2 * shape.code_lines, shape.marks


LEAST_TESTS = 0.65
"""Test code per code: a ratchet on the way to 1.5. Cases written as data (tests/modules/*/*.yml) are not counted."""


def test_tests_grow_with_the_code(shape: Shape) -> None:
    tests = sum(code_lines(source) for source in read(ROOT, "tests", ROOT / "tests"))
    assert tests / shape.code_lines >= LEAST_TESTS


def test_a_circle_is_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
