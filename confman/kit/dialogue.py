"""A program at a terminal of its own, whose questions are answered."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import CHILDREN, LIMIT, find_program
from confman.kit.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from re import Pattern

    Answers = Sequence[tuple[Pattern[bytes], Callable[[str], bytes]]]

_WINDOW = 1 << 16
"""Bytes in which questions are looked for."""
_CHUNK = 1 << 14
_BEFORE_ANSWER = 0.05
"""Seconds between a question and its answer: programs that hide what is typed throw away what came too early."""
_SILENCE = 0.3
_ENDING = 2.0
_SIZE = struct.pack("HHHH", 24, 80, 0, 0)


class Dialogue:
    """One program, started at once. Raises Failure when it cannot be found."""

    def __init__(self, argv: Sequence[str], cwd: str | None, echo: bool) -> None:
        program = find_program(argv[0])
        if program is None:
            raise Failure("The command was not found or was not executable: {}.".format(argv[0]), rc=2)
        self.said = []  # type: list[bytes]
        self.size = 0
        self.unread = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            _become(program, argv, cwd, echo)
        self.child = self.pid
        CHILDREN.add(self.child)

    def hold(self, answers: Answers, timeout: float | None) -> tuple[int | None, bytes]:
        """The exit code (negative: by which signal) and all that was said.

        The code is None when neither a question nor the end came within `timeout` seconds; the program is ended then.
        """
        try:
            return self._listen(answers, timeout), b"".join(self.said)
        finally:
            self._end()
            CHILDREN.discard(self.child)
            os.close(self.terminal)

    def _listen(self, answers: Answers, timeout: float | None) -> int | None:
        limit = float("inf") if timeout is None else timeout
        deadline = time.monotonic() + limit
        status = None  # type: int | None
        while time.monotonic() < deadline:
            heard = self._read(_SILENCE)
            if heard is None or (not heard and status is not None):
                return status if status is not None else self._wait(deadline)
            if heard and self._answer(answers):
                deadline = time.monotonic() + limit
            if status is None:
                status = self._status()
        return None

    def _read(self, wait: float) -> bytes | None:
        """What was said next; nothing if it is silent, None if nobody can speak any more."""
        if not select.select([self.terminal], [], [], wait)[0]:
            return b""
        try:
            chunk = os.read(self.terminal, _CHUNK)
        except OSError:  # Linux's way to tell that the last speaker has gone
            return None
        if self.size < LIMIT:
            self.said.append(chunk)
        self.size += len(chunk)
        self.unread = (self.unread + chunk)[-_WINDOW:]
        return chunk or None

    def _answer(self, answers: Answers) -> bool:
        """Answer every question in what was not read yet, the first one first; whether there was any."""
        answered = False
        while True:
            found = [(match, give) for match, give in ((p.search(self.unread), give) for p, give in answers) if match]
            if not found:
                return answered
            match, give = min(found, key=lambda pair: pair[0].start())
            text = give(to_text(self.unread))
            self.unread = self.unread[max(match.end(), 1) :]
            time.sleep(_BEFORE_ANSWER)
            with suppress(OSError):
                os.write(self.terminal, text)
            answered = True

    def _status(self) -> int | None:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return None
        self.pid = 0
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def _wait(self, deadline: float) -> int | None:
        """The exit code of a program that has closed its terminal; None when it does not end."""
        while time.monotonic() < deadline:
            status = self._status()
            if status is not None:
                return status
            time.sleep(0.02)
        return None

    def _end(self) -> None:
        """End a program that still runs, politely first."""
        for sign in (signal.SIGHUP, signal.SIGKILL):
            if not self.pid:
                return
            with suppress(OSError):
                os.killpg(self.pid, sign)
            self._wait(time.monotonic() + _ENDING)


def _become(program: str, argv: Sequence[str], cwd: str | None, echo: bool) -> None:
    """In the child: turn into the program. Never returns."""
    try:
        fcntl.ioctl(0, termios.TIOCSWINSZ, _SIZE)
        if not echo:
            modes = termios.tcgetattr(0)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(0, termios.TCSANOW, modes)
        if cwd is not None:
            os.chdir(cwd)
        os.closerange(3, 4096)
        os.execv(program, list(argv))  # noqa: S606 - without a shell is what is wanted
    except BaseException as error:
        os.write(2, str(error).encode("utf-8", "replace"))
    os._exit(127)
