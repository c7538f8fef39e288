"""Output too long for memory: its head and tail stay in the result, the whole goes to a file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

HEAD = 32 * 1024
"""Bytes kept from the beginning."""
TAIL = 32 * 1024
"""Bytes kept from the end."""


@dataclass
class Spill:
    """One output on its way to a file (0600, in the folder for temporary files)."""

    name: str
    lines: bool
    open: bool = True
    size: int = 0
    head: bytes = b""
    tail: bytes = b""
    file: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        # The file outlives us on purpose: the result says where it is.
        self.file = tempfile.NamedTemporaryFile(prefix=f"confman-{self.name}-", delete=False)  # noqa: SIM115 - closed by finish() or drop()

    def add(self, part: bytes) -> None:
        """Take the next bytes. Raises OSError when the disk is full."""
        self.file.write(part)
        self.size += len(part)
        if len(self.head) < HEAD:
            self.head += part[: HEAD - len(self.head)]
        self.tail = (self.tail + part)[-TAIL:]

    def finish(self) -> str:
        """The shortened text, with a marker that says how much is missing and where it is."""
        self.file.close()
        if self.size <= HEAD + TAIL:
            Path(self.file.name).unlink(missing_ok=True)
            overlap = len(self.head) + len(self.tail) - self.size
            return (self.head + self.tail[overlap:]).decode("utf-8", "surrogateescape")
        missing = self.size - len(self.head) - len(self.tail)
        marker = f"\n[... {missing} of {self.size} bytes left out; all of it is in {self.file.name} ...]\n"
        return "".join(
            (self.head.decode("utf-8", "surrogateescape"), marker, self.tail.decode("utf-8", "surrogateescape"))
        )

    def drop(self) -> None:
        """Forget it: the call failed in the middle."""
        self.file.close()
        Path(self.file.name).unlink(missing_ok=True)
