"""Keeps a stage as long as its channel lives: this process stays outside, its child is the first one inside.

It runs as root. It reads one frame of wishes, answers with one frame, and then waits: when the input ends, or nothing
comes for as long as was wished, everything inside is killed; when this process is killed, the kernel does it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
from typing import TYPE_CHECKING, Any

from confman.agent.stage.frames import read_wishes, reason, tell
from confman.agent.stage.kernel import (
    NEWIPC,
    NEWNS,
    NEWPID,
    NEWUTS,
    die_with_parent,
    drop_capabilities,
    name_process,
    unshare,
)
from confman.agent.stage.scenery import build
from confman.agent.stage.services import Survey, furnish, survey

if TYPE_CHECKING:
    from collections.abc import Mapping

REPORT = 1024 * 1024
"""Bytes that the first process inside may say of how it went."""


def main(stream: Any, nonce: str, sources: dict[str, tuple[bool, str, str]]) -> None:
    """Make a stage and keep it; returns never.

    Wishes: `size`, in bytes, of what may be changed; `silence`, in seconds.
    """
    wishes = read_wishes(stream)
    try:
        child, report = _begin(wishes, sources)
    except (OSError, AttributeError) as error:
        tell({"hello": nonce, "error": reason(error)})
        os._exit(0)
    tell(dict(report, hello=nonce, pid=child))
    if "error" not in report:
        _keep(child, float(wishes["silence"]))
    _end(child)
    os._exit(0)


def _begin(wishes: Mapping[str, Any], sources: Mapping[str, tuple[bool, str, str]]) -> tuple[int, dict[str, Any]]:
    """Start the first process inside; its number, and what it says of how it went."""
    found = survey()
    unshare(NEWPID)
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        _inside(sink, int(wishes["size"]), sources, found)
    os.close(sink)
    with os.fdopen(source, "rb") as pipe:
        said = pipe.read(REPORT)
    report = json.loads(said.decode("utf-8")) if said else {"error": "the first process on the stage was killed"}
    return child, report


def _inside(sink: int, size: int, sources: Mapping[str, tuple[bool, str, str]], found: Survey) -> None:
    """Be the first process of a stage: build it, tell how it went, then wait for processes that nobody waits for."""
    try:
        die_with_parent()
        with open("/proc/1/comm", encoding="utf-8", errors="replace") as file:
            name_process(file.read().strip())
        unshare(NEWNS | NEWIPC | NEWUTS)
        report = {"missing": build(size)}  # type: dict[str, Any]
        furnish(sources, found)
        drop_capabilities()
    except BaseException as error:
        report = {"error": reason(error)}
    with contextlib.suppress(OSError), os.fdopen(sink, "wb") as pipe:
        pipe.write(json.dumps(report).encode("ascii"))
    if "error" in report:
        os._exit(1)
    _detach()
    while True:
        with contextlib.suppress(OSError):
            os.waitpid(-1, 0)
        signal.sigtimedwait([signal.SIGCHLD], 5.0)


def _detach() -> None:
    """Let go of the channel, whose ends the controller watches."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for descriptor in range(3, 256):
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _keep(child: int, silence: float) -> None:
    """Wait until the channel ends, falls silent, or the first process inside is gone."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: _leave(child))
    while True:
        ready, _, _ = select.select([0], [], [], silence)
        if not ready or not os.read(0, 4096) or os.waitpid(child, os.WNOHANG)[0]:
            return


def _leave(child: int) -> None:
    _end(child)
    os._exit(0)


def _end(child: int) -> None:
    """Kill the first process inside: the kernel ends all others and takes the mounts away."""
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
