"""Tables of tasks, run by ansible-core and by confman from the same start, and what each of them registered.

A table is a YAML file: a list of rows, each a task of a play. Every row runs three times: in check mode, for good, and
again. A row of its own kind is `{sh: command}`, which only prepares. `D` is a folder of the run, the same for both.
`only` (a list of check, run, again) says which of the three are to be run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.cli.helpers import PROGRAM
from tests.hosts import Hosts

TABLES = Path(__file__).parent / "tables"
REFERENCE = Path(sys.executable).parent / "ansible-playbook"
KINDS = ("check", "run", "again")
OWN_WORDS = ("only", "differs")
ON_HOSTS = ("accounts", "jobs", "packages", "system")
"""Tables whose tasks need a host of their own."""
INSTALL = """export DEBIAN_FRONTEND=noninteractive; apt-get update -q >/dev/null
apt-get install -y -q --no-install-recommends cron git iptables python3-pip python3-venv python3-debian python3-apt \\
  openssh-client debconf-utils gnupg subversion zip python3-pexpect >/dev/null; hostname twin"""
"""What both hosts are given before."""
INVENTORY = "twin ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n"
FILES = {
    "files/src.txt": "hello\n",
    "files/tree/a": "1",
    "files/tree/sub/b": "2",
    "files/s.sh": '#!/bin/sh\necho "$@"\nexit 2\n',
    "files/ok.sh": '#!/bin/sh\necho "out $1"\necho err >&2\n',
    "templates/t.j2": "x {{ 1 + 1 }}\n",
    "templates/vars.j2": "{% for n in range(2) %}\n  {{ n }}\n{% endfor %}\n{{ ansible_managed | default('-') }}\n",
    "templates/bad.j2": "{{ nosuch }}\n",
    "vars/v.yml": "va: 1\n",
    "vars/vd/b.yml": "vc: 2\n",
    "vars/vd/c.json": '{"vd": 3}',
    "vars/vd/sub/d.yml": "vd: 4\n",
}
"""What lies beside the playbook."""


@dataclass(frozen=True)
class Table:
    """Rows of one file. `start` is the folder that stands for D; `moving`: files in it that may differ, and why."""

    name: str
    rows: list[dict[str, Any]]
    start: Path
    moving: frozenset[str] = frozenset()

    @classmethod
    def read(cls, name: str, start: Path) -> Table:
        """A table by its name; D stands for `start` in it."""
        text = re.sub(r"\bD\b(?=[/,}\s'\"]|$)", str(start), (TABLES / f"{name}.yml").read_text())
        rows = yaml.safe_load(text)
        moving = frozenset(rows[0].get("moving", ())) if rows else frozenset()
        return cls(name, [row for row in rows if "moving" not in row], start, moving)

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks; a row's results are registered as kind and number."""
        found: list[dict[str, Any]] = []
        for number, row in enumerate(self.rows):
            if "sh" in row:
                found.append({"shell": {"cmd": row["sh"], "executable": "/bin/bash"}, "name": f"prepare {number}"})
                continue
            task = {key: value for key, value in row.items() if key not in OWN_WORDS}
            for kind in row.get("only", KINDS):
                more = {"check_mode": True} if kind == "check" else {}
                found.append({**task, **more, "register": f"{kind}_{number}", "ignore_errors": True})
        return found


def prepare(table: Table, folder: Path, out: str) -> None:
    """The playbook and what lies beside it; `out` is where the host leaves what was registered."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    subprocess.run(["tar", "czf", folder / "files/a.tgz", "-C", folder / "files/tree", "."], check=True)
    (folder / "inv").write_text(INVENTORY)
    tasks = table.tasks()
    names = [task["register"] for task in tasks if "register" in task]
    results = "{{ {" + ", ".join(f"'{name}': {name}" for name in names) + "} | to_json }}"
    tasks.append({"copy": {"dest": out, "content": results}})
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    (folder / "p.yml").write_text(yaml.safe_dump([play], width=9999, sort_keys=False))


def run_here(table: Table, folder: Path, program: list[str]) -> dict[str, Any]:
    """What a program registers on this machine, and under "tree" the files that it leaves in D."""
    shutil.rmtree(table.start, ignore_errors=True)
    table.start.mkdir(parents=True)
    prepare(table, folder, str(folder / "out.json"))
    (folder / "out.json").unlink(missing_ok=True)
    done = launch([*program, "-i", "inv", "p.yml", "--diff"], folder)
    if not (folder / "out.json").exists():
        raise AssertionError(done.stdout[-3000:] + done.stderr[-3000:])
    return {**results((folder / "out.json").read_text(), folder), "tree": tree(table.start)}


def run_on(table: Table, folder: Path, program: list[str], hosts: Hosts, name: str) -> dict[str, Any]:
    """What a program registers on a host of a lab."""
    prepare(table, folder, "/root/out.json")
    same = ["-e", "ansible_python_interpreter=/usr/bin/python3"]
    done = launch([*program, "-i", str(hosts.inventory), "-l", name, *same, "p.yml", "--diff"], folder)
    text = hosts.shell(name, "cat /root/out.json", check=False)
    if not text:
        raise AssertionError(done.stdout[-3000:] + done.stderr[-3000:])
    return results(text, folder)


def results(text: str, folder: Path) -> dict[str, Any]:
    """What a run registered, without the name of its own folder."""
    found: dict[str, Any] = json.loads(text.replace(str(folder), "/RUN"))
    return found


def launch(argv: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """One run, with an environment that says nothing."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CONFMAN_"))}
    env = {**clean, "HOME": str(folder), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1"}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=1800, check=False)


def theirs(table: Table, folder: Path) -> dict[str, Any]:
    """What ansible-core does here."""
    return run_here(table, folder, [str(REFERENCE)])


def ours(table: Table, folder: Path) -> dict[str, Any]:
    """What confman does here."""
    return run_here(table, folder, [*PROGRAM, "play"])


def tree(start: Path) -> dict[str, str]:
    """Every path below a folder, with its kind, mode, owner and content."""
    found = {}
    for path in sorted(start.rglob("*")):
        state = path.lstat()
        if path.is_symlink():
            what = f"-> {os.readlink(path)}"
        else:
            what = path.read_bytes().decode(errors="replace") if path.is_file() else "/"
        name = re.sub(r"\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~", ".backup", str(path.relative_to(start)))
        found[name] = f"{state.st_mode:o} {state.st_uid}:{state.st_gid} {what}"
    return found
