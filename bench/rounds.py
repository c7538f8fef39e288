"""The runs of a benchmark: the tools in turns, each run verified."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.measure import group_cpu, measure, read_links
from bench.plan import ALONE, FILES, PING, WORKLOADS, Workload
from bench.recap import differences
from bench.table import OURS, THEIRS, Sample
from bench.tools import BenchError, Tool
from confman.lab.client import Lab


@dataclass(frozen=True)
class Bench:
    """What a benchmark works with: `folder` has logs and samples, `limit` is the seconds that a run may take."""

    lab: Lab
    tools: tuple[Tool, ...]
    folder: Path
    limit: float
    say: Callable[[str], object]


@dataclass(frozen=True)
class Place:
    """Where a run goes: hosts of the lab (none: this machine alone), and how many milliseconds a round trip takes."""

    hosts: tuple[dict[str, Any], ...] = ()
    delay: int = 0


def rounds(bench: Bench, counts: Sequence[int], delays: Sequence[int], repetitions: int) -> Iterator[Sample]:
    """Every run: first what needs no host; in each place every tool runs once before, uncounted.

    Raises BenchError, LabError.
    """
    yield from in_turns(bench, ALONE, Place(), repetitions)
    for count in counts:
        grow(bench, count)
        for delay in delays:
            place = Place(tuple(bench.lab.hosts()), delay)
            slow(bench, place)
            in_place = [each for each in WORKLOADS if count <= each.most and (not delay or each.delayed)]
            for tool in bench.tools:
                one_run(bench, tool, PING, place, 0)
            yield from in_turns(bench, in_place, place, repetitions)
        slow(bench, Place(place.hosts))


def slow(bench: Bench, place: Place) -> None:
    """Have the links of the hosts as slow as their place is. Raises LabError."""
    bench.lab.fault([host["name"] for host in place.hosts], [f"latency={place.delay}ms"] if place.delay else ["clear"])


def in_turns(bench: Bench, workloads: Sequence[Workload], place: Place, repetitions: int) -> Iterator[Sample]:
    """The runs of workloads in one place; what they need on hosts is brought there by the first tool, uncounted.

    Further tools that do not do what was expected are left out of a workload. Raises BenchError for the other two.
    """
    for workload in workloads:
        if workload.prepared:
            one_run(bench, bench.tools[0], replace(FILES, expected={}, before=""), place, 0)
        for repetition in range(1, repetitions + 1):
            for tool in bench.tools:
                try:
                    sample = one_run(bench, tool, workload, place, repetition)
                except BenchError as error:
                    if tool.name in {OURS, THEIRS}:
                        raise
                    bench.say(f"left out: {error}")
                    continue
                if sample:
                    yield sample


def one_run(bench: Bench, tool: Tool, workload: Workload, place: Place, repetition: int) -> Sample | None:
    """Prepare the hosts, run, verify; None for what the tool does not do. Raises BenchError for a run gone wrong."""
    names = [host["name"] for host in place.hosts]
    inventory = bench.lab.state / "inventory.yml" if names else Path("localhost,")
    words = tool.command(workload.at(bench.folder / "made"), inventory, len(names))
    if words is None:
        return None
    if workload.before:
        on_hosts(bench.lab, names, workload.before)
    log = (
        bench.folder
        / "logs"
        / f"{tool.name}-{len(names)}-{place.delay}ms-{re.sub('[^a-z0-9]+', '-', workload.name)}.txt"
    )
    links, pids = [device(host) for host in place.hosts], [host["pid"] for host in place.hosts]
    traffic, theirs = read_links(links), group_cpu(pids)
    cost = measure(words, tool.environment(os.environ, max(len(names), 1)), log, bench.limit)
    traffic, theirs = read_links(links) - traffic, group_cpu(pids) - theirs
    verify(tool, workload, names or ["localhost"], cost.code, log)
    each = max(len(names), 1)
    return Sample(
        len(names), place.delay, workload.name, tool.name, repetition, cost.wall, cost.cpu, cost.memory,
        traffic.bytes / each, traffic.packets / each, theirs / each, cost.counted,
    )  # fmt: skip


def verify(tool: Tool, workload: Workload, names: list[str], code: int, log: Path) -> None:
    """Hold a run's output against what was expected. Raises BenchError."""
    wrong = [f"exit code {code}"] if code else []
    if workload.expected:
        counts = tool.counts(workload, log.read_text(encoding="utf-8", errors="replace"))
        wrong += differences(counts, names, dict(workload.expected))
    if wrong:
        said = "; ".join(wrong[:5])
        raise BenchError(
            f"{tool.name}, {workload.name}: not the run that was expected ({said}); its output is in {log}"
        )


def device(host: dict[str, Any]) -> str:
    """The link of a host of the lab, on this machine's side."""
    return f"cl{host['address'].split('.')[1]}-{host['number']}"


def on_hosts(lab: Lab, names: list[str], line: str) -> None:
    """Run a shell line as root on hosts. Raises BenchError when it fails."""
    for name in names:
        words = lab.ssh_command(name, "root", (line,))
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"{name}: preparing it took more than 60 s") from error
        if done.returncode:
            raise BenchError(f"{name}: preparing it did not work: {done.stderr.strip()[-500:]}")


def grow(bench: Bench, hosts: int) -> None:
    """Have so many hosts in the lab. Raises LabError."""
    more = hosts - (len(bench.lab.hosts()) if bench.lab.is_up() else 0)
    if more > 0:
        bench.say(f"starting {more} hosts")
        bench.lab.up(more)
