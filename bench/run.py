"""`make bench`: confman and ansible-core in turns on the same hosts of a lab; a table of what each run cost."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Traffic, measure, read_links
from bench.plan import FOLDER, WORKLOADS, Workload
from bench.recap import differences, parse_recap, parse_results
from bench.report import page
from bench.table import Sample, tables
from bench.tools import BenchError, Tool, ansible_tool, confman_tool, install_ansible
from confman.lab.client import Lab
from confman.lab.files import LabError

ROOT = Path(__file__).resolve().parents[1]
_BOTH = ("-e", "ansible_python_interpreter=/usr/bin/python3")


@dataclass(frozen=True)
class Bench:
    """What a benchmark works with: `folder` has logs and samples, `limit` is the seconds that a run may take."""

    lab: Lab
    tools: tuple[Tool, ...]
    folder: Path
    limit: float


def parse_hosts(text: str) -> list[int]:
    """Numbers of hosts, ascending. Raises argparse.ArgumentTypeError."""
    words = text.split(",")
    if not all(word.strip().isdecimal() and 1 <= int(word) <= 500 for word in words):
        raise argparse.ArgumentTypeError(f"not numbers of hosts between 1 and 500, with commas: {text!r}")
    return sorted({int(word) for word in words})


def parse_count(text: str) -> int:
    """A number from 1 on. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a number from 1 on: {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    found.add_argument("--hosts", type=parse_hosts, default=[1, 10], metavar="N,N", help="numbers of hosts [1,10]")
    found.add_argument("--reps", type=parse_count, default=2, metavar="N", help="runs of each tool and workload [2]")
    found.add_argument("--timeout", type=parse_count, default=600, metavar="S", help="seconds a run may take [600]")
    found.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="where its lab, logs and samples go [.bench]"
    )
    found.add_argument(
        "--page",
        type=Path,
        default=ROOT / "docs/performance/bench.md",
        help="page to write [docs/performance/bench.md]",
    )
    return found


def say(text: str) -> None:
    """A line for the user."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def device(host: dict[str, Any]) -> str:
    """The link of a host of the lab, on this machine's side."""
    return f"cl{host['address'].split('.')[1]}-{host['number']}"


def command(tool: Tool, workload: Workload, inventory: Path, hosts: int) -> list[str]:
    """The command line of a tool for a workload."""
    common = ["-i", str(inventory), "-f", str(hosts), *_BOTH, *workload.options]
    if workload.playbook:
        return [*tool.play, str(FOLDER / workload.playbook), *common]
    return [*tool.adhoc, "all", "-m", "ansible.builtin.ping", *common]


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


def one_run(bench: Bench, tool: Tool, workload: Workload, repetition: int) -> Sample:
    """Prepare the hosts, run, verify. Raises BenchError when the run is not what it has to be."""
    hosts = bench.lab.hosts()
    names = [host["name"] for host in hosts]
    if workload.before:
        on_hosts(bench.lab, names, workload.before)
    words = command(tool, workload, bench.lab.state / "inventory.yml", len(hosts))
    log = bench.folder / "logs" / f"{len(hosts)}-{workload.name.replace(', ', '-').replace(' ', '_')}-{tool.name}.txt"
    links = [device(host) for host in hosts]
    before = read_links(links)
    cost = measure(words, tool.environment(os.environ, len(hosts)), log, bench.limit)
    traffic: Traffic = read_links(links) - before
    verify(workload, names, cost.code, log)
    return Sample(
        len(hosts), workload.name, tool.name, repetition, cost.wall, cost.cpu, cost.memory,
        traffic.bytes / len(hosts), traffic.packets / len(hosts), cost.counted,
    )  # fmt: skip


def verify(workload: Workload, names: list[str], code: int, log: Path) -> None:
    """Hold a run's output against what was expected. Raises BenchError."""
    text = log.read_text(encoding="utf-8", errors="replace")
    counts = parse_recap(text) if workload.playbook else parse_results(text)
    wrong = differences(counts, names, dict(workload.expected))
    if code:
        wrong.insert(0, f"exit code {code}")
    if wrong:
        raise BenchError(f"{workload.name}: not the run that was expected ({'; '.join(wrong)}); its output is in {log}")


def grow(lab: Lab, hosts: int) -> None:
    """Have so many hosts in the lab. Raises LabError."""
    more = hosts - (len(lab.hosts()) if lab.is_up() else 0)
    if more > 0:
        say(f"starting {more} hosts")
        lab.up(more)


def rounds(bench: Bench, hosts: list[int], repetitions: int) -> Iterator[Sample]:
    """Every run, the tools in turns. Before the first at each number of hosts both run once uncounted."""
    for count in hosts:
        grow(bench.lab, count)
        for tool in bench.tools:
            one_run(bench, tool, WORKLOADS[0], 0)
        for workload in WORKLOADS:
            for repetition in range(1, repetitions + 1):
                for tool in bench.tools:
                    yield one_run(bench, tool, workload, repetition)


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder. Raises BenchError when another benchmark does."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BenchError(f"another benchmark runs in {folder}; wait, or use another --folder") from error
        yield


@contextlib.contextmanager
def fresh_lab(folder: Path) -> Iterator[Lab]:
    """A lab that is empty at first and gone in the end, also when the user interrupts. Raises LabError."""
    lab = Lab((folder / "lab").resolve(), (folder / "bases").resolve(), say)
    lab.down()
    try:
        yield lab
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        say(f"{lab.down()} hosts ended")


def progress(sample: Sample) -> str:
    """A line about a run."""
    times = f"{sample.wall:8.2f} s wall{sample.cpu:8.2f} s CPU"
    return f"{sample.hosts:>4} hosts  {sample.workload:<32}{sample.tool:<14}{times}"


def work(options: argparse.Namespace) -> None:
    """The benchmark. Raises BenchError, LabError."""
    folder: Path = options.folder.resolve()
    with only_one(folder), tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        install_ansible(folder / "ansible", say)
        tools = (confman_tool(Path(sys.executable).parent), ansible_tool(folder / "ansible", Path(scratch)))
        (folder / "logs").mkdir(exist_ok=True)
        samples: list[Sample] = []
        with fresh_lab(folder) as lab, (folder / "bench.jsonl").open("w", encoding="utf-8") as lines:
            for sample in rounds(Bench(lab, tools, folder, options.timeout), options.hosts, options.reps):
                samples.append(sample)
                lines.write(json.dumps(sample.row()) + "\n")
                lines.flush()
                say(progress(sample))
    say(f"\n{tables(samples)}")
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(page(samples, tools, options.reps), encoding="utf-8")
    say(f"written: {options.page} and {folder / 'bench.jsonl'}")


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """The program; its exit code: 0 measured, 1 not, 2 bad options, 130 interrupted."""
    options = parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        work(options)
    except (BenchError, LabError, OSError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
