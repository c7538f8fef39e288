"""From samples to tables: medians, ratios, Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

OURS, THEIRS = "confman", "ansible-core"


@dataclass(frozen=True)
class Sample:
    """One run of one tool. Seconds, bytes; traffic is the mean over the hosts."""

    hosts: int
    workload: str
    tool: str
    repetition: int
    wall: float
    cpu: float
    memory: int
    bytes_per_host: float
    packets_per_host: float
    counted: str

    def row(self) -> dict[str, object]:
        """Itself as a line of the JSON file."""
        return asdict(self)


@dataclass(frozen=True)
class Measure:
    """A column: the field of a sample, and how it is shown."""

    field: str
    title: str
    scale: float
    digits: int


MEASURES = (
    Measure("wall", "wall, s", 1, 2),
    Measure("cpu", "controller CPU, s", 1, 2),
    Measure("memory", "largest process, MiB", 1 << 20, 0),
    Measure("bytes_per_host", "KiB per host", 1 << 10, 0),
    Measure("packets_per_host", "packets per host", 1, 0),
)


def median(samples: Iterable[Sample], field: str) -> float | None:
    """The median of a field, None without samples."""
    values = [float(getattr(sample, field)) for sample in samples]
    return statistics.median(values) if values else None


def ratio(ours: float | None, theirs: float | None) -> str:
    """How many times theirs is ours, "-" when that cannot be said."""
    if ours is None or theirs is None or ours <= 0:
        return "-"
    return f"{theirs / ours:.1f}x"


def cell(samples: Sequence[Sample], measure: Measure) -> str:
    """Ours, theirs and the ratio."""
    ours, theirs = (median((s for s in samples if s.tool == tool), measure.field) for tool in (OURS, THEIRS))
    shown = ["-" if value is None else f"{value / measure.scale:.{measure.digits}f}" for value in (ours, theirs)]
    return f"{shown[0]} / {shown[1]} = **{ratio(ours, theirs)}**"


def table(samples: Sequence[Sample]) -> str:
    """A Markdown table of samples of one number of hosts: a row for each workload in the order of appearance."""
    lines = [["workload", *(measure.title for measure in MEASURES)]]
    for workload in dict.fromkeys(sample.workload for sample in samples):
        of_it = [sample for sample in samples if sample.workload == workload]
        lines.append([workload, *(cell(of_it, measure) for measure in MEASURES)])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([rows[0], rule, *rows[1:]]) + "\n"


def tables(samples: Sequence[Sample]) -> str:
    """A table under a heading for each number of hosts."""
    parts = []
    for hosts in dict.fromkeys(sample.hosts for sample in samples):
        title = f"## {hosts} host{'' if hosts == 1 else 's'}"
        parts.append(f"{title}\n\n{table([sample for sample in samples if sample.hosts == hosts])}")
    return "\n".join(parts)
