"""File content that stays with the controller until a module asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confman.kit.change import Failure
from confman.kit.spec import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from confman.agent.channel import Channel

WINDOW = 2 * 1024 * 1024
"""Bytes asked for at once; one window is on its way while the one before is used."""


class Puller:
    """Asks the controller for windows of blobs during one call; answers come in the order of the questions."""

    def __init__(self, channel: Channel, call: int) -> None:
        self._channel = channel
        self._call = call
        self._asked = 0
        self._answered = 0
        self._ready = {}  # type: dict[int, Any]

    def ask(self, blob: int, offset: int, length: int) -> int:
        """Ask for `length` bytes of a blob from `offset` on; gives the number to wait for."""
        self._asked += 1
        self._channel.send({"id": self._call, "pull": blob, "offset": offset, "length": length, "window": self._asked})
        return self._asked

    def wait(self, number: int) -> list[bytes]:
        """The bytes of window `number`. Raises Failure when the controller could not read them."""
        while number not in self._ready:
            self._receive()
        parts = self._ready.pop(number)  # type: list[bytes] | str
        if isinstance(parts, str):
            raise Failure(parts)
        return parts

    def drain(self) -> None:
        """Take the answers that nobody waited for, so that the channel is clean for the next call."""
        while self._answered < self._asked:
            self._receive()
            self._ready.clear()

    def _receive(self) -> None:
        head = self._channel.take_window()
        while not isinstance(head, dict):
            # The rest of a window whose reading was cut short by a time limit.
            head = self._channel.take_window()
        self._answered += 1
        if "error" in head:
            self._ready[head["window"]] = head["error"]
            return
        parts = []
        left = head["length"]
        while left > 0:
            parts.append(self._channel.take_window())
            left -= len(parts[-1])
        self._ready[head["window"]] = parts


class PulledBlob(Blob):
    """A `Blob` whose content comes over the channel, in bounded windows."""

    def __init__(self, puller: Puller, description: Mapping[str, Any]) -> None:
        self._puller = puller
        self._number = description["__blob__"]
        self.size = description["size"]
        self.sha1 = description["sha1"]
        self.sha256 = description["sha256"]

    def chunks(self) -> Iterator[bytes]:
        """The content. Raises Failure when the controller cannot read it any more."""
        offset = 0
        window = self._ask(offset)
        while window:
            offset += WINDOW
            ahead = self._ask(offset)
            for part in self._puller.wait(window):
                yield part
            window = ahead

    def _ask(self, offset: int) -> int:
        """Ask for the window at `offset`; 0 when there is none."""
        length = min(WINDOW, self.size - offset)
        return self._puller.ask(self._number, offset, length) if length > 0 else 0


class HeldBlob(Blob):
    """A `Blob` whose content is here already."""

    def __init__(self, content: bytes, description: Mapping[str, Any]) -> None:
        self._content = content
        self.size = description["size"]
        self.sha1 = description["sha1"]
        self.sha256 = description["sha256"]

    def chunks(self) -> Iterator[bytes]:
        """The content, in one piece."""
        yield self._content


def hold_blobs(channel: Channel, message: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call, each described blob replaced by its content. Raises Failure when it cannot be had."""
    puller = Puller(channel, message["id"])
    arguments = dict(message["arguments"])
    try:
        for name, value in message["arguments"].items():
            if isinstance(value, dict) and "__blob__" in value:
                arguments[name] = HeldBlob(PulledBlob(puller, value).read(), value)
    finally:
        puller.drain()
    return arguments


def with_blobs(puller: Puller, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, each described blob replaced by one that can be pulled."""
    return {
        name: PulledBlob(puller, value) if isinstance(value, dict) and "__blob__" in value else value
        for name, value in arguments.items()
    }
