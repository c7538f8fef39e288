"""`pipe` and `lines`: what a command prints."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

from confman.templating.filters.values import text
from confman.templating.lookups.base import LookupFailed, LookupTask

if TYPE_CHECKING:
    from pathlib import Path

MAX_SECONDS = 600.0
MAX_BYTES = 64 * 1024 * 1024
_CHUNK = 65536


def pipe(task: LookupTask, terms: list[Any]) -> list[str]:
    """What shell commands print, without white space at the end. They run in the playbook's folder."""
    return [_run(text(term), task.home).decode("utf-8", "surrogateescape").rstrip() for term in terms]


def lines(task: LookupTask, terms: list[Any]) -> list[str]:
    """The lines that shell commands print. They run in the playbook's folder."""
    return [
        line.decode("utf-8", "surrogateescape") for term in terms for line in _run(text(term), task.home).splitlines()
    ]


def _run(command: str, folder: Path) -> bytes:
    """What a command writes; its standard error goes to ours. Raises LookupFailed unless it ends with 0 in time."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=folder if folder.is_dir() else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output = _output(process, command)
        code = process.wait(MAX_SECONDS)
    finally:
        _end(process)
    if code != 0:
        raise LookupFailed(f"the command {command!r} returned {code}")
    return output


def _output(process: subprocess.Popen[bytes], command: str) -> bytes:
    assert process.stdout is not None
    output = bytearray()
    deadline = time.monotonic() + MAX_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                return bytes(output)
            output += chunk
            if len(output) > MAX_BYTES:
                raise LookupFailed(f"the command {command!r} printed more than {MAX_BYTES >> 20} MB")
    raise LookupFailed(f"the command {command!r} took more than {MAX_SECONDS:.0f} seconds")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    if process.stdout is not None:
        process.stdout.close()
