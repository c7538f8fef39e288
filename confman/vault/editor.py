"""Plain text in an editor of the user's choice."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from typing import TYPE_CHECKING

from confman.errors import VaultError
from confman.vault.storage import private_folder, read_whole

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS_TO_END = 3.0


def edit_text(content: bytes, command: str, name: str) -> bytes:
    """What somebody made of `content` with the editor `command` (a program and its arguments, as in a shell).

    The text lies in a private folder, in a file called `name` so that editors know its kind, and is gone
    afterwards, whatever happens. Raises VaultError when the editor cannot be run or fails.
    """
    argv = _argv(command)
    with private_folder() as folder:
        path = folder / (name or "text")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        status = _run([*argv, str(path)])
        if status != 0:
            how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            raise VaultError(f"The editor {argv[0]!r} {how}", hint="nothing was changed")
        return _edited(path)


def _edited(path: Path) -> bytes:
    try:
        return read_whole(path)
    except VaultError as error:
        raise VaultError(f"The editor left no text: {error.message}", hint="nothing was changed") from error


def _argv(command: str) -> list[str]:
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise VaultError(f"The editor's command is not clear: {command!r} ({error})") from error
    if not argv:
        raise VaultError("There is no editor", hint="set the variable EDITOR, for example to vi")
    return argv


def _run(argv: list[str]) -> int:
    process, interrupted = _started(argv)
    try:
        if interrupted:
            signal.raise_signal(signal.SIGINT)
        return process.wait()
    except BaseException:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def _started(argv: list[str]) -> tuple[subprocess.Popen[bytes], list[int]]:
    """The editor, and each Ctrl-C that came while it started: an exception then would leave nobody to end it."""
    interrupts: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: interrupts.append(number))
    try:
        return subprocess.Popen(argv), interrupts
    except OSError as error:
        hint = "set the variable EDITOR to one that is installed"
        raise VaultError(f"The editor {argv[0]!r} cannot be run: {error.strerror}", hint=hint) from error
    finally:
        signal.signal(signal.SIGINT, before)
