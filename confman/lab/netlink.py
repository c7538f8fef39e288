"""Just enough rtnetlink: links, addresses and routes, without the `ip` program.

After rtnetlink(7); numbers from <linux/rtnetlink.h> and <linux/if_link.h>.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

_REQUEST = 1
_ACK = 4
_CREATE = 0x600
_NEWLINK, _DELLINK, _NEWADDR, _NEWROUTE, _DELROUTE = 16, 17, 20, 24, 25


class Netlink:
    """A socket of the network namespace that it was made in."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self._socket.bind((0, 0))
        self._sequence = 0

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _call(self, kind: int, body: bytes, flags: int = 0, ignore: tuple[int, ...] = ()) -> None:
        self._sequence += 1
        header = struct.pack("IHHII", 16 + len(body), kind, _REQUEST | _ACK | flags, self._sequence, 0)
        self._socket.send(header + body)
        while True:
            answer = self._socket.recv(65536)
            found, sequence = struct.unpack_from("H", answer, 4)[0], struct.unpack_from("I", answer, 8)[0]
            if found == 2 and sequence == self._sequence:
                code = -struct.unpack_from("i", answer, 16)[0]
                if code and code not in ignore:
                    raise OSError(code, f"netlink {kind}: {os.strerror(code)}")
                return

    def add_veth(self, name: str, peer: str, peer_namespace: int, mtu: int) -> None:
        """A pair of links: `name` here, `peer` in the namespace of an open file. Raises OSError."""
        link = struct.pack("BxHiII", 0, 0, 0, 0, 0)
        width = _attribute(4, struct.pack("I", mtu))
        other = link + _attribute(3, peer.encode() + b"\0") + _attribute(28, struct.pack("I", peer_namespace)) + width
        info = _attribute(18, _attribute(1, b"veth\0") + _attribute(2, _attribute(1, other)))
        self._call(_NEWLINK, link + _attribute(3, name.encode() + b"\0") + width + info, _CREATE)

    def set_link(self, name: str, *, up: bool) -> None:
        """Switch a link on or off. Raises OSError."""
        self._call(_NEWLINK, struct.pack("BxHiII", 0, 0, socket.if_nametoindex(name), int(up), 1))

    def delete_link(self, name: str) -> None:
        """Take a link away, if it is there. Raises OSError."""
        body = struct.pack("BxHiII", 0, 0, socket.if_nametoindex(name), 0, 0)
        self._call(_DELLINK, body, ignore=(errno.ENODEV,))

    def add_address(self, name: str, address: str, prefix: int) -> None:
        """Give a link an address. Raises OSError."""
        data = socket.inet_aton(address)
        header = struct.pack("BBBBi", 2, prefix, 0, 0, socket.if_nametoindex(name))
        body = header + _attribute(2, data) + _attribute(1, data)
        self._call(_NEWADDR, body, _CREATE, ignore=(errno.EEXIST,))

    def route_to_link(self, destination: str, prefix: int, link: str, source: str) -> None:
        """Send a destination out by a link. Raises OSError."""
        body = _attribute(1, socket.inet_aton(destination))
        body += _attribute(4, struct.pack("i", socket.if_nametoindex(link))) + _attribute(7, socket.inet_aton(source))
        self._route(prefix, 253, 1, body)

    def route_default(self, link: str, gateway: str) -> None:
        """Send everything else out by a link to a gateway. Raises OSError."""
        body = _attribute(4, struct.pack("i", socket.if_nametoindex(link))) + _attribute(5, socket.inet_aton(gateway))
        self._route(0, 0, 1, body)

    def make_unreachable(self, destination: str, prefix: int, *, delete: bool = False) -> None:
        """Let nothing for a destination leave the machine (or let it again). Raises OSError."""
        self._route(prefix, 0, 7, _attribute(1, socket.inet_aton(destination)), delete=delete)

    def _route(self, prefix: int, scope: int, kind: int, body: bytes, *, delete: bool = False) -> None:
        header = struct.pack("BBBBBBBBI", 2, prefix, 0, 0, 254, 4, scope, kind, 0)
        message, flags = (_DELROUTE, 0) if delete else (_NEWROUTE, _CREATE)
        self._call(message, header + body, flags, ignore=(errno.EEXIST, errno.ESRCH))


def _attribute(kind: int, data: bytes) -> bytes:
    length = 4 + len(data)
    return struct.pack("HH", length, kind) + data + b"\0" * (-length % 4)
