"""From samples to tables: medians, ratios, Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

OURS, THEIRS = "confman", "ansible-core"


@dataclass(frozen=True)
class Sample:
    """One run of one tool: seconds, bytes; traffic and hosts' processor time are means; `delay`: a round trip in ms."""

    hosts: int
    delay: int
    workload: str
    tool: str
    repetition: int
    wall: float
    cpu: float
    memory: int
    bytes_per_host: float
    packets_per_host: float
    cpu_per_host: float
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
    Measure("cpu_per_host", "CPU of a host, s", 1, 2),
)
_ALONE = MEASURES[:3]
"""What there is to say of runs without hosts."""


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
    """A table of ours beside theirs in one place: a row for each workload in the order of appearance."""
    measures = MEASURES if samples[0].hosts else _ALONE
    lines = [["workload", *(measure.title for measure in measures)]]
    for workload in dict.fromkeys(sample.workload for sample in samples):
        of_it = [sample for sample in samples if sample.workload == workload]
        lines.append([workload, *(cell(of_it, measure) for measure in measures)])
    return markdown(lines)


def peers_table(samples: Sequence[Sample]) -> str:
    """A table of all tools in one place: seconds on the wall and of the controller's processor time."""
    tools = list(dict.fromkeys(sample.tool for sample in samples))
    lines = [["workload, wall / controller CPU in s", *tools]]
    for workload in dict.fromkeys(sample.workload for sample in samples):
        row = [workload]
        for tool in tools:
            of_it = [sample for sample in samples if (sample.workload, sample.tool) == (workload, tool)]
            wall, cpu = median(of_it, "wall"), median(of_it, "cpu")
            row.append("-" if wall is None or cpu is None else f"{wall:.2f} / {cpu:.2f}")
        lines.append(row)
    return markdown(lines)


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """Rows, the first of which is the head, as a table with columns of even width."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([rows[0], rule, *rows[1:]]) + "\n"


def place(hosts: int, delay: int) -> str:
    """Where runs were: so many hosts, so far away."""
    if not hosts:
        return "without hosts"
    return f"{hosts} host{'' if hosts == 1 else 's'}" + (f", {delay} ms a round trip" if delay else "")


def tables(samples: Sequence[Sample]) -> str:
    """The tables under a heading for each place; a second one where there are further tools."""
    parts = []
    for hosts, delay in dict.fromkeys((sample.hosts, sample.delay) for sample in samples):
        here = [sample for sample in samples if (sample.hosts, sample.delay) == (hosts, delay)]
        parts.append(f"## {place(hosts, delay).capitalize()}\n\n{table(here)}")
        if {sample.tool for sample in here} - {OURS, THEIRS}:
            parts.append(peers_table(here))
    return "\n".join(parts)
