"""The blobs of one call: described to the target, read in the windows it asks for."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from confman.errors import TargetError
from confman.model.call import Blob
from confman.transport.base import CHUNK
from confman.transport.wire import encode, encode_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.payload.digest import Digests
    from confman.transport.base import Process

WINDOW = 2 * 1024 * 1024
"""The most bytes that a target may ask for at once."""


class BlobServer:
    """Holds the open files of a call's blobs; close it after the call."""

    def __init__(self, digests: Digests) -> None:
        self._digests = digests
        self._blobs: list[tuple[Blob, int]] = []
        self._files: dict[int, int] = {}

    async def describe(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments, each blob as what the agent knows of it. Raises TargetError for an unreadable file."""
        return {
            name: await self._describe(value) if isinstance(value, Blob) else value for name, value in arguments.items()
        }

    async def serve(self, process: Process, message: Mapping[str, Any]) -> None:
        """Answer one request. Raises TargetError for one that no honest agent sends."""
        number, offset, length = self._question(message)
        window = message.get("window")
        try:
            content = self._read(number, offset, length)
        except OSError as error:
            await process.write(encode({"window": window, "error": f"cannot be read any more: {error.strerror}"}))
            return
        if len(content) != length:
            await process.write(encode({"window": window, "error": "the file changed while it was sent"}))
            return
        await process.write(encode({"window": window, "length": length}))
        for start in range(0, length, CHUNK):
            await process.write(encode_bytes(content[start : start + CHUNK]))

    async def push(self, process: Process) -> None:
        """Send the content of every blob before it is asked for, to a target that can ask nothing."""
        window = 0
        for number, (_blob, size) in enumerate(self._blobs):
            for offset in range(0, size, WINDOW):
                window += 1
                length = min(WINDOW, size - offset)
                await self.serve(process, {"pull": number, "offset": offset, "length": length, "window": window})

    def _question(self, message: Mapping[str, Any]) -> tuple[int, int, int]:
        number, offset, length = (message.get(key) for key in ("pull", "offset", "length"))
        if not (isinstance(number, int) and isinstance(offset, int) and isinstance(length, int)):
            raise TargetError("the target asked for a file in a way that is no question")
        if not (0 <= number < len(self._blobs) and offset >= 0 and 0 < length <= WINDOW):
            raise TargetError("the target asked for a file that it was not offered")
        return number, offset, length

    def close(self) -> None:
        """Close the files."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()

    async def _describe(self, blob: Blob) -> dict[str, Any]:
        # Only what takes long is worth the way to another thread and back.
        digest = self._digests.known(blob)
        if digest is None:
            digest = await asyncio.to_thread(self._digests.of, blob)
        self._blobs.append((blob, digest.size))
        return {
            "__blob__": len(self._blobs) - 1,
            "size": digest.size,
            "sha1": digest.sha1,
            "sha256": digest.sha256,
        }

    def _read(self, number: int, offset: int, length: int) -> bytes:
        content = self._blobs[number][0].content
        if isinstance(content, bytes):
            return content[offset : offset + length]
        if number not in self._files:
            self._files[number] = os.open(content, os.O_RDONLY | os.O_CLOEXEC)
        return os.pread(self._files[number], length, offset)
