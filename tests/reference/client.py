"""Asks the reference: one process of it for all tests of this one, started when the first asks.

CONFMAN_TEST_ANSIBLE_BIN names the folder of ansible-core's programs when they are not beside this Python.
"""

from __future__ import annotations

import functools
import json
import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(os.environ.get("CONFMAN_TEST_ANSIBLE_BIN") or Path(sys.executable).parent)
"""The folder of ansible-core's programs: they are among what the tests need."""
LIMIT = 330
"""Seconds to wait for an answer."""


def environment(folder: str | Path) -> dict[str, str]:
    """An environment for ansible-core in which nothing of the machine's changes what it does."""
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@dataclass(frozen=True)
class Answer:
    """How a program of the reference ended and what it said."""

    code: int
    out: str
    err: str


class Reference:
    """The process; it ends with this one, whose end closes its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(BIN / "python3"), str(Path(__file__).with_name("server.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd="/",
            env=environment("/nonexistent"),
        )

    def _ask(self, question: dict[str, Any]) -> Answer:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        ready, _, _ = select.select([stdout], [], [], LIMIT)
        line = stdout.readline() if ready else ""
        assert line, f"no answer from ansible-core in {BIN}"
        return Answer(**json.loads(line))

    def run(self, program: str, *argv: str, cwd: str | Path) -> Answer:
        """Run one of its programs (ansible, ansible-inventory, ansible-vault)."""
        return self._ask({"program": program, "argv": argv, "cwd": str(cwd)})

    def templates(
        self, texts: list[str], variables: str, *, folder: str | Path, data: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """What templates give: {"value": typed value} or {"error": message, "undefined": whether for that} of each.

        variables: YAML, trusted; data: variables that are not.
        """
        env = {name: value for name, value in os.environ.items() if name.startswith("CONFMAN_TEST_")}
        job = {"templates": texts, "variables": variables, "data": data or {}, "folder": str(folder), "env": env}
        answer = self._ask(job)
        assert answer.code == 0, answer.err
        found: list[dict[str, Any]] = json.loads(answer.out)
        return found


@functools.cache
def reference() -> Reference:
    """The one of this process."""
    return Reference()
