"""What the tools are given to do, and what has to come of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "workloads"
ROOT = "/srv/bench"
"""Where the file tasks work on hosts."""

_NO_LARGE = "rm -f -- /srv/large"
_CLEAR = f"rm -rf -- {ROOT}"
_ALTER = f"for file in {ROOT}/d*/*.conf; do grep -qx drift $file || echo drift >>$file; done"


@dataclass(frozen=True)
class Workload:
    """One thing to do.

    kind: "play" a playbook, "ping" all hosts, "list" an inventory, say the "version". before: a shell line run on hosts
    ahead of each run. most: on how many hosts at most it is run. delayed: whether it is run over slow links, too.
    prepared: whether it finds what the file tasks leave.
    In names of playbooks and in options, {made} is the folder of what `make_files` makes.
    """

    name: str
    expected: Mapping[str, int]
    playbook: str = ""
    options: tuple[str, ...] = ()
    before: str = ""
    kind: str = "play"
    most: int = 500
    delayed: bool = False
    prepared: bool = False

    def at(self, made: Path) -> Workload:
        """Itself with that folder in its place."""
        options = tuple(option.replace("{made}", str(made)) for option in self.options)
        return replace(self, playbook=self.playbook.replace("{made}", str(made)), options=options)


_FEW = 20
"""What takes ansible-core a quarter of an hour on more hosts is not run on more."""

PING = Workload("ping, ad hoc", {"success": 1}, kind="ping", delayed=True)
FILES = Workload("30 file tasks, first run", {"ok": 30, "changed": 30}, "files.yml", before=_CLEAR, most=_FEW)

WORKLOADS = (
    PING,
    FILES,
    Workload("30 file tasks, unchanged", {"ok": 30}, "files.yml", delayed=True, prepared=True),
    Workload(
        "30 file tasks, check and diff",
        {"ok": 30, "changed": 15},
        "files.yml",
        ("--check", "--diff"),
        _ALTER,
        most=_FEW,
        prepared=True,
    ),
    Workload("30 commands", {"ok": 30, "changed": 30}, "commands.yml", most=_FEW),
    Workload(
        "50 MB to each host", {"ok": 1, "changed": 1}, "large.yml", ("-e", "large={made}/large"), _NO_LARGE, most=_FEW
    ),
)
"""What is done on hosts."""

ALONE = (
    Workload("--version", {}, kind="version"),
    Workload("10,000 hosts listed as JSON", {}, options=("{made}/fleet",), kind="list"),
    Workload("loops: 3 tasks of 1,000 items", {"ok": 3}, "loops.yml"),
    Workload("300 debug tasks", {"ok": 300}, "{made}/debug.yml"),
)
"""What needs no host."""


def make_files(folder: Path) -> None:
    """Make what is too large to be kept: a file of 50 MB that does not compress, an inventory, a long playbook."""
    (folder / "large").write_bytes(hashlib.shake_256(b"confman").digest(50_000_000))
    groups = folder / "fleet" / "group_vars"
    groups.mkdir(parents=True, exist_ok=True)
    lines = ["all:", "  children:"]
    for group in range(100):
        lines += [f"    group{group:03}:", "      hosts:"]
        for host in range(group * 100, group * 100 + 100):
            lines += [f"        host{host:05}:", f"          ansible_host: 10.1.{host // 250}.{host % 250}"]
            lines += [f"          rack: {host % 40}", f"          roles: [web, {'db' if host % 7 else 'cache'}]"]
        (groups / f"group{group:03}.yml").write_text(f"site: s{group % 5}\nlimits: {{open: {group}, kept: [1, 2]}}\n")
    (folder / "fleet" / "hosts.yml").write_text("\n".join(lines) + "\n")
    tasks = "".join(f"    - ansible.builtin.debug: {{msg: task {number}}}\n" for number in range(300))
    (folder / "debug.yml").write_text(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}")
