"""What people see of a run is what ansible-core shows of it: plays under both, compared line by line.

CONFMAN_TEST_ANSIBLE_BIN names the folder of ansible-core's programs, if they are not beside Python.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "like_ansible.yml").read_text())
ANSIBLE = Path(os.environ.get("CONFMAN_TEST_ANSIBLE_BIN") or Path(sys.executable).parent) / "ansible-playbook"
OURS = (sys.executable, "-c", "from confman.cli.ansible import main; main('ansible-playbook')", "ansible-playbook")
VARYING: tuple[tuple[str, str], ...] = (
    (r'"(delta|start|end)": "[^"]*"', r'"\1": "T"'),
    (r"(delta|start|end): .*", r"\1: T"),
    (r"jid=\S+|j?\d+\.\d+(\.\d+)?", "N"),
    (r'"src": "[^"]*/\.source', '"src": "S/.source'),
    (r"/tmp/ansible\.[a-z0-9_]+", "TMP"),
    (r"^\+\+\+ after: .*\.j2$|^\+\+\+ after: .*/t$", "+++ after: rendered"),
    (r"^\[ERROR\]: (?s:.*?)\n\n(?=fatal|failed|skipping|ok|changed|TASK|\n)", ""),
)
"""What differs from run to run or in our own words: (pattern, what stands for it)."""
RESULT = re.compile(r"(ok|changed|skipping|failed|fatal): \[|\.\.\.ignoring")


def lay(folder: Path, play: str) -> Path:
    """Lay a play down with the files that it needs."""
    for name, text in {**TABLE["files"], "site.yml": play}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "out").mkdir()
    return folder


def shown(program: tuple[str, ...], folder: Path, case: dict[str, Any]) -> list[str]:
    """What a program writes, without what varies."""
    plain = {"ANSIBLE_NOCOLOR": "1", "ANSIBLE_DEPRECATION_WARNINGS": "0"}
    argv = [*program, "-i", "inv", "-e", f"out={folder}/out", *case.get("options", ()), "site.yml"]
    env = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    done = subprocess.run(
        argv,
        check=False,
        cwd=folder,
        env={**env, **plain, **case.get("env", {})},
        capture_output=True,
        text=True,
        timeout=120,
    )
    text = done.stdout.replace(str(folder), "W")
    for pattern, standing in VARYING:
        text = re.sub(pattern, standing, text, flags=re.MULTILINE)
    return sort_hosts([*text.splitlines(), f"code {done.returncode}"])


def sort_hosts(lines: list[str]) -> list[str]:
    """The lines, with the results of a task sorted: which of its hosts is done first is chance."""
    sorted_lines: list[str] = []
    group: list[list[str]] = []
    for line in lines:
        if RESULT.match(line):
            group.append([line])
        elif group and line:
            group[-1].append(line)
        else:
            sorted_lines += [each for part in sorted(group) for each in part]
            group = []
            sorted_lines.append(
                re.sub(r"for ([ab](?:, [ab])*)", lambda m: "for " + ", ".join(sorted(m[1].split(", "))), line)
            )
    return sorted_lines + [each for part in sorted(group) for each in part]


@pytest.mark.long
@pytest.mark.skipif(not ANSIBLE.exists(), reason=f"no {ANSIBLE}")
@pytest.mark.parametrize("name", TABLE["plays"])
def test_the_output_is_that_of_ansible(name: str, tmp_path: Path) -> None:
    case = TABLE["plays"][name]
    ours = shown(OURS, lay(tmp_path / "ours", case["play"]), case)
    theirs = shown((str(ANSIBLE),), lay(tmp_path / "theirs", case["play"]), case)
    assert ours == theirs, "\n".join(difflib.unified_diff(theirs, ours, "ansible-core", "ours", lineterm=""))
