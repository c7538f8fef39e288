"""What the tools are given to do, and what has to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "workloads"
ROOT = "/srv/bench"
"""Where the file tasks work on hosts."""

_CLEAR = f"rm -rf -- {ROOT}"
_ALTER = f"for file in {ROOT}/d*/*.conf; do grep -qx drift $file || echo drift >>$file; done"


@dataclass(frozen=True)
class Workload:
    """One thing to do: a playbook or, without one, a ping. `before` is a shell line run on hosts ahead of each run."""

    name: str
    expected: Mapping[str, int]
    playbook: str = ""
    options: tuple[str, ...] = ()
    before: str = ""


WORKLOADS = (
    Workload("ping, ad hoc", {"success": 1}),
    Workload("30 file tasks, first run", {"ok": 30, "changed": 30}, "files.yml", before=_CLEAR),
    Workload("30 file tasks, unchanged", {"ok": 30}, "files.yml"),
    Workload("30 file tasks, check and diff", {"ok": 30, "changed": 15}, "files.yml", ("--check", "--diff"), _ALTER),
    Workload("30 commands", {"ok": 30, "changed": 30}, "commands.yml"),
)
