"""The sessions of a run: one connection a host and way to reach it, kept until the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from confman.model.call import Target
from confman.payload.bundle import Bundle
from confman.transport.oneshot import Commands, OneShotConnection
from confman.transport.session import Session
from confman.transport.spill import SpillFolder


class Sessions:
    """Opens sessions when they are first needed and closes them all at the end.

    other: gives the commands of a target whose connection is none of ours.
    """

    def __init__(self, bundle: Bundle, other: Callable[[Target], Commands | None] = lambda _target: None) -> None:
        self.bundle = bundle
        self._other = other
        self._spills = SpillFolder()
        self._sessions: dict[tuple[Any, ...], Session] = {}
        self._locks: dict[tuple[Any, ...], asyncio.Lock] = {}

    async def get(self, target: Target) -> Session:
        """The open session for a target. Raises ConnectionFailed."""
        key = _key(target)
        if key in self._sessions:
            return self._sessions[key]
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key not in self._sessions:
                commands = self._other(target)
                connection = OneShotConnection(commands) if commands else None
                if commands is not None and commands.interpreter is not None:
                    target = replace(target, interpreter=commands.interpreter)
                session = Session(target, self.bundle, connection, self._spills)
                await session.open()
                self._sessions[key] = session
            return self._sessions[key]

    def of(self, host: str) -> list[Session]:
        """What is open to a host."""
        return [session for key, session in self._sessions.items() if key[0] == host]

    async def close(self) -> None:
        """Close every session, and remove the long outputs."""
        sessions = list(self._sessions.values())
        self._sessions.clear()
        await asyncio.gather(*(session.close() for session in sessions), return_exceptions=True)
        await asyncio.to_thread(self._spills.close)


def _key(target: Target) -> tuple[Any, ...]:
    return (
        target.name,
        target.transport,
        target.address,
        target.port,
        target.user,
        target.private_key,
        target.interpreter,
        target.fallback,
        repr(sorted(target.options.items(), key=str)),
    )
