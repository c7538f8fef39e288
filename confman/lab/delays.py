"""Latency: packets that come in to a host wait in an NFQUEUE before they go on.

The kernels that labs run on often lack netem; this needs the queue target of iptables only.
Numbers from <linux/netfilter/nfnetlink_queue.h>.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import random
import select
import socket
import struct
import time
from collections.abc import Iterator

from confman.lab.files import LabError
from confman.model.records import dataclass

_QUEUE = 3 << 8
_ACCEPT = 1


def open_queue(length: int = 20000) -> socket.socket:
    """The queue 0 of the current network namespace. Raises OSError."""
    queue = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
    queue.bind((0, 0))
    queue.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    for kind, data in (
        (1, struct.pack("!BBH", 1, 0, 2)),
        (2, struct.pack("!IB", 0, 1)),
        (3, struct.pack("!I", length)),
    ):
        size = 4 + len(data)
        body = struct.pack("!BBH", 0, 0, 0) + struct.pack("HH", size, kind) + data + b"\0" * (-size % 4)
        queue.send(struct.pack("IHHII", 16 + len(body), _QUEUE | 2, 5, 1, 0) + body)
        code = -struct.unpack_from("i", queue.recv(4096), 16)[0]
        if code:
            raise OSError(code, f"nfqueue: {os.strerror(code)}")
    return queue


@dataclass
class _Line:
    """A host's queue and how long packets wait in it, in seconds."""

    host: str
    queue: socket.socket
    delay: float
    jitter: float


class DelayWorker:
    """A process of its own that holds packets back; orders and queues come over a socket."""

    def __init__(self, orders: socket.socket) -> None:
        self.orders = orders
        self.lines: dict[int, _Line] = {}
        self.waiting: list[tuple[float, int, socket.socket, int]] = []
        self.count = 0
        self.poll = select.epoll()
        self.poll.register(orders.fileno(), select.EPOLLIN)

    def serve(self) -> None:
        """Hold and release packets until the other end of the socket is gone."""
        while True:
            timeout = max(0.0, self.waiting[0][0] - time.monotonic()) if self.waiting else -1
            for descriptor, _event in self.poll.poll(timeout):
                if descriptor == self.orders.fileno():
                    if not self._obey():
                        return
                elif descriptor in self.lines:
                    self._take(self.lines[descriptor])
            self._release()

    def _obey(self) -> bool:
        message, descriptors, _flags, _address = socket.recv_fds(self.orders, 65536, 4)
        if not message:
            return False
        order = json.loads(message)
        for descriptor, line in list(self.lines.items()):
            if line.host == order["host"]:
                if descriptors or not order["delay"]:
                    self.poll.unregister(descriptor)
                    self.lines.pop(descriptor).queue.close()
                else:
                    line.delay, line.jitter = order["delay"], order["jitter"]
        for descriptor in descriptors:
            queue = socket.socket(fileno=descriptor)
            queue.setblocking(False)
            self.lines[descriptor] = _Line(order["host"], queue, order["delay"], order["jitter"])
            self.poll.register(descriptor, select.EPOLLIN)
        return True

    def _take(self, line: _Line) -> None:
        with contextlib.suppress(OSError):  # BlockingIOError is the usual end
            while True:
                now = time.monotonic()
                for number in packet_numbers(line.queue.recv(65536)):
                    self.count += 1
                    wait = max(0.0, line.delay + random.uniform(-line.jitter, line.jitter))  # noqa: S311  # no secret
                    heapq.heappush(self.waiting, (now + wait, self.count, line.queue, number))

    def _release(self) -> None:
        now = time.monotonic()
        while self.waiting and self.waiting[0][0] <= now:
            _, _, queue, number = heapq.heappop(self.waiting)
            body = struct.pack("!BBH", 0, 0, 0) + struct.pack("HH", 12, 2) + struct.pack("!II", _ACCEPT, number)
            if queue.fileno() >= 0:
                with contextlib.suppress(OSError):
                    queue.send(struct.pack("IHHII", 16 + len(body), _QUEUE | 1, 1, 0, 0) + body)


def packet_numbers(data: bytes) -> Iterator[int]:
    """The numbers of the packets that a message of the queue announces; malformed parts are passed over."""
    offset = 0
    while offset + 16 <= len(data):
        length, kind = struct.unpack_from("IH", data, offset)
        if kind == _QUEUE:
            yield from _packet_number(data, offset + 20, min(offset + length, len(data)))
        offset += max(16, (length + 3) & ~3)


def _packet_number(data: bytes, start: int, end: int) -> Iterator[int]:
    while start + 8 <= end:
        length, kind = struct.unpack_from("HH", data, start)
        if kind & 0x3FFF == 1:
            yield struct.unpack_from("!I", data, start + 4)[0]
            return
        start += max(4, (length + 3) & ~3)


class Delays:
    """The supervisor's side: starts the worker when it is first needed."""

    def __init__(self) -> None:
        self._orders: socket.socket | None = None

    def order(self, host: str, delay: float, jitter: float, queue: socket.socket | None) -> None:
        """Tell the worker about a host. Raises LabError when it is gone."""
        if self._orders is None:
            self._orders = _start_worker()
        message = json.dumps({"host": host, "delay": delay, "jitter": jitter}).encode()
        try:
            socket.send_fds(self._orders, [message], [] if queue is None else [queue.fileno()])
        except OSError as error:
            raise LabError(f"the process that delays packets is gone: {error}") from error


def _start_worker() -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            ours.close()
            DelayWorker(theirs).serve()
        finally:
            os._exit(0)
    theirs.close()
    return ours
