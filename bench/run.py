"""`make bench`: confman and ansible-core in turns on the same hosts of a lab; a table of what each run cost."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.peers import PEERS
from bench.plan import make_files
from bench.plot import drawing
from bench.report import page
from bench.rounds import Bench, rounds
from bench.table import Sample, tables
from bench.tools import REQUIREMENT, BenchError, ansible_tool, confman_tool, install
from confman.lab.client import Lab
from confman.lab.files import LabError

ROOT = Path(__file__).resolve().parents[1]


def parse_hosts(text: str) -> list[int]:
    """Numbers of hosts, ascending. Raises argparse.ArgumentTypeError."""
    words = text.split(",")
    if not all(word.strip().isdecimal() and 1 <= int(word) <= 500 for word in words):
        raise argparse.ArgumentTypeError(f"not numbers of hosts between 1 and 500, with commas: {text!r}")
    return sorted({int(word) for word in words})


def parse_delays(text: str) -> list[int]:
    """Round-trip times in milliseconds, ascending; 0 is always among them. Raises argparse.ArgumentTypeError."""
    words = text.split(",")
    if not all(word.strip().isdecimal() and int(word) <= 2000 for word in words):
        raise argparse.ArgumentTypeError(f"not milliseconds up to 2000, with commas: {text!r}")
    return sorted({0, *(int(word) for word in words)})


def parse_peers(text: str) -> list[str]:
    """Names of further tools. Raises argparse.ArgumentTypeError."""
    names = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are {', '.join(PEERS)}")
    return names


def parse_count(text: str) -> int:
    """A number from 1 on. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a number from 1 on: {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    found.add_argument("--hosts", type=parse_hosts, default=[1, 10], metavar="N,N", help="numbers of hosts [1,10]")
    found.add_argument("--delays", type=parse_delays, default=[0], metavar="MS,MS", help="further round-trip times [0]")
    found.add_argument(
        "--peers",
        type=parse_peers,
        default=[],
        metavar="NAME,NAME",
        help=f"further tools, of {', '.join(PEERS)} [none]",
    )
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
    return f"{sample.hosts:>4} hosts {sample.delay:>4} ms  {sample.workload:<32}{sample.tool:<16}{times}"


def work(options: argparse.Namespace) -> None:
    """The benchmark. Raises BenchError, LabError."""
    folder: Path = options.folder.resolve()
    with only_one(folder), tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        install(folder / "ansible", (REQUIREMENT,), "ansible", say)
        both = confman_tool(Path(sys.executable).parent), ansible_tool(folder / "ansible", Path(scratch))
        tools = (*both, *(PEERS[name](folder / name, Path(scratch), say) for name in options.peers))
        for name in ("logs", "made"):
            (folder / name).mkdir(exist_ok=True)
        make_files(folder / "made")
        samples: list[Sample] = []
        with fresh_lab(folder) as lab, (folder / "bench.jsonl").open("w", encoding="utf-8") as lines:
            bench = Bench(lab, tools, folder, options.timeout, say)
            for sample in rounds(bench, options.hosts, options.delays, options.reps):
                samples.append(sample)
                lines.write(json.dumps(sample.row()) + "\n")
                lines.flush()
                say(progress(sample))
    say(f"\n{tables(samples)}")
    options.page.parent.mkdir(parents=True, exist_ok=True)
    picture = options.page.with_suffix(".svg")
    picture.write_text(drawing(samples), encoding="utf-8")
    options.page.write_text(page(samples, tools, options.reps, picture.name), encoding="utf-8")
    say(f"written: {options.page}, {picture} and {folder / 'bench.jsonl'}")


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
