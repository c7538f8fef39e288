"""`make bench-soak`: whether a long run costs more the longer it takes.

A hundred tasks are included again and again, thousands in all, on lab hosts. After the first thousand and at the end it
is noted what the controller holds (memory, open files, threads) and how many processes the hosts have.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.tools import BenchError
from confman.lab.client import Lab
from confman.lab.files import LabError

CYCLE = (
    "command: 'true'",
    "file: {path: /tmp/soak, state: directory}",
    "copy: {content: 'task %d of {{ inventory_hostname }}', dest: /tmp/soak/a}",
    "set_fact: {soak: '{{ inventory_hostname }} %d'}",
    "command: 'echo {{ soak }}'\n  register: said",
    "debug: {msg: '{{ said.stdout }}'}",
    "lineinfile: {path: /tmp/soak/b, line: 'line {{ said.rc }}', create: true}",
    "stat: {path: /tmp/soak/b}",
)
"""The tasks, in turns; %d is their number."""
ROUND = 100
"""Tasks in a round, with the one that includes them."""
SITE = """\
- hosts: all
  gather_facts: false
  tasks:
    - include_tasks: round.yml
      loop: "{{ range(%d) }}"
"""


@dataclass(frozen=True)
class Held:
    """What there is at a time: resident KiB, open files and threads of the controller, processes on all hosts."""

    resident: int
    files: int
    threads: int
    processes: int


def write(folder: Path, tasks: int) -> Path:
    """A playbook of so many tasks: the hundred of one file, as often as that takes."""
    lines = [f"- name: task {n}\n  {CYCLE[n % len(CYCLE)].replace('%d', str(n))}" for n in range(1, ROUND)]
    (folder / "round.yml").write_text("\n".join(lines) + "\n")
    site = folder / "soak.yml"
    site.write_text(SITE % (tasks // ROUND))
    return site


def look(pid: int, lab: Lab) -> Held:
    """What a run holds now. Raises OSError when it is over."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    fields = {name: words[0] for name, *words in map(str.split, status.splitlines()) if words}
    processes = 0
    for host in lab.hosts():
        said = subprocess.run(
            lab.ssh_command(host["name"], "root", ("ls -d /proc/[0-9]* | wc -l",)),
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        processes += int(said.stdout)
    return Held(int(fields["VmRSS:"]), len(list(Path(f"/proc/{pid}/fd").iterdir())), int(fields["Threads:"]), processes)


def run(lab: Lab, site: Path, at: set[int]) -> dict[int, Held]:
    """Run a playbook; what it held as the tasks of these numbers began. Raises BenchError when it fails."""
    words = [str(Path(sys.executable).parent / "confman"), "play", "-i", str(lab.state / "inventory.yml"), str(site)]
    seen: dict[int, Held] = {}
    begun, last = 0, ""
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            last = line or last
            begun += line.startswith("TASK [")
            if begun in at and begun not in seen:
                child.send_signal(signal.SIGSTOP)
                seen[begun] = look(child.pid, lab)
                child.send_signal(signal.SIGCONT)
    if child.returncode:
        raise BenchError(f"the run ended with {child.returncode}: {last.strip()}")
    return seen


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    found.add_argument("--hosts", type=int, default=20, metavar="N", help="hosts [20]")
    found.add_argument("--tasks", type=int, default=10_000, metavar="N", help="tasks [10000]")
    found.add_argument("--first", type=int, default=1_000, metavar="N", help="the task to compare the last with [1000]")
    found.add_argument("--folder", type=Path, default=Path(".bench"), help="where its lab goes [.bench]")
    return found


def main() -> int:
    """Measure; 0 when memory grew by no more than 5 MiB and nothing else did, 3 otherwise, 1 when it could not."""
    options = parser().parse_args()
    lab = Lab((options.folder / "soak").resolve(), (options.folder / "bases").resolve(), print)
    try:
        lab.down()
        lab.up(options.hosts)
        with tempfile.TemporaryDirectory(prefix="soak-") as scratch:
            seen = run(lab, write(Path(scratch), options.tasks), {options.first, options.tasks - ROUND})
    except (BenchError, LabError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        lab.down()
    for task, held in seen.items():
        sys.stdout.write(
            f"task {task:>6}: {held.resident / 1024:7.1f} MiB, {held.files} files, {held.threads} threads, "
            f"{held.processes} processes on hosts\n"
        )
    first, last = seen[options.first], seen[options.tasks - ROUND]
    constant = (first.files, first.threads, first.processes) == (last.files, last.threads, last.processes)
    return 0 if constant and last.resident - first.resident <= 5 * 1024 else 3


if __name__ == "__main__":
    sys.exit(main())
