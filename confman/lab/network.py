"""The lab's network: a routed link for each host, and a way out through this machine.

Routed links instead of a bridge: bridges end at about a thousand ports. Nothing for the lab's range may ever
leave the machine, whatever happens to a host's link.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
from pathlib import Path

from confman.lab import syscalls as sys_
from confman.lab.files import LabError, kernel_setting, read, run, write
from confman.lab.model import LabHost
from confman.lab.netlink import Netlink

SAVED = Path("/run/confman-lab-sysctls.json")
"""Kernel settings as they were before the first lab of this machine raised them."""
_RAISED = {
    "fs.inotify.max_user_instances": 65536,
    "fs.inotify.max_user_watches": 1048576,
    "net.ipv4.neigh.default.gc_thresh1": 8192,
    "net.ipv4.neigh.default.gc_thresh2": 32768,
    "net.ipv4.neigh.default.gc_thresh3": 65536,
    "kernel.pid_max": 262144,
    "net.core.somaxconn": 4096,
    "net.ipv4.ip_forward": 1,
}


def claim_range() -> tuple[int, socket.socket]:
    """A second octet of 10.0.0.0/8 that is this lab's while the socket is open. Raises LabError."""
    for octet in range(130, 180):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0confman-lab-{octet}")
        except OSError:
            claim.close()
            continue
        return octet, claim
    raise LabError("50 labs are up already")


def is_claimed(octet: int) -> bool:
    """Whether a living lab has this range."""
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            claim.bind(f"\0confman-lab-{octet}")
        except OSError:
            return True
    return False


def raise_settings() -> None:
    """Raise the kernel settings that many hosts need; what they were is kept for `restore_settings`."""
    saved = json.loads(read(SAVED) or "{}")
    for name, wanted in _RAISED.items():
        with contextlib.suppress(OSError, ValueError):
            old = kernel_setting(name)
            if int(old) < wanted:
                saved.setdefault(name, old)
                write(SAVED, json.dumps(saved), 0o600)
                kernel_setting(name, wanted)


def restore_settings() -> None:
    """Put back what the first lab raised, when the last one is gone."""
    if re.search(r"@confman-lab-\d+$", read("/proc/net/unix"), re.MULTILINE):
        return
    for name, value in json.loads(read(SAVED) or "{}").items():
        with contextlib.suppress(OSError):
            kernel_setting(name, int(value))
    SAVED.unlink(missing_ok=True)


def prepare_own_network() -> None:
    """Make a new network namespace one that forwards. Raises OSError."""
    kernel_setting("net.ipv4.ip_forward", 1)
    netlink = Netlink()
    netlink.set_link("lo", up=True)
    netlink.close()


class Network:
    """The part of the machine's network that belongs to a lab."""

    def __init__(self, octet: int, root: int) -> None:
        self.octet = octet
        self.root = root
        self.gateway = f"10.{octet}.0.1"
        self.table = f"confman_lab_{octet}"
        self._netlink = Netlink()
        self._mtu = _uplink_width()
        whole = f"10.{octet}.0.0/16"
        hook = "type nat hook postrouting priority 100"
        run("nft", "delete", "table", "ip", self.table, check=False)
        run("nft", "-f", "-", text=table("ip", self.table, hook, f"ip saddr {whole} ip daddr != {whole} masquerade"))
        self._netlink.make_unreachable(f"10.{octet}.0.0", 16)

    def address(self, number: int) -> str:
        """The address of the host of that number."""
        return f"10.{self.octet}.{1 + (number - 1) // 250}.{1 + (number - 1) % 250}"

    def add(self, host: LabHost) -> None:
        """A network namespace for a host, with a link to this machine. Raises OSError."""
        sys_.unshare(sys_.NEWNET)
        try:
            host.network = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1", encoding="ascii")
            inside = Netlink()
            inside.add_veth("eth0", host.device, self.root, self._mtu)
            inside.set_link("lo", up=True)
            inside.add_address("eth0", host.address, 16)
            inside.close()
        finally:
            sys_.setns(self.root, sys_.NEWNET)
        for name, value in (("ipv6/conf/{}/disable_ipv6", 1), ("ipv4/conf/{}/proxy_arp", 1)):
            with contextlib.suppress(OSError):
                Path("/proc/sys/net", name.format(host.device)).write_text(str(value), encoding="ascii")
        self._netlink.set_link(host.device, up=True)
        self._netlink.add_address(host.device, self.gateway, 32)
        self._netlink.route_to_link(host.address, 32, host.device, self.gateway)

    def remove(self, host: LabHost) -> None:
        """Take a host's link away now; the kernel would do it some time after the last user is gone."""
        with contextlib.suppress(OSError):
            self._netlink.delete_link(host.device)

    def set_link(self, host: LabHost, *, up: bool) -> None:
        """Switch a host's link on or off, on its side. Raises OSError."""
        if host.network is None:
            return
        sys_.setns(host.network, sys_.NEWNET)
        try:
            inside = Netlink()
            inside.set_link("eth0", up=up)
            if up:
                inside.route_default("eth0", self.gateway)
            inside.close()
        finally:
            sys_.setns(self.root, sys_.NEWNET)

    def close(self) -> None:
        """Take away what is left of the lab's network."""
        clean(self.octet)
        self._netlink.close()


def clean(octet: int) -> None:
    """Take away a lab's rules and routes, its supervisor being gone."""
    run("nft", "delete", "table", "ip", f"confman_lab_{octet}", check=False)
    netlink = Netlink()
    with contextlib.suppress(OSError):
        netlink.make_unreachable(f"10.{octet}.0.0", 16, delete=True)
    netlink.close()


def in_network(host: LabHost, *command: str, text: str | None = None, check: bool = True) -> str:
    """A program run in a host's network namespace. Raises LabError."""
    return run("nsenter", f"--net=/proc/{os.getpid()}/fd/{host.network}", *command, text=text, check=check)


def table(family: str, name: str, *lines: str) -> str:
    """A table of nft with one chain."""
    body = "".join(f"    {line}{';' if number == 0 else ''}\n" for number, line in enumerate(lines))
    return f"table {family} {name} {{\n  chain c {{\n{body}  }}\n}}\n"


def _uplink_width() -> int:
    device = re.search(r"(?m)^(\S+)\t00000000\t", read("/proc/net/route"))
    text = read(f"/sys/class/net/{device[1]}/mtu") if device else ""
    return int(text or 1500)
