"""Runs commands in this process or in their own, in a folder of their own."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from confman.cli.main import cli

CLEAN = {name: None for name in os.environ if name.startswith(("ANSIBLE_", "CONFMAN_"))} | {
    "NO_COLOR": None,
    "FORCE_COLOR": None,
}
"""Variables of the machine that must not reach the tests."""


PROGRAM = [sys.executable, "-P", "-c", "from confman.cli.main import main; main()"]
"""The program in a process of its own."""


@dataclass(frozen=True)
class Done:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything that it said."""
        return self.out + self.err


def invoke(folder: Path, *argv: str, env: dict[str, str] | None = None, stdin: str = "") -> Done:
    """Run a command in this process, in `folder`, with a home of its own."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        variables: dict[str, Any] = {**CLEAN, "HOME": str(folder / "home"), **(env or {})}
        result = CliRunner().invoke(cli, list(argv), env=variables, input=stdin, prog_name="confman")
    finally:
        os.chdir(before)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def environment(folder: Path, **further: str) -> dict[str, str]:
    """The environment of a command in its own process."""
    kept = {name: value for name, value in os.environ.items() if name not in CLEAN}
    return {**kept, "HOME": str(folder / "home"), **further}


def spawn(folder: Path, *argv: str, timeout: float = 60, **further: str) -> Done:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", "from confman.cli.main import main; main()", *argv],
        cwd=folder,
        env=environment(folder, **further),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        start_new_session=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def on_terminal(folder: Path, argv: list[str], answers: list[tuple[str, str]], **further: str) -> tuple[str, int]:
    """Run a command on a terminal of its own; each answer is typed once its question is shown."""
    child, master = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(PROGRAM[0], [*PROGRAM, *argv], environment(folder, TERM="xterm", **further))
    said, asked = b"", 0
    waiting = list(answers)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.2)
        if ready:
            try:
                chunk = os.read(master, 65536)
            except OSError:
                break
            if not chunk:
                break
            said += chunk
        if waiting and waiting[0][0].encode() in said[asked:]:
            asked = len(said)
            os.write(master, waiting.pop(0)[1].encode())
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(master)
    assert not waiting, said
    return said.decode("utf-8", "replace").replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files below a folder; a name that ends in `!` makes its file executable."""
    for name, text in files.items():
        path = folder / name.rstrip("!")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name.endswith("!") else 0o644)
