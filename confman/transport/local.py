"""The machine we run on, without SSH."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confman.errors import ConnectionFailed
from confman.transport.subprocesses import LocalProcess, spawn

if TYPE_CHECKING:
    from confman.model.call import Target


class LocalConnection:
    """Runs commands with /bin/sh as the user we are."""

    def __init__(self, target: Target) -> None:
        self._target = target

    async def open(self) -> None:
        """Nothing to do."""

    async def start(self, command: str, *, pty: bool = False) -> LocalProcess:
        """Start a command. `pty` is ignored: nothing here depends on a terminal."""
        del pty
        try:
            return await spawn(["/bin/sh", "-c", command], environment=os.environ)
        except OSError as error:
            raise ConnectionFailed(f"{self._target.name}: cannot start /bin/sh: {error.strerror}") from error

    async def close(self) -> None:
        """Nothing to do."""
