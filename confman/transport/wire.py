"""The controller's side of the frames that `agent/channel.py` speaks: bounded, and never trusting."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any, NoReturn

from confman.errors import TargetError
from confman.transport.base import CHUNK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confman.transport.base import Process

HEADER = struct.Struct(">cI")
MAX_JSON = 16 * 1024 * 1024
"""Largest JSON frame taken from a target, in bytes."""
MAX_BYTES = 1024 * 1024
"""Largest frame of bytes taken from a target."""
MAX_NOISE = 1024 * 1024
"""Bytes that a target may print before the agent speaks."""
COMPRESS = 4096
"""Bytes of JSON from which a frame is compressed."""


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as a frame. Raises TypeError or ValueError for what JSON cannot carry."""
    body = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(body) >= COMPRESS:
        body = zlib.compress(body, 6)
        return HEADER.pack(b"Z", len(body)) + body
    return HEADER.pack(b"J", len(body)) + body


def encode_bytes(body: bytes) -> bytes:
    """Bytes as a frame."""
    return HEADER.pack(b"B", len(body)) + body


def decode(kind: bytes, body: bytes) -> dict[str, Any] | bytes:
    """The message of a frame. Raises TargetError for anything but bytes or a JSON object."""
    if kind == b"B":
        return body
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"the target sent a frame that is not JSON: {str(error)[:100]}") from error
    if not isinstance(message, dict):
        raise TargetError("the target sent a frame that is not an object")
    return message


class FrameReader:
    """Takes frames from a process's standard output."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._buffer = bytearray()
        self.heard = 0
        """Bytes that arrived so far."""

    async def until(self, mark: bytes) -> bytes | None:
        """What comes before the line `mark`, which is taken too; None at the end of the output.

        Raises TargetError when more than MAX_NOISE bytes come first.
        """
        line = mark + b"\n"
        while (at := self._buffer.find(line)) < 0:
            if len(self._buffer) > MAX_NOISE:
                raise TargetError(f"the target printed more than {MAX_NOISE} bytes before the agent could start")
            if not await self._fill():
                return None
        noise = bytes(self._buffer[:at])
        del self._buffer[: at + len(line)]
        return noise

    @property
    def rest(self) -> bytes:
        """What was read and is no frame yet."""
        return bytes(self._buffer)

    async def frame(self) -> dict[str, Any] | bytes | None:
        """The next message; None at the end. Raises TargetError for what is no frame, or too large."""
        if not await self._have(HEADER.size):
            return None
        kind, length = HEADER.unpack_from(self._buffer)
        if kind not in {b"J", b"B"}:
            raise TargetError(f"the target sent what is no frame: {bytes(self._buffer[:40])!r}")
        if length > (MAX_JSON if kind == b"J" else MAX_BYTES):
            raise TargetError(f"the target announced a frame of {length} bytes, which is too large")
        if not await self._have(HEADER.size + length):
            return None
        body = bytes(self._buffer[HEADER.size : HEADER.size + length])
        del self._buffer[: HEADER.size + length]
        return decode(kind, body)

    async def _have(self, size: int) -> bool:
        while len(self._buffer) < size:
            if not await self._fill():
                return False
        return True

    async def _fill(self) -> bool:
        part = await self._process.read(CHUNK)
        self._buffer += part
        self.heard += len(part)
        return bool(part)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
