"""One frame in, one frame out: how the programs that make and enter a stage talk with the controller."""

from __future__ import annotations

import json
import os
from typing import Any

from confman.agent.channel import HEADER, MAX_INCOMING, ChannelError


def read_wishes(stream: Any) -> dict[str, Any]:
    """The JSON object of the next frame. Raises ChannelError or ValueError for anything else."""
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        raise ChannelError("end of input")
    kind, length = HEADER.unpack(head)
    if kind != b"J" or length > MAX_INCOMING:
        raise ChannelError("bad frame")
    wishes = json.loads(stream.read(length).decode("utf-8"))
    if not isinstance(wishes, dict):
        raise ChannelError("bad frame")
    return wishes


def tell(message: dict[str, Any]) -> None:
    """Send a JSON frame to standard output."""
    body = json.dumps(message, separators=(",", ":")).encode("ascii")
    view = memoryview(HEADER.pack(b"J", len(body)) + body)
    while view:
        view = view[os.write(1, view) :]


def reason(error: BaseException) -> str:
    """Why something of the kernel's could not be had, in one line."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    name = getattr(error, "filename", None)
    return "{}: {}".format(name, text) if name else str(text)
