"""Questions of a run: asked on the terminal while the rest of the run goes on."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import termios
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confman.model.request import INTERRUPTED

if TYPE_CHECKING:
    from confman.model.request import Ask

_TICK = 0.1
"""Seconds after which a question looks whether the run has been ended."""
_MOST_BYTES = 65536
_ERASE = b"\x7f\x08"

Quiet = Callable[[bool], None]
"""quiet(True) keeps other output off the terminal's last line, quiet(False) lets it come back."""


def make_prompt(quiet: Quiet = lambda _on: None) -> Callable[[Ask], Awaitable[str | None]]:
    """Asks on this terminal, one question at a time; nobody answers (None) when standard input is none."""
    one = asyncio.Lock()

    async def prompt(ask: Ask) -> str | None:
        if not is_somebody():
            return None
        async with one:
            quiet(True)
            stop = threading.Event()
            try:
                return await asyncio.to_thread(read_answer, ask, stop)
            finally:
                stop.set()
                quiet(False)

    return prompt


def is_somebody() -> bool:
    """Whether there is a terminal, and we are not in its background."""
    try:
        return sys.stdin.isatty() and os.getpgrp() == os.tcgetpgrp(sys.stdin.fileno())
    except (OSError, ValueError):
        return False


def read_answer(ask: Ask, stop: threading.Event) -> str | None:
    """What is typed on standard input, without its newline; "" when time is up; None at its end or the run's."""
    descriptor = sys.stdin.fileno()
    keys = ask.interruptible or bool(ask.choices) or not ask.enter
    with _mode(descriptor, echo=ask.echo and not keys, keys=keys):
        _show(ask.prompt)
        source = _chunks(descriptor, ask.seconds, stop)
        answer = _read_keys(ask, source) if keys else _read_line(source)
    if keys or not ask.echo:
        _show("\n")
    return answer


def _chunks(descriptor: int, seconds: float | None, stop: threading.Event) -> Iterator[bytes]:
    """What arrives, until the run is ended; nothing more when the time is up."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while not stop.is_set():
        if deadline is not None and time.monotonic() >= deadline:
            yield b""
            return
        ready, _, _ = select.select([descriptor], [], [], _TICK)
        if ready:
            chunk = os.read(descriptor, _MOST_BYTES)
            if not chunk:
                return
            yield chunk


def _read_line(source: Iterator[bytes]) -> str | None:
    typed = b""
    for chunk in source:
        typed += chunk
        if not chunk or typed.endswith(b"\n"):
            return _text(typed).rstrip("\r\n")
    return _text(typed) if typed else None


def _read_keys(ask: Ask, source: Iterator[bytes]) -> str | None:
    """The same with the terminal telling of each key: editing and echo are ours."""
    typed = b""
    for chunk in source:
        if not chunk:
            return ""
        for key in (chunk[i : i + 1] for i in range(len(chunk))):
            answer = _answer(ask, key, typed)
            if answer is not None:
                return answer
            typed = _edited(ask, key, typed)
    return None


def _answer(ask: Ask, key: bytes, typed: bytes) -> str | None:
    """The answer that a key is or ends; None when it is neither."""
    letter = key.decode("latin-1").lower()
    if letter == INTERRUPTED or letter in ask.choices:
        return letter
    return _text(typed) if key in b"\r\n" and ask.enter and not ask.choices else None


def _edited(ask: Ask, key: bytes, typed: bytes) -> bytes:
    if key in b"\r\n":
        return typed
    if key in _ERASE:
        return _erased(typed, ask)
    _echo(key, ask)
    return typed + key


def _erased(typed: bytes, ask: Ask) -> bytes:
    shorter = _text(typed)[:-1].encode("utf-8", "surrogateescape")
    if typed:
        _echo(b"\b \b", ask)
    return shorter


def _echo(keys: bytes, ask: Ask) -> None:
    if ask.echo:
        sys.stdout.buffer.write(keys)
        sys.stdout.buffer.flush()


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _text(typed: bytes) -> str:
    return typed.decode("utf-8", "surrogateescape")


@contextmanager
def _mode(descriptor: int, *, echo: bool, keys: bool) -> Iterator[None]:
    """A terminal that echoes or not, and tells of lines or of keys; what was typed before is dropped for keys."""
    if echo and not keys:
        yield
        return
    before = termios.tcgetattr(descriptor)
    wanted = list(before)
    wanted[3] &= ~termios.ECHO
    if keys:
        wanted[3] &= ~(termios.ICANON | termios.ISIG)
        wanted[6] = [*before[6]]
        wanted[6][termios.VMIN], wanted[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSAFLUSH if keys else termios.TCSADRAIN, wanted)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
