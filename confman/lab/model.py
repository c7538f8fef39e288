"""A host of the lab, and what is asked for one."""

from __future__ import annotations

from dataclasses import asdict, field
from typing import Any

from confman.model.records import dataclass

PASSWORD = "throwaway-pw"  # noqa: S105  # of throw-away hosts; it is printed in their inventory
SSH_PORT = 22
ALL_PYTHONS = "python"
"""What stands for every Python among what a host shall not have."""
USERS = ("root", "ops", "opspw")


@dataclass(frozen=True)
class Wish:
    """A host to be made. `disk` is in bytes, `hide` names what it shall not have: paths, `ALL_PYTHONS`."""

    name: str
    number: int
    base: str = "own"
    init: str = "none"
    disk: int = 1 << 30
    hide: tuple[str, ...] = ()


@dataclass
class LabHost:
    """A host that was made. Descriptors are those of the supervisor; `cgroup` is "" where it has none.

    `relay` is the pid of the process that leads `port` of the machine's loopback to it, if it takes one.
    """

    wish: Wish
    address: str
    device: str
    root: str
    cgroup: str
    host_key: str = ""
    state: str = "new"
    boots: int = 0
    faults: dict[str, Any] = field(default_factory=dict)
    pid: int | None = None
    process: int | None = None
    network: int | None = None
    port: int = SSH_PORT
    relay: int | None = None
    restart_delay: float = 1.0

    @property
    def name(self) -> str:
        """Its name."""
        return self.wish.name

    def public(self) -> dict[str, Any]:
        """What others may know of it."""
        return {
            **{key: value for key, value in asdict(self.wish).items() if key != "hide"},
            "address": self.address if self.relay is None else "127.0.0.1",
            "port": self.port,
            "state": self.state,
            "boots": self.boots,
            "faults": dict(self.faults),
            "host_key": self.host_key,
            "pid": self.pid,
        }
