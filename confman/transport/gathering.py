"""Connections that send what belongs together in one go.

asyncssh puts an empty packet before each packet and sends both at once, each by itself. A system call, a segment and
a wake-up of the peer for each cost more than what is in them; so what is written in one turn of the event loop is
handed to the socket together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from confman.model.records import dataclass

_P = TypeVar("_P", bound=asyncio.Protocol)


class GatheringTransport(asyncio.Transport):
    """Another transport, whose writes wait for the end of the loop's turn."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._parts: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send data, with what else is written in this turn."""
        if not self._parts:
            asyncio.get_running_loop().call_soon(self.flush)
        self._parts.append(bytes(data))

    def flush(self) -> None:
        """Send now what waits."""
        parts, self._parts = self._parts, []
        if parts and not self._transport.is_closing():
            self._transport.write(parts[0] if len(parts) == 1 else b"".join(parts))

    def close(self) -> None:
        """Close after everything was sent."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what was written is still handed to the socket, as without gathering."""
        self.flush()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection: `socket`, `peername` ..."""
        return self._transport.get_extra_info(name, default)


class _Gathered(asyncio.Protocol, Generic[_P]):
    """Gives a protocol a gathering transport, and hands on to it all that happens."""

    def __init__(self, protocol: _P) -> None:
        self.protocol = protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.protocol.connection_made(GatheringTransport(transport))

    def data_received(self, data: bytes) -> None:
        self.protocol.data_received(data)

    def eof_received(self) -> bool | None:
        return self.protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self.protocol.pause_writing()

    def resume_writing(self) -> None:
        self.protocol.resume_writing()


@dataclass(frozen=True, slots=True)
class Gathering:
    """Makes connections for asyncssh, in the way that it asks a `tunnel` for them.

    family: of addresses, 0 for any. local: where the connection comes from.
    """

    family: int = 0
    local: tuple[str, int] | None = None

    async def create_connection(
        self, protocol_factory: Callable[[], _P], host: str, port: int
    ) -> tuple[asyncio.BaseTransport, _P]:
        """A connection to a port and the protocol that speaks on it. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, gathered = await loop.create_connection(
            lambda: _Gathered(protocol_factory()), host, port, family=self.family, local_addr=self.local
        )
        return transport, gathered.protocol
