"""Output too long for memory: its head and tail stay in the result, the whole goes to a file while the run lasts."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

from confman.errors import TargetError
from confman.model.records import dataclass

HEAD = 32 * 1024
"""Bytes kept from the beginning."""
TAIL = 32 * 1024
"""Bytes kept from the end."""
REMOVING = 30.0
"""Seconds that the removal of the files may take before it is left to itself."""
# Its input ends when we close it, and when we are killed.
GUARDIAN = 'trap "" HUP INT QUIT TERM; while read -r line; do :; done; exec rm -rf -- "$1"'


class SpillFolder:
    """The folder of a run's long outputs (0700, in the folder for temporary files).

    It is made when first needed, and removed when it is closed or this process ends in whatever way: a small process
    of its own waits for that.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._guardian: subprocess.Popen[bytes] | None = None

    def open(self, name: str) -> IO[bytes]:
        """A new file, open for writing. Raises OSError."""
        if self._path is None:
            self._path = Path(tempfile.mkdtemp(prefix="confman-output-"))
            words = ["/bin/sh", "-c", GUARDIAN, "sh", str(self._path)]
            self._guardian = subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True, cwd="/")
        return tempfile.NamedTemporaryFile(prefix=f"{name}-", dir=self._path, delete=False)

    def close(self) -> None:
        """Remove everything; may be called twice."""
        guardian, self._guardian, self._path = self._guardian, None, None
        if guardian is not None and guardian.stdin is not None:
            guardian.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                guardian.wait(REMOVING)


@dataclass
class Spill:
    """One output on its way to a file."""

    file: IO[bytes]
    lines: bool
    open: bool = True
    size: int = 0
    head: bytes = b""
    tail: bytes = b""

    def add(self, part: bytes) -> None:
        """Take the next bytes. Raises OSError when the disk is full."""
        self.file.write(part)
        self.size += len(part)
        if len(self.head) < HEAD:
            self.head += part[: HEAD - len(self.head)]
        self.tail = (self.tail + part)[-TAIL:]

    def finish(self) -> str:
        """The shortened text, with a marker that says how much is missing and where it is. Raises OSError."""
        self.file.close()
        if self.size <= HEAD + TAIL:
            self.drop()
            overlap = len(self.head) + len(self.tail) - self.size
            return (self.head + self.tail[overlap:]).decode("utf-8", "surrogateescape")
        missing = self.size - len(self.head) - len(self.tail)
        where = f"until this run ends, all of it is in {self.file.name}"
        marker = f"\n[... {missing} of {self.size} bytes left out; {where} ...]\n"
        return "".join(
            (self.head.decode("utf-8", "surrogateescape"), marker, self.tail.decode("utf-8", "surrogateescape"))
        )

    def drop(self) -> None:
        """Forget it."""
        # A full disk may refuse the last bytes once more.
        with contextlib.suppress(OSError):
            self.file.close()
        Path(self.file.name).unlink(missing_ok=True)


class Spills:
    """The long outputs of one call, taken from the messages that carry them."""

    def __init__(self, folder: SpillFolder) -> None:
        self._folder = folder
        self._spills: dict[str, Spill] = {}

    def take(self, message: dict[str, Any] | bytes) -> bool:
        """Whether a message was part of a long output; if so it is taken in. Raises TargetError."""
        try:
            return self._take(message)
        except OSError as error:
            raise TargetError(f"its long output cannot be kept here: {error.strerror}") from error

    def _take(self, message: dict[str, Any] | bytes) -> bool:
        current = next((spill for spill in self._spills.values() if spill.open), None)
        if isinstance(message, bytes):
            if current is None:
                raise TargetError("the target sent bytes that nobody asked for")
            current.add(message)
            return True
        name = message.get("spill")
        if name in {"stdout", "stderr"} and name not in self._spills and current is None:
            self._spills[name] = Spill(self._folder.open(name), lines=bool(message.get("lines")))
            return True
        if "spilled" in message and current is not None:
            current.open = False
            return True
        return False

    def complete(self, message: dict[str, Any] | bytes) -> dict[str, Any]:
        """The result that a message carries, with the long outputs in their places. Raises TargetError."""
        result = message.get("result") if isinstance(message, dict) else None
        if not isinstance(result, dict):
            raise TargetError("the target sent an answer that is no result")
        for name, spill in self._spills.items():
            try:
                result[name] = spill.finish()
            except OSError as error:
                raise TargetError(f"its long output cannot be kept here: {error.strerror}") from error
            if spill.lines:
                result[f"{name}_lines"] = result[name].splitlines()
        return result

    def drop(self) -> None:
        """Forget them all: the call failed in the middle."""
        for spill in self._spills.values():
            spill.drop()
