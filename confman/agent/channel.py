"""Frames between the agent and its controller.

A frame is one byte of kind, four bytes of length (big endian), then the body: `J` is JSON in UTF-8, `Z` is
JSON compressed by zlib (only ever sent by the controller), `B` is bytes.
"""

from __future__ import annotations

import json
import os
import select
import struct
import threading
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = struct.Struct(">cI")
MAX_INCOMING = 64 * 1024 * 1024
"""Largest frame taken from the controller, in bytes."""
MAX_JSON = 16 * 1024 * 1024
"""Largest JSON frame sent, in bytes: the controller refuses more."""
CHUNK = 256 * 1024
"""Bytes of a `B` frame."""
PART = 64 * 1024
"""Bytes that are read at once, so that a frame on a slow link is seen to arrive."""


class ChannelError(Exception):
    """The controller went away, or sent what is no frame."""


class TooLargeError(Exception):
    """A message is larger than the controller takes; `args[0]` is its size in bytes."""


def plain(value: Any) -> Any:
    """What JSON lacks, as something near: bytes as text, sets as sorted lists, anything else as its text."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "surrogateescape")
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if hasattr(value, "keys"):
        return {key: value[key] for key in value}
    return str(value)


class Channel:
    """The two file descriptors to the controller, as frames. Reading is done by one thread of its own."""

    def __init__(self, stream: Any, output: int, on_end: Callable[[], None]) -> None:
        self._stream = stream
        self._output = output
        self._on_end = on_end
        self._sending = threading.Lock()
        self._arrived = threading.Condition()
        self._inbox = []  # type: list[Any]
        self._windows = []  # type: list[Any]
        self._over = False
        self._patient = False
        self.heard = 0
        """Grows with everything that arrives."""
        self.on_beat = None  # type: Callable[[dict[str, Any]], None] | None

    def start(self) -> None:
        """Begin to read; when the channel ends, `on_end` is called in the reading thread."""
        threading.Thread(target=self._read_all, name="channel", daemon=True).start()

    @property
    def waiting(self) -> bool:
        """Whether something has arrived that nobody took yet."""
        return bool(self._inbox)

    def take(self) -> Any:
        """Wait for the next wish: a dict with an "op"."""
        with self._arrived:
            while not self._inbox:
                self._arrived.wait()
            return self._inbox.pop(0)

    def take_window(self) -> Any:
        """Wait for the next part of an answer of the controller, a dict or bytes; wishes that came before it stay.

        Raises ChannelError when the input has ended.
        """
        with self._arrived:
            while not self._windows:
                if self._over:
                    raise ChannelError("end of input")
                self._arrived.wait()
            return self._windows.pop(0)

    def send(self, message: dict[str, Any]) -> None:
        """Send a JSON frame. Raises TooLargeError, TypeError or ValueError before anything was sent."""
        body = json.dumps(message, default=plain, allow_nan=False, separators=(",", ":")).encode("ascii")
        if len(body) > MAX_JSON:
            raise TooLargeError(len(body))
        self._write(b"J", body)

    def send_bytes(self, body: bytes) -> None:
        """Send bytes, in as many frames as they need."""
        view = memoryview(body)
        for start in range(0, len(view), CHUNK):
            self._write(b"B", view[start : start + CHUNK])

    def send_if_free(self, message: dict[str, Any]) -> None:
        """Send a small JSON frame where that blocks nobody; else leave it: what is being sent says as much."""
        if not self._sending.acquire(False):
            return
        try:
            if select.select([], [self._output], [], 0)[1]:
                body = json.dumps(message).encode("ascii")
                self._write_all(HEADER.pack(b"J", len(body)) + body)
        except OSError:
            self._on_end()
        finally:
            self._sending.release()

    def _write(self, kind: bytes, body: Any) -> None:
        try:
            with self._sending:
                head = HEADER.pack(kind, len(body))
                if len(body) > PART:
                    self._write_all(head)
                    self._write_all(body)
                else:
                    # What is written at once travels at once.
                    self._write_all(head + bytes(body))
        except OSError:
            self._on_end()

    def _write_all(self, body: Any) -> None:
        view = memoryview(body)
        while view:
            view = view[os.write(self._output, view) :]

    def _read_all(self) -> None:
        try:
            while True:
                self._put(self._read_one())
        except Exception:
            if self._patient:
                self._put({"op": "end"})
                return
            # Whatever broke the reading, nobody can speak to us any more.
            self._on_end()

    def _put(self, message: Any) -> None:
        op = message.get("op") if isinstance(message, dict) else None
        if op == "beat" and self.on_beat is not None:
            self.on_beat(message)
            return
        if op == "stay":
            self._patient = True
        with self._arrived:
            (self._windows if op is None else self._inbox).append(message)
            self._over = self._over or op == "end"
            self._arrived.notify_all()

    def _read_one(self) -> Any:
        kind, length = HEADER.unpack(self._exactly(HEADER.size))
        if length > MAX_INCOMING or kind not in (b"J", b"Z", b"B"):
            raise ChannelError("bad frame")
        body = self._exactly(length)
        if kind == b"B":
            return body
        if kind == b"Z":
            body = zlib.decompress(body)
        return json.loads(body.decode("utf-8"))

    def _exactly(self, length: int) -> bytes:
        parts = []  # type: list[bytes]
        while length:
            part = self._stream.read1(min(length, PART))  # type: bytes
            if not part:
                raise ChannelError("end of input")
            self.heard += 1
            length -= len(part)
            parts.append(part)
        return b"".join(parts)
