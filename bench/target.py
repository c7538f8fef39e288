"""What single tasks cost a host, in its own processor time: `python -m bench.target` (`make bench-target`).

Each side runs a play with few tasks of a kind, then one with many; what the host used more for the many, over their
number, is what one more task costs on an open connection. All that runs on the host counts, its sshd too.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.tools import BenchError, Tool, ansible_tool, confman_tool
from confman.lab.client import Lab
from confman.lab.files import LabError

LIMIT = 900
"""Seconds that a run may take."""
COUNT = r"""cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | awk '{s += $12 + $13 + $14 + $15} END {print s}'"""
"""Clock ticks of all processes of a host and of those that they have waited for: nobody's end takes any away."""
TICKS = os.sysconf("SC_CLK_TCK")
LINE = "lineinfile: {path: /tmp/bench, line: 'line %d', create: true}"


@dataclass(frozen=True)
class Work:
    """A kind of task: its text (%d is a number), how many more are measured of it, and what a play does before."""

    name: str
    task: str
    ours: int
    theirs: int
    before: str = "true"


WORK = (
    Work("lineinfile, unchanged", LINE % 1, 500, 20, "echo line 1 > /tmp/bench"),
    Work("lineinfile, a new line", LINE, 500, 20, "rm -f /tmp/bench"),
    Work("setup", "setup: {}", 10, 4),
)


def play(work: Work, count: int) -> str:
    """A playbook with so many tasks of a kind."""
    tasks = "".join(f"    - {work.task % n if '%d' in work.task else work.task}\n" for n in range(count))
    return f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"


def ask(lab: Lab, host: str, line: str) -> str:
    """What a shell line says on a host. Raises BenchError when it fails."""
    words = lab.ssh_command(host, "root", (line,))
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise BenchError(f"{host}: `{line}` did not work: {done.stderr.strip()[-500:]}")
    return done.stdout


def used(lab: Lab, host: str) -> float:
    """Seconds of processor time of all that has run on a host."""
    return int(ask(lab, host, COUNT)) / TICKS


def cost(tool: Tool, lab: Lab, host: str, playbook: str) -> float:
    """Seconds of the host's processor time for a play. Raises BenchError when the play fails."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "play.yml"
        path.write_text(playbook)
        idle = used(lab, host)
        begin = used(lab, host)
        words = [*tool.play, "-i", str(lab.state / "inventory.yml"), "-l", host, str(path)]
        environment = {**tool.environment(os.environ, 1), "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
        if done.returncode:
            raise BenchError(f"{tool.name} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return used(lab, host) - begin - (begin - idle)  # without what counting takes


def each(tool: Tool, lab: Lab, host: str, work: Work) -> tuple[float, float]:
    """Seconds for a play with one task, and for each of many more."""
    more = work.ours if tool.name == "confman" else work.theirs
    spent = []
    for count in (1, 1 + more):
        ask(lab, host, work.before)
        spent.append(cost(tool, lab, host, play(work, count)))
    return spent[0], (spent[1] - spent[0]) / more


def row(name: str, ours: float, theirs: float) -> str:
    """A line of the table, of seconds."""
    times = f"{theirs / ours:.0f}" if ours > 0 else "-"
    return f"| {name} | {1000 * ours:.2f} | {1000 * theirs:.0f} | {times} |\n"


def measure(lab: Lab, tools: tuple[Tool, Tool]) -> None:
    """Measure all and print the table. Raises BenchError, LabError."""
    host = lab.up(1)[0]
    for tool in tools:  # what is brought over once is no part of a task
        cost(tool, lab, host, play(WORK[0], 1))
    sys.stdout.write("| what | confman, ms | ansible-core, ms | times |\n|---|---|---|---|\n")
    for work in WORK:
        ours, theirs = (each(tool, lab, host, work) for tool in tools)
        sys.stdout.write(row(f"{work.name}: a play with one, with connecting", ours[0], theirs[0]))
        sys.stdout.write(row(f"{work.name}: one more", ours[1], theirs[1]))
        sys.stdout.flush()


def main() -> int:
    """0 when all was measured, 1 when it could not be."""
    parser = argparse.ArgumentParser(prog="bench.target", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(".bench"), help="where its lab goes [.bench]")
    parser.add_argument("--bases", type=Path, help="where Debian bases are [FOLDER/bases]")
    options = parser.parse_args()
    folder = options.folder.resolve()
    lab = Lab(folder / "target", (options.bases or folder / "bases").resolve(), print)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            environment = Path(sys.executable).parent
            lab.down()
            measure(lab, (confman_tool(environment), ansible_tool(environment.parent, Path(scratch))))
    except (BenchError, LabError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        lab.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
