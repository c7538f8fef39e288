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

if TYPE_CHECKING:
    from confman.model.request import Ask

_TICK = 0.1
"""Seconds after which a question looks whether the run has been ended."""
_MOST_BYTES = 65536

Quiet = Callable[[bool], None]
"""quiet(True) keeps other output off the terminal's last line, quiet(False) lets it come back."""


def make_prompt(quiet: Quiet = lambda _on: None) -> Callable[[Ask], Awaitable[str | None]]:
    """Asks on this terminal, one question at a time; nobody answers (None) when standard input is none."""
    one = asyncio.Lock()

    async def prompt(ask: Ask) -> str | None:
        if not sys.stdin.isatty():
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


def read_answer(ask: Ask, stop: threading.Event) -> str | None:
    """What is typed on standard input, without its newline; None when time is up or the run was ended."""
    descriptor = sys.stdin.fileno()
    deadline = None if ask.seconds is None else time.monotonic() + ask.seconds
    sys.stdout.write(ask.prompt)
    sys.stdout.flush()
    typed = b""
    with _echo(descriptor, on=ask.echo):
        while not stop.is_set() and (deadline is None or time.monotonic() < deadline):
            ready, _, _ = select.select([descriptor], [], [], _TICK)
            if not ready:
                continue
            chunk = os.read(descriptor, _MOST_BYTES)
            typed += chunk
            if not chunk or typed.endswith(b"\n"):
                return typed.decode("utf-8", "surrogateescape").rstrip("\r\n")
    return None


@contextmanager
def _echo(descriptor: int, *, on: bool) -> Iterator[None]:
    if on:
        yield
        return
    before = termios.tcgetattr(descriptor)
    silent = list(before)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        sys.stdout.write("\n")
        sys.stdout.flush()
