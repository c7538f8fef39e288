"""The one handler at the door: errors become messages and exit codes, never tracebacks."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from confman.errors import ConfmanError, ErrorGroup
from confman.sinks.excerpt import describe_error
from confman.sinks.sanitize import sanitize
from confman.sinks.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

INTERRUPTED = 99
UNEXPECTED = 250
TERMINATED = 128 + signal.SIGTERM
_SET_DUMPABLE = 4
"""PR_SET_DUMPABLE of prctl(2)."""


def guarded(action: Callable[[], int]) -> int:
    """The exit code of an action; its errors shown on standard error."""
    ended: list[int] = []
    try:
        with _terminable(ended):
            return action()
    except ConfmanError as error:
        show_error(error)
        return error.exit_code
    except KeyboardInterrupt:
        _complain("[ERROR]: The run was ended from outside" if ended else "[ERROR]: User interrupted execution")
        return TERMINATED if ended else INTERRUPTED
    except BrokenPipeError:
        # nobody reads our output any more; keep the interpreter from failing on it again while it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:  # the last resort: no traceback reaches a user
        if os.environ.get("CONFMAN_DEBUG"):
            raise
        return _last_resort(error)


def _last_resort(error: Exception) -> int:
    if isinstance(error, OSError) and isinstance(error.filename, str | bytes):  # the user's file, or a full disk
        _complain(f"[ERROR]: {os.fsdecode(error.filename)}: {error.strerror}")
        return ConfmanError.exit_code
    _complain(f"[ERROR]: Unexpected error, this is a bug in confman: {type(error).__name__}: {error}")
    _complain("Set CONFMAN_DEBUG=1 to see where it happened.")
    return UNEXPECTED


def run_command(action: Callable[[], int], *, profile: str | None = None) -> None:
    """Run a command's action and leave the program with its exit code.

    profile: a file that gets the processor time of every function of ours, in the form of `cProfile`.
    """
    _keep_memory_private()
    sys.exit(guarded(profiled(action, profile) if profile else action))


def profiled(action: Callable[[], int], path: str) -> Callable[[], int]:
    """An action that also writes where its processor time went, however it ends."""
    from cProfile import Profile  # seldom wanted

    def watched() -> int:
        Path(path).touch(mode=0o600)  # a run is not made only to find that what it was made for cannot be written
        watch = Profile()
        try:
            return watch.runcall(action)
        finally:
            watch.dump_stats(path)

    return watched


def _keep_memory_private() -> None:
    """What is in memory, passwords too, comes into no core file, and other programs of the user cannot read it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0)


def show_error(error: ConfmanError) -> None:
    """Show an error, or each error of a group, on standard error."""
    errors = error.errors if isinstance(error, ErrorGroup) else [error]
    _complain("\n\n".join(f"[ERROR]: {describe_error(each)}" for each in errors))


def _complain(text: str) -> None:
    colours = (sys.stderr.isatty() and not os.environ.get("NO_COLOR")) or bool(os.environ.get("FORCE_COLOR"))
    try:
        click.echo(Style(colours=colours).paint(sanitize(text), "error"), err=True, color=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


@contextmanager
def _terminable(ended: list[int]) -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a run as Ctrl-C does: hosts are let go, the recap is shown."""

    def end(number: int, _frame: FrameType | None) -> None:
        ended.append(number)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what it runs in the background
            signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
