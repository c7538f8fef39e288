"""Values beside ansible-core, in controller CPU: python -m bench.values [expressions] [loop] [inventory]."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
LIMIT = 1800
"""Seconds that one measurement may take."""
ITEMS, HOSTS = 2000, 10_000
PLAYBOOK = f"""
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    base: "/opt/{{{{ inventory_hostname }}}}"
  tasks:
    - set_fact:
        last: "{{{{ base }}}}/{{{{ item }}}}"
      loop: "{{{{ range({ITEMS}) | list }}}}"
    - debug:
        msg: "{{{{ last }}}} {{{{ item }}}}"
      loop: "{{{{ range({ITEMS}) | list }}}}"
    - assert:
        that: ["item >= 0", "last is defined"]
        quiet: true
      loop: "{{{{ range({ITEMS}) | list }}}}"
"""


def seconds(argv: list[str], folder: Path) -> tuple[float, str]:
    """How much CPU a program and its children took, and what it said."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "ANSIBLE_DEPRECATION_WARNINGS": "0", "PYTHONPATH": str(HERE.parents[1])}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(argv)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def expressions(folder: Path) -> tuple[float, float]:
    """100,000 expressions; each side tells what they took without its start. Their values must be the same."""
    ours = json.loads(seconds([sys.executable, "-m", "bench.values.ours"], folder)[1])
    theirs = json.loads(seconds([sys.executable, str(HERE / "theirs.py")], folder)[1])
    if ours["last"] != theirs["last"]:
        sys.exit(f"the values differ:\n{ours['last']}\n{theirs['last']}")
    return ours["seconds"], theirs["seconds"]


def loop(folder: Path) -> tuple[float, float]:
    """Loops of 2,000 items: set_fact, debug, assert."""
    (folder / "loop.yml").write_text(PLAYBOOK)
    ours, _ = seconds([str(BIN / "confman"), "play", "-i", "localhost,", "loop.yml"], folder)
    theirs, _ = seconds([str(BIN / "ansible-playbook"), "-i", "localhost,", "loop.yml"], folder)
    return ours, theirs


def inventory(folder: Path) -> tuple[float, float]:
    """10,000 hosts in YAML with variables of groups, listed."""
    groups = [f"    g{number:02}:\n      hosts:\n{_hosts(number)}" for number in range(50)]
    (folder / "hosts.yml").write_text("all:\n  children:\n" + "".join(groups))
    (folder / "group_vars").mkdir()
    for number in range(50):
        (folder / "group_vars" / f"g{number:02}.yml").write_text(
            f"zone: z{number}\npackages: [a, b, c]\nport: {number}\n"
        )
    ours, first = seconds([str(BIN / "confman"), "inventory", "-i", "hosts.yml", "--list"], folder)
    theirs, second = seconds([str(BIN / "ansible-inventory"), "-i", "hosts.yml", "--list"], folder)
    if json.loads(first)["_meta"]["hostvars"] != json.loads(second)["_meta"]["hostvars"]:
        sys.exit("the two lists differ")
    return ours, theirs


def _hosts(group: int) -> str:
    each = HOSTS // 50
    names = range(group * each, (group + 1) * each)
    return "".join(f"        h{name:05}.example.org: {{rank: {name}}}\n" for name in names)


WORK: dict[str, tuple[str, Callable[[Path], tuple[float, float]]]] = {
    "expressions": ("100,000 expressions", expressions),
    "loop": (f"set_fact, debug, assert over {ITEMS:,} items", loop),
    "inventory": (f"{HOSTS:,} hosts listed", inventory),
}


def main() -> None:
    """Measure what is named, or everything, and print a table."""
    unknown = set(sys.argv[1:]) - set(WORK)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(WORK)}")
    sys.stdout.write("| what | confman, CPU s | ansible-core, CPU s | times |\n|---|---|---|---|\n")
    for name in sys.argv[1:] or WORK:
        title, measure = WORK[name]
        with tempfile.TemporaryDirectory() as folder:
            ours, theirs = measure(Path(folder))
        sys.stdout.write(f"| {title} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.0f} |\n")
        sys.stdout.flush()


main()
