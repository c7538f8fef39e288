"""Running a program of the user's for what it prints: password scripts and inventory scripts."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from confman.errors import ConfmanError
from confman.model.records import dataclass
from confman.model.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 128 * 1024 * 1024
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Output:
    """What a program printed, and its exit status (negative: the signal that ended it)."""

    stdout: bytes
    stderr: bytes
    status: int


def run_program(argv: Sequence[str], *, timeout: float, terminal: bool = False, most: int = MOST_BYTES) -> Output:
    """Run `argv` to its end, for at most `timeout` seconds and `most` bytes of output.

    With `terminal` the program keeps our standard input, standard error and terminal, so that it can ask
    people; otherwise it reads nothing and its process group is ended with it. Raises ConfmanError when it
    cannot be started, takes too long or prints too much.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=None if terminal else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if terminal else subprocess.PIPE,
            start_new_session=not terminal,
        )
    except OSError as error:
        raise _failure(argv, f"cannot be run: {error.strerror or error}") from error
    try:
        return _collect(process, argv, time.monotonic() + timeout, most)
    except BaseException:
        _kill(process, group=not terminal)
        raise
    finally:
        process.wait()
        _close(process)


def _collect(process: subprocess.Popen[bytes], argv: Sequence[str], deadline: float, most: int) -> Output:
    texts: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
    with selectors.DefaultSelector() as selector:
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            if pipe is not None:
                selector.register(pipe, selectors.EVENT_READ, name)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _failure(argv, "did not end in time")
            for key, _ in ready:
                _read(selector, key, texts[key.data])
            if sum(map(len, texts.values())) > most:
                raise _failure(argv, f"printed more than {most} bytes")
    try:
        status = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise _failure(argv, "did not end in time") from None
    return Output(bytes(texts["stdout"]), bytes(texts["stderr"]), status)


def _read(selector: selectors.BaseSelector, key: selectors.SelectorKey, text: bytearray) -> None:
    chunk = os.read(key.fd, _CHUNK)
    text += chunk
    if not chunk:
        selector.unregister(key.fileobj)


def _kill(process: subprocess.Popen[bytes], *, group: bool) -> None:
    """End a program; with `group`, its children too, even where it has ended itself."""
    with suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _close(process: subprocess.Popen[bytes]) -> None:
    pipes: list[IO[bytes] | None] = [process.stdout, process.stderr]
    for pipe in pipes:
        if pipe is not None:
            pipe.close()


def _failure(argv: Sequence[str], fault: str) -> ConfmanError:
    return ConfmanError(f"The program {fault}", source=Source(argv[0]))
