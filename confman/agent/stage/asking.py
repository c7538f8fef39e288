"""Asks a program that only tells something, for a bounded time."""

from __future__ import annotations

import subprocess

LIMIT = 10
"""Seconds after which a program that does not answer is given up."""


def ask(argv: list[str]) -> tuple[int, str]:
    """The exit code and the output of a program; -1 where it is not there or took too long."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return -1, ""
    return done.returncode, done.stdout.decode("utf-8", "replace")
