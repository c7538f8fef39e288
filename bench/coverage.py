"""How much of what playbooks call runs here: python -m bench.coverage TABLE [--collections FOLDER].

TABLE is Markdown with a table of modules by use, whose rows read `item | owners | repos | uses`, the item in
backquotes, below a heading that begins with "Modules". A short name that is neither ours nor ansible-core's is a
module that the counted repositories carry themselves: those are told of, and not counted.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from confman.actions.table import ACTIONS, ENGINE_ACTIONS
from confman.catalogue.collections import Collections
from confman.catalogue.find import Catalogue, Found
from confman.catalogue.installed import core_folder, python_roots
from confman.errors import LanguageError

ROW = re.compile(r"^\| `([^`]+)` \| (\d+) \| (\d+) \| (\d+) \|$")
HEADING = re.compile(r"^#+ (.*)$")
DISTINCT = re.compile(r"^#+ Modules .*\((\d+) distinct")
GOAL_OWN, GOAL_INSTALLED = 93.0, 99.0
"""The shares of tasks, in percent, that are aimed at."""


@dataclass(frozen=True, slots=True)
class Use:
    """A module as a table counts it."""

    name: str
    owners: int
    uses: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The counted modules: ours, those that only installed collections have, none, those that content carries."""

    own: list[Use] = field(default_factory=list)
    installed: list[Use] = field(default_factory=list)
    missing: list[Use] = field(default_factory=list)
    carried: list[Use] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Tasks that are counted."""
        return _uses(self.own) + _uses(self.installed) + _uses(self.missing)

    def share(self, *parts: Sequence[Use]) -> float:
        """How much of the counted tasks call modules of some parts, in percent."""
        return 100.0 * sum(map(_uses, parts)) / self.total if self.total else 0.0


def read_table(text: str) -> list[Use]:
    """The modules of every table below a heading "Modules ...", each once."""
    found: dict[str, Use] = {}
    below = False
    for line in text.splitlines():
        heading = HEADING.match(line)
        if heading:
            below = heading[1].startswith("Modules")
        row = ROW.match(line)
        if row and below:
            found[row[1]] = Use(row[1], int(row[2]), int(row[4]))
    return sorted(found.values(), key=lambda use: (-use.uses, use.name))


def distinct(text: str) -> int:
    """How many modules the counting found, as the headings of the tables say; 0 where they do not."""
    return max((int(match[1]) for match in map(DISTINCT.match, text.splitlines()) if match), default=0)


def classify(uses: Iterable[Use], roots: Sequence[Path]) -> Coverage:
    """Each module's part. roots: where collections are looked for beside those of this Python."""
    ours = Catalogue()
    everything = Catalogue(collections=Collections((*roots, *python_roots()), core_folder()))
    coverage = Coverage()
    for use in uses:
        _part(use.name, coverage, ours, everything).append(use)
    return coverage


def _part(name: str, coverage: Coverage, ours: Catalogue, everything: Catalogue) -> list[Use]:
    if name.removeprefix("ansible.builtin.") in ACTIONS.keys() | ENGINE_ACTIONS or ours.name_of(name):
        return coverage.own
    try:
        found = everything.find(name)
    except LanguageError:
        return coverage.missing
    if found is not None and not _for_windows(found):
        return coverage.installed
    return coverage.missing if "." in name else coverage.carried


def _for_windows(found: Found) -> bool:
    """Whether a module runs on Windows only: its file is PowerShell, or documents one that lies beside it."""
    powershell = found.program is not None and found.program.style == "powershell"
    return powershell or found.path.with_suffix(".ps1").is_file()


def report(coverage: Coverage, limit: int = 30, named: str = "") -> str:
    """What is told: the shares, and what is lacking, most used first. named: a first line about the table."""
    counted = {
        "a module of ours": (coverage.share(coverage.own), GOAL_OWN),
        "ours or an installed collection's": (coverage.share(coverage.own, coverage.installed), GOAL_INSTALLED),
    }
    carried = _uses(coverage.carried)
    lines = [named] if named else []
    lines.append(f"{coverage.total} tasks counted; {carried} more call modules that content carries itself")
    lines += [f"{share:6.2f} %  {name} (goal {goal:.0f} %)" for name, (share, goal) in counted.items()]
    parts: Mapping[str, list[Use]] = {
        "not ours, but run from a collection": coverage.installed,
        "not to be had": coverage.missing,
    }
    for title, uses in parts.items():
        lines += ["", f"{title}: {len(uses)} modules, {_uses(uses)} tasks, {coverage.share(uses):.2f} %"]
        lines += [f"{use.uses:7}  {use.name} ({use.owners} owners)" for use in uses[:limit]]
        if len(uses) > limit:
            lines.append(f"         and {len(uses) - limit} more")
    return "\n".join(lines) + "\n"


def _uses(uses: Iterable[Use]) -> int:
    return sum(use.uses for use in uses)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the report; 0, or 2 when the table has no rows or cannot be read."""
    parser = argparse.ArgumentParser(prog="bench.coverage", description="How much of what playbooks call runs here.")
    parser.add_argument("table", type=Path, help="Markdown with tables of modules by use")
    parser.add_argument("--collections", type=Path, action="append", default=[], help="a folder of collections")
    parser.add_argument("--limit", type=int, default=30, help="how many lacking modules are named")
    options = parser.parse_args(argv)
    try:
        text = options.table.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"cannot read {options.table}: {error}\n")
        return 2
    uses, known = read_table(text), distinct(text)
    if not uses:
        sys.stderr.write(f"{options.table}: no rows `item | owners | repos | uses` below a heading 'Modules'\n")
        return 2
    named = f"the tables name {len(uses)} of {known} modules" if known > len(uses) else ""
    sys.stdout.write(report(classify(uses, options.collections), options.limit, named))
    return 0


if __name__ == "__main__":
    sys.exit(main())
