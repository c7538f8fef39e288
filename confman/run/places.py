"""How much is done at the same time: hosts in flight, tasks on one host that others delegate to it, open files."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from typing import TYPE_CHECKING, Any

from confman.model.request import Reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from contextlib import AbstractAsyncContextManager

HOSTS = 100
"""Hosts in flight where nobody says how many: what a small machine carries, and a jump host."""
FILES_A_HOST = 4
"""Open files that a host may need: its connection, and pipes where a program keeps it."""
FILES = 128
"""Open files of everything else."""


class Places:
    """Bounds for what runs at once. forks: what was asked for; chosen: whether anybody asked.

    Each host has a machine of its own, so without a wish many are worked on at once. What several hosts share, the
    controller and those that tasks are delegated to, still bears `forks` only: playbooks may count on that.
    """

    def __init__(self, forks: int, *, chosen: bool) -> None:
        self._shared_bound = max(forks, 1)
        self.in_flight = asyncio.Semaphore(self._shared_bound if chosen else max(HOSTS, self._shared_bound))
        self._kept: set[str] = set()
        self._shared: dict[str, asyncio.Semaphore] = {}

    @contextlib.asynccontextmanager
    async def flight(self, host: str, keeps: Callable[[], bool]) -> AsyncIterator[None]:
        """A host's place among those in flight; one that `keeps` its place has it when it comes back."""
        if host not in self._kept:
            await self.in_flight.acquire()
        self._kept.discard(host)
        try:
            yield
        finally:
            if keeps():
                self._kept.add(host)
            else:
                self.in_flight.release()

    def give_up(self, hosts: Iterable[str]) -> None:
        """Free the places that hosts keep though they do not come back."""
        for host in self._kept.intersection(hosts):
            self._kept.discard(host)
            self.in_flight.release()

    def of(self, request: Any, host: str) -> AbstractAsyncContextManager[Any]:
        """The place that a request for a host needs beside the host's own."""
        if not isinstance(request, Reach) or (request.target.transport != "local" and request.target.name == host):
            return contextlib.nullcontext()
        machine = "" if request.target.transport == "local" else request.target.name
        return self._shared.setdefault(machine, asyncio.Semaphore(self._shared_bound))


def make_room(hosts: int) -> None:
    """Let this process open the files that so many hosts take, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hosts * FILES_A_HOST + FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (bound, hard))
