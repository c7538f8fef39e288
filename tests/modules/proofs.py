"""What the tests of modules really showed, by module; `make test-modules` prints it as a table.

A test that has run a module in a dry run and for good says so here; what passed is counted at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

COLUMNS = ("dry run", "second run", "diff", "refuses")
"""A dry run foretells the real one; a second run changes nothing; both have the same diff; bad arguments are refused."""
MODULES = sorted(path.stem for path in (Path(__file__).parents[2] / "modules").glob("[!_]*.py"))
_foretold: ContextVar[dict[str, Mapping[str, Any]] | None] = ContextVar("foretold", default=None)
_noted: ContextVar[list[tuple[str, str]] | None] = ContextVar("noted", default=None)
_ACT = "an act that is done each time"
_RECORDED = "its programs are recorded ones here, which do not change"
REASONS: dict[str, dict[str, str]] = {
    **{name: {"second run": _RECORDED} for name in (
        "apk", "docker_compose_v2", "docker_container", "docker_image", "docker_network", "docker_volume", "dnf",
        "firewalld", "pacman", "rabbitmq_plugin", "rpm_key", "seport", "zypper", "zypper_repository",
        "acl", "filesystem", "modprobe", "openrc", "seboolean", "timezone",
    )},
    **{name: dict.fromkeys(COLUMNS[:3], f"shown in {place}, which asks in its own way") for name, place in (
        ("subversion", "test_subversion.py"), ("synchronize", "test_synchronize.py"),
        ("rabbitmq_plugin", "test_tools.py"),
    )},
    "tempfile": {"second run": _ACT},
}  # fmt: skip
"""Why a hole is one."""


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


def table(proofs: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """The lines of the table, and the holes for which there is no reason."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for proof in proofs:
        counts[proof] += 1
    width = max(map(len, MODULES))
    lines = [f"{'module':{width}}  " + "  ".join(f"{column:>10}" for column in COLUMNS)]
    holes, notes = [], []
    for module in MODULES:
        cells = []
        for column in COLUMNS:
            reason = REASONS.get(module, {}).get(column)
            count = counts[module, column]
            cells.append(str(count) if count else "-")
            if not count and reason:
                notes.append(f"{module}, {column}: {reason}")
            elif not count:
                holes.append(f"{module}, {column}")
        lines.append(f"{module:{width}}  " + "  ".join(f"{cell:>10}" for cell in cells))
    return [*lines, "", *notes], holes
