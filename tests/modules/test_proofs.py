"""The table of what tests show of modules: what is counted, and that a hole without a reason makes a run fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.modules import proofs

ROOT = Path(__file__).parents[2]
WHOLE = [(module, column) for module in proofs.MODULES for column in proofs.COLUMNS]


def test_what_is_shown_is_counted():
    lines, holes = proofs.table([*WHOLE, ("copy", "diff")], {})
    assert holes == []
    assert next(line.split() for line in lines if line.startswith("copy ")) == ["copy", "1", "1", "2", "1"]


def test_holes_need_reasons():
    shown = [pair for pair in WHOLE if pair[0] != "ping"]
    known = {("ping", column): "why not" for column in proofs.COLUMNS[1:]}
    lines, holes = proofs.table(shown, known)
    assert holes == ["ping, dry run"]
    assert "ping, refuses: why not" in lines
    assert "ping, dry run: why not" not in lines


def test_stated_reasons_are_about_modules():
    assert proofs.reasons()


@pytest.mark.parametrize(
    "text",
    [
        "- {modules: [nosuch], columns: [diff], reason: x}",
        "- {modules: [ping], columns: [nosuch], reason: x}",
        "- {modules: [ping], columns: [diff], reason: ' '}",
        "- {modules: [ping, ping], columns: [diff], reason: x}",
    ],
)
def test_wrong_reasons_are_refused(tmp_path, text):
    (tmp_path / "holes.yml").write_text(text)
    with pytest.raises(ValueError, match="is no hole of its own"):
        proofs.reasons(tmp_path / "holes.yml")


@pytest.mark.parametrize(("more", "code"), [((), 0), (("--modules-table",), 1)])
def test_a_run_with_holes_fails(more, code):
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *more]
    test = "tests/modules/test_proofs.py::test_stated_reasons_are_about_modules"
    done = subprocess.run([*argv, test], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("does not say why: copy, dry run" in done.stdout) is bool(more)
