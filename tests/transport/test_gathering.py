"""What is written in one turn of the event loop is sent together, and nothing is lost by it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from confman.transport.gathering import Gathering, GatheringTransport


class Socket(asyncio.Transport):
    """Notes what it is handed."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.told.append(bytes(data))

    def close(self) -> None:
        self.told.append("close")

    def abort(self) -> None:
        self.told.append("abort")

    def is_closing(self) -> bool:
        return bool({"close", "abort"} & {word for word in self.told if isinstance(word, str)})

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("::1", 22)}.get(name, default)


async def test_writes_of_one_turn_are_one() -> None:
    socket = Socket()
    transport = GatheringTransport(socket)
    transport.write(b"a")
    transport.write(bytearray(b"b"))
    transport.write(memoryview(b"c"))
    assert not socket.told
    await asyncio.sleep(0)
    assert socket.told == [b"abc"]
    transport.write(b"d")
    await asyncio.sleep(0)
    assert socket.told == [b"abc", b"d"]


async def test_what_is_handed_over_may_be_changed_afterwards() -> None:
    socket = Socket()
    transport = GatheringTransport(socket)
    data = bytearray(b"before")
    transport.write(data)
    data[:] = b"after"
    await asyncio.sleep(0)
    assert socket.told == [b"before"]


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_the_end_comes_after_what_was_written(end: str) -> None:
    socket = Socket()
    transport = GatheringTransport(socket)
    transport.write(b"last words")
    getattr(transport, end)()
    assert transport.is_closing()
    transport.write(b"too late")
    await asyncio.sleep(0)
    assert socket.told == [b"last words", end]


def test_it_knows_what_the_other_knows() -> None:
    transport = GatheringTransport(Socket())
    assert transport.get_extra_info("peername") == ("::1", 22)
    assert transport.get_extra_info("cipher", "none") == "none"


class Talk(asyncio.Protocol):
    """Says something at once and keeps what it hears."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.heard = b""
        self.events: list[str] = []
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"one ")
        transport.write(b"two")

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def eof_received(self) -> bool:
        self.events.append("eof")
        return False

    def pause_writing(self) -> None:
        self.events.append("pause")

    def resume_writing(self) -> None:
        self.events.append("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        self.events.append("lost")
        self.ended.set()


async def test_a_protocol_hears_of_all_that_happens() -> None:
    large = 8 * 1024 * 1024
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readexactly(7))
        writer.write(b"answer")
        await asyncio.sleep(0.05)
        got.append(await reader.readexactly(large))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        _transport, talk = await Gathering(0, None).create_connection(Talk, "127.0.0.1", port)
        assert talk.transport is not None
        assert talk.transport.get_extra_info("peername") == ("127.0.0.1", port)
        talk.transport.write(b"x" * large)
        async with asyncio.timeout(20):
            await talk.ended.wait()
    assert [len(part) for part in got] == [7, large]
    assert got[0] == b"one two"
    assert talk.heard == b"answer"
    assert talk.events == ["pause", "resume", "eof", "lost"]


async def test_a_refused_connection_is_an_error() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await Gathering(0, None).create_connection(Talk, "127.0.0.1", port)
