"""What the tests of modules really showed, by module; `make test-modules` prints it as a table.

A test that has run a module in a dry run and for good says so here; what passed is counted at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from itertools import product
from pathlib import Path
from typing import Any

import yaml

COLUMNS = ("dry run", "second run", "diff", "refuses")
"""A dry run foretells the real one; a second run changes nothing; both have the same diff; bad arguments are refused."""
MODULES = sorted(path.stem for path in (Path(__file__).parents[2] / "modules").glob("[!_]*.py"))
_foretold: ContextVar[dict[str, Mapping[str, Any]] | None] = ContextVar("foretold", default=None)
_noted: ContextVar[list[tuple[str, str]] | None] = ContextVar("noted", default=None)
REASONS = Path(__file__).parent / "holes.yml"
"""Why something is not shown: a list of mappings of modules, columns and a reason."""


def reasons(path: Path = REASONS) -> dict[tuple[str, str], str]:
    """The stated reasons, by module and column. Raises ValueError for one that is about nothing, or empty."""
    found = {}
    for entry in yaml.safe_load(path.read_text()):
        for pair in product(entry["modules"], entry["columns"]):
            if pair[0] not in MODULES or pair[1] not in COLUMNS or not entry["reason"].strip() or pair in found:
                raise ValueError(f"{path}: {pair} is no hole of its own, or has no reason")
            found[pair] = entry["reason"]
    return found


def begin() -> list[tuple[str, str]]:
    """A new list of what the test that begins shows."""
    noted: list[tuple[str, str]] = []
    _noted.set(noted)
    _foretold.set({})
    return noted


def note_call(module: str, arguments: Mapping[str, Any], result: Mapping[str, Any], *, check: bool) -> None:
    """Say what one call gave: a real one is held against the dry run of the same call before it."""
    known, key = _foretold.get(), f"{module} {arguments}"
    if known is None:
        return
    if check:
        known[key] = result
    elif key in known or result.get("failed"):
        note_runs(module, known.get(key, {}), result, None)


def note(module: str, *columns: str) -> None:
    """Say what has been shown for a module."""
    noted = _noted.get()
    if noted is not None:
        noted += [(module, column) for column in columns]


def note_runs(
    module: str, foretold: Mapping[str, Any], done: Mapping[str, Any], again: Mapping[str, Any] | None
) -> None:
    """Say what a dry run, the real run after it and a second run show by their results."""
    if done.get("failed"):
        note(module, "refuses")
        return
    if bool(foretold.get("changed")) == bool(done.get("changed")):
        note(module, "dry run")
        if foretold.get("diff") == done.get("diff"):
            note(module, "diff")
    if again is not None and not again.get("changed"):
        note(module, "second run")


def table(proofs: Iterable[tuple[str, str]], known: Mapping[tuple[str, str], str]) -> tuple[list[str], list[str]]:
    """The lines of the table, and the holes for which no reason is known."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for proof in proofs:
        counts[proof] += 1
    width = max(map(len, MODULES))
    lines = [f"{'module':{width}}  " + "  ".join(f"{column:>10}" for column in COLUMNS)]
    holes, notes = [], []
    for module in MODULES:
        cells = []
        for column in COLUMNS:
            reason = known.get((module, column))
            count = counts[module, column]
            cells.append(str(count) if count else "-")
            if not count and reason:
                notes.append(f"{module}, {column}: {reason}")
            elif not count:
                holes.append(f"{module}, {column}")
        lines.append(f"{module:{width}}  " + "  ".join(f"{cell:>10}" for cell in cells))
    return [*lines, "", *notes], holes
