"""Faults: what can be made to go wrong with a host, and put right again."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

from confman.lab import syscalls as sys_
from confman.lab.delays import Delays, open_queue
from confman.lab.files import LabError, parse_time, run
from confman.lab.model import LabHost
from confman.lab.network import Network, in_network, table


class Faults:
    """Makes and clears faults; `start` boots a host that is down, `ended` waits for the end of one that was killed."""

    def __init__(self, network: Network, start: Callable[[LabHost], None], ended: Callable[[LabHost], None]) -> None:
        self.network = network
        self.start = start
        self.ended = ended
        self.delays = Delays()
        self.actions: dict[str, Callable[[LabHost, str], None]] = {
            "freeze": self._freeze,
            "thaw": self._thaw,
            "kill": self._kill,
            "start": self._start,
            "reboot": self._reboot,
            "disk-full": self._disk_full,
            "disk-free": self._disk_free,
            "loss": self._loss,
            "partition": self._partition,
            "rate": self._rate,
            "link-down": self._link_down,
            "link-up": self._link_up,
            "clear": self.clear,
        }

    def apply(self, host: LabHost, acts: list[str]) -> None:
        """Do what `acts` say: `name` or `name=value`. Raises LabError for what is unknown."""
        parts = [act.partition("=") for act in acts]
        words: dict[str, str] = {name: value for name, _, value in parts}
        delay, jitter = words.pop("latency", None), words.pop("jitter", None)
        for name, value in words.items():
            if name not in self.actions:
                raise LabError(f"no such fault {name!r}; there are latency, jitter, {', '.join(self.actions)}")
            self.actions[name](host, value)
        if delay is not None or jitter is not None:
            self._latency(host, parse_time(delay or "0"), parse_time(jitter or "0"))

    def clear(self, host: LabHost, _value: str = "") -> None:
        """Put everything right again but a host that is down."""
        for name, undo in (("freeze", self._thaw), ("disk-full", self._disk_free), ("link-down", self._link_up)):
            if name in host.faults:
                undo(host, "")
        if "loss" in host.faults:
            self._set_loss(host, 0)
        if "latency" in host.faults:
            self._latency(host, 0, 0)
        if host.faults.pop("rate", None):
            run("tc", "qdisc", "del", "dev", host.device, "root", check=False)
            in_network(host, "tc", "qdisc", "del", "dev", "eth0", "root", check=False)

    # -- power

    def _freeze(self, host: LabHost, _value: str) -> None:
        if host.cgroup:
            Path(host.cgroup, "cgroup.freeze").write_text("1", encoding="ascii")
        else:
            signal_all(host, signal.SIGSTOP)
        host.faults["freeze"] = True

    def _thaw(self, host: LabHost, _value: str) -> None:
        if host.cgroup:
            Path(host.cgroup, "cgroup.freeze").write_text("0", encoding="ascii")
        else:
            signal_all(host, signal.SIGCONT)
        host.faults.pop("freeze", None)

    def _kill(self, host: LabHost, _value: str) -> None:
        if host.pid:
            os.kill(host.pid, signal.SIGKILL)
            self.ended(host)

    def _start(self, host: LabHost, _value: str) -> None:
        self.start(host)

    def _reboot(self, host: LabHost, value: str) -> None:
        host.restart_delay = parse_time(value) if value else 1.0
        if host.pid:
            host.state = "reset"
            os.kill(host.pid, signal.SIGKILL)
        else:
            self.start(host)

    # -- disk

    def _disk_full(self, host: LabHost, _value: str) -> None:
        info = os.statvfs(host.root)
        used = (info.f_blocks - info.f_bfree) * info.f_frsize or 4096
        sys_.mount(None, host.root, None, sys_.MS_REMOUNT, f"size={used}")
        host.faults["disk-full"] = True

    def _disk_free(self, host: LabHost, _value: str) -> None:
        sys_.mount(None, host.root, None, sys_.MS_REMOUNT, f"size={host.wish.disk}")
        host.faults.pop("disk-full", None)

    # -- network

    def _loss(self, host: LabHost, value: str) -> None:
        try:
            self._set_loss(host, float(value.rstrip("%")))
        except ValueError:
            raise LabError(f"loss takes a percentage, not {value!r}") from None

    def _partition(self, host: LabHost, _value: str) -> None:
        self._set_loss(host, 100)

    def _set_loss(self, host: LabHost, percent: float) -> None:
        name = f"{self.network.table}_{host.wish.number}"
        run("nft", "delete", "table", "netdev", name, check=False)
        in_network(host, "nft", "delete", "table", "netdev", name, check=False)
        host.faults.pop("loss", None)
        if not percent:
            return
        rule = "drop" if percent >= 100 else f"numgen random mod 100000 < {int(percent * 1000)} drop"
        for device, apply in ((host.device, run), ("eth0", lambda *words, text: in_network(host, *words, text=text))):
            hook = f'type filter hook ingress device "{device}" priority 0'
            apply("nft", "-f", "-", text=table("netdev", name, hook, rule))
        host.faults["loss"] = percent

    def _rate(self, host: LabHost, value: str) -> None:
        words = ("root", "tbf", "rate", value.lower(), "burst", "32k", "latency", "400ms")
        run("tc", "qdisc", "replace", "dev", host.device, *words)
        in_network(host, "tc", "qdisc", "replace", "dev", "eth0", *words)
        host.faults["rate"] = value

    def _link_down(self, host: LabHost, _value: str) -> None:
        self.network.set_link(host, up=False)
        host.faults["link-down"] = True

    def _link_up(self, host: LabHost, _value: str) -> None:
        self.network.set_link(host, up=True)
        host.faults.pop("link-down", None)

    def _latency(self, host: LabHost, delay: float, jitter: float) -> None:
        """Add to the round trip; both in seconds."""
        queue = None
        if delay and "latency" not in host.faults:
            assert host.network is not None
            sys_.setns(host.network, sys_.NEWNET)
            try:
                queue = open_queue()
            finally:
                sys_.setns(self.network.root, sys_.NEWNET)
            for kind in ("tcp", "udp", "icmp"):
                rule = ("-p", kind, "-i", "eth0", "-j", "NFQUEUE", "--queue-num", "0", "--queue-bypass")
                in_network(host, "iptables", "-w", "-t", "mangle", "-A", "PREROUTING", *rule)
        elif not delay:
            in_network(host, "iptables", "-w", "-t", "mangle", "-F", "PREROUTING", check=False)
        self.delays.order(host.name, delay, jitter, queue)
        if queue is not None:
            queue.close()
        host.faults.pop("latency", None)
        if delay:
            host.faults["latency"] = f"{delay * 1000:g}ms" + (f" +-{jitter * 1000:g}ms" if jitter else "")


def signal_all(host: LabHost, number: int) -> None:
    """Send a signal to all processes of a host, those too that they start meanwhile."""
    reached: set[str] = set()
    while True:
        found = {name for name in os.listdir("/proc") if name.isdigit() and _pid_space(name) == _pid_space(host.pid)}
        for name in found - reached:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(name), number)
        if found <= reached:
            return
        reached |= found


def _pid_space(pid: object) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""
