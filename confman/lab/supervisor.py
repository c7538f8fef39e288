"""One process per lab that holds its hosts: they end when it ends."""

from __future__ import annotations

import contextlib
import fnmatch
import heapq
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confman.lab import syscalls as sys_
from confman.lab.bases import base_folder
from confman.lab.boot import become_host
from confman.lab.door import Door, lead
from confman.lab.faults import Faults
from confman.lab.files import LabError, read, remove_cgroup, run, write
from confman.lab.layers import Layer, build_layer
from confman.lab.model import LabHost, Wish
from confman.lab.network import Network, claim_range, prepare_own_network, raise_settings, restore_settings

_RESTARTS = {64, -signal.SIGHUP}
"""How an init ends that asks for a reboot: the tiny init's exit code, or what reboot(2) does in a pid namespace."""
_POWERED_OFF = {0, -signal.SIGINT}
"""How an init ends that powers off: by itself, or as reboot(2) makes it."""


class Supervisor:
    """Makes, starts, watches and removes hosts. `state` is the lab's folder, `bases` where bases are kept.

    `door` leads in where the lab is not root's: then there are no control groups and the network is all its own.
    """

    def __init__(self, state: Path, bases: Path, door: Door | None = None) -> None:
        self.state = state
        self.bases = bases
        self.door = door
        self.hosts: dict[str, LabHost] = {}
        self.layers: dict[tuple[str, tuple[str, ...]], Layer] = {}
        self.restarts: list[tuple[float, str]] = []
        self.selector = selectors.DefaultSelector()
        sys_.unshare(sys_.NEWNS)
        sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
        self.run = state / "run"
        self.run.mkdir(exist_ok=True)
        sys_.mount("confman-lab", str(self.run), "tmpfs", 0, "mode=755,size=90%,nr_inodes=0")
        for name in ("layers", "hosts", "root"):
            (self.run / name).mkdir()
        self.root_network = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.root_pids = os.open("/proc/self/ns/pid", os.O_RDONLY)
        octet, self.claim = claim_range()
        write(state / "lab.json", json.dumps({"octet": octet}))
        self.cgroup: Path | None = None
        if door is None:
            self.cgroup = Path(_cgroup_mount(self.run), f"confman-lab-{octet}")
            self.cgroup.mkdir(exist_ok=True)
            raise_settings()
        else:
            prepare_own_network()
        self.network = Network(octet, self.root_network)
        self.faults = Faults(self.network, self.start, self.ended)
        self.requests: dict[str, Callable[[dict[str, Any]], Any]] = {
            "up": self._up,
            "list": lambda _request: [host.public() for host in self.hosts.values()],
            "fault": self._fault,
            "down": self._down,
            "quit": self._quit,
        }

    # -- a host's life

    def create(self, wish: Wish) -> LabHost:
        """A host that is not started yet. Raises OSError or LabError."""
        octet = self.network.octet
        root = self.run / "hosts" / wish.name
        root.mkdir()
        sys_.mount(f"confman-lab-{wish.name}", str(root), "tmpfs", 0, f"mode=755,size={wish.disk}")
        host = LabHost(
            wish=wish,
            address=self.network.address(wish.number),
            device=f"cl{octet}-{wish.number}",
            root=str(root),
            cgroup="" if self.cgroup is None else str(self.cgroup / wish.name),
        )
        try:
            self._layer(wish)
            host.host_key = _own_files(root, wish.name)
            self.network.add(host)
            self._open_door(host)
        except BaseException:
            sys_.unmount(str(root))
            root.rmdir()
            raise
        self.hosts[wish.name] = host
        return host

    def _open_door(self, host: LabHost) -> None:
        if self.door is not None:
            with self.door.listener() as listener:
                host.port = listener.getsockname()[1]
                host.relay = lead(listener, host.address)

    def _layer(self, wish: Wish) -> Layer:
        key = (wish.base, wish.hide)
        if key not in self.layers:
            folder = self.run / "layers" / str(len(self.layers))
            lower = base_folder(self.bases, wish.base, root=self.door is None)
            self.layers[key] = build_layer(folder, wish.base, lower, wish.hide, read(self.state / "key.pub"))
        return self.layers[key]

    def start(self, host: LabHost) -> None:
        """Boot a host, unless it runs. Raises OSError."""
        if host.pid:
            return
        layer = self._layer(host.wish)
        self.network.set_link(host, up=True)
        if host.cgroup:
            Path(host.cgroup).mkdir(exist_ok=True)
        console = os.open(self.state / "console" / f"{host.name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        sys_.unshare(sys_.NEWPID)
        try:
            pid = os.fork()
            if pid == 0:
                _child(host, layer, console, str(self.run / "root"))
        finally:
            sys_.setns(self.root_pids, sys_.NEWPID)
        os.close(console)
        host.pid, host.state, host.boots = pid, "up", host.boots + 1
        host.process = os.pidfd_open(pid)
        self.selector.register(host.process, selectors.EVENT_READ, host)

    def ended(self, host: LabHost) -> None:
        """A host's init is gone: by reboot, power off or force."""
        assert host.pid is not None
        assert host.process is not None
        self.selector.unregister(host.process)
        _, status = os.waitpid(host.pid, 0)
        os.close(host.process)
        host.pid = host.process = None
        host.faults.pop("freeze", None)
        if host.cgroup:
            remove_cgroup(host.cgroup)
        if host.state == "leaving":
            return
        with contextlib.suppress(OSError):
            self.network.set_link(host, up=False)
        code = os.waitstatus_to_exitcode(status)
        if code in _RESTARTS or host.state == "reset":
            host.state = "rebooting"
            heapq.heappush(self.restarts, (time.monotonic() + host.restart_delay, host.name))
        else:
            host.state = "off" if code in _POWERED_OFF else "dead"

    def remove(self, names: list[str]) -> None:
        """End hosts and everything that is theirs."""
        hosts = [self.hosts[name] for name in names]
        for host in hosts:
            with contextlib.suppress(OSError, LabError):
                self.faults.clear(host)
            host.state = "leaving"
            if host.pid:
                os.kill(host.pid, signal.SIGKILL)
        for host in hosts:
            if host.pid:
                self.ended(host)
            if host.relay is not None:
                os.kill(host.relay, signal.SIGKILL)
                os.waitpid(host.relay, 0)
            if host.network is not None:
                self.network.remove(host)
                os.close(host.network)  # the namespace and its link go with the last user
            sys_.unmount(host.root)
            Path(host.root).rmdir()
            del self.hosts[host.name]
            (self.state / "console" / f"{host.name}.log").unlink(missing_ok=True)

    # -- requests

    def _up(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        made = []
        for fields in request["hosts"]:
            host = self.create(Wish(**{**fields, "hide": tuple(fields["hide"])}))
            self.start(host)
            made.append(host.public())
        return made

    def _named(self, request: dict[str, Any]) -> list[str]:
        patterns = request.get("hosts") or ["*"]
        return [name for name in self.hosts if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]

    def _fault(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        names = self._named(request)
        if not names:
            raise LabError(f"no such host: {', '.join(request['hosts'])}")
        for name in names:
            self.faults.apply(self.hosts[name], request["acts"])
        return [self.hosts[name].public() for name in names]

    def _down(self, request: dict[str, Any]) -> list[str]:
        names = self._named(request)
        self.remove(names)
        return names

    def _quit(self, _request: dict[str, Any]) -> bool:
        self.remove(list(self.hosts))
        self.network.close()
        self.claim.close()
        if self.cgroup is not None:
            remove_cgroup(self.cgroup)
            restore_settings()
        return True

    # -- serving

    def serve(self, listener: socket.socket) -> None:
        """Answer requests and watch hosts until somebody asks to quit."""
        self.selector.register(listener, selectors.EVENT_READ, None)
        while True:
            timeout = max(0.0, self.restarts[0][0] - time.monotonic()) if self.restarts else None
            for key, _events in self.selector.select(timeout):
                if key.data is None:
                    if self._answer(listener):
                        return
                elif key.data.pid:
                    self.ended(key.data)
            self._restart()

    def _restart(self) -> None:
        while self.restarts and self.restarts[0][0] <= time.monotonic():
            host = self.hosts.get(heapq.heappop(self.restarts)[1])
            if host is not None and host.state == "rebooting":
                try:
                    self.start(host)
                except OSError as error:
                    host.state = f"dead: {error}"

    def _answer(self, listener: socket.socket) -> bool:
        """Whether that was the last request."""
        connection, _address = listener.accept()
        with connection, connection.makefile("rw") as stream:
            request: dict[str, Any] = {"op": ""}
            try:
                request = json.loads(stream.readline())
                answer = {"ok": self.requests[request["op"]](request)}
            except (LabError, OSError, ValueError, KeyError) as error:
                sys.stderr.write(traceback.format_exc())
                answer = {"error": str(error) or type(error).__name__}
            with contextlib.suppress(OSError):
                stream.write(json.dumps(answer) + "\n")
                stream.flush()
        return request["op"] == "quit" and "ok" in answer


def _child(host: LabHost, layer: Layer, console: int, mountpoint: str) -> None:
    try:
        become_host(host, layer, console, mountpoint)
    except BaseException:
        os.write(console, traceback.format_exc().encode())
    os._exit(70)


def _cgroup_mount(folder: Path) -> str:
    """Where cgroup2 is mounted, mounted now if it is nowhere."""
    found = [line.split()[1] for line in read("/proc/mounts").splitlines() if line.split()[2] == "cgroup2"]
    if found:
        return found[0]
    (folder / "cgroup2").mkdir()
    sys_.mount("cgroup2", str(folder / "cgroup2"), "cgroup2")
    return str(folder / "cgroup2")


def _own_files(root: Path, name: str) -> str:
    """What a host has for itself: names, machine id, host key; the public part of the key."""
    for folder in ("upper", "work", "upper/etc", "upper/etc/ssh"):
        (root / folder).mkdir(0o755)
    etc = root / "upper" / "etc"
    write(etc / "hostname", f"{name}\n")
    others = [
        line for line in read("/etc/hosts").splitlines() if line.strip() and not line.startswith(("#", "127.", "::1"))
    ]
    own = ["127.0.0.1\tlocalhost", f"127.0.1.1\t{name}", "::1\tlocalhost ip6-localhost"]
    write(etc / "hosts", "\n".join([*own, *others]) + "\n")
    write(etc / "machine-id", uuid.uuid4().hex + "\n", 0o444)
    key = str(etc / "ssh" / "ssh_host_ed25519_key")
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"root@{name}", "-f", key)
    return " ".join(read(f"{key}.pub").split()[:2])


def supervise(state: Path, bases: Path, door: Door | None) -> None:
    """Be the supervisor of a lab, until it is ended. Raises OSError or LabError when it cannot be."""
    supervisor = Supervisor(state, bases, door)
    listener = socket.socket(socket.AF_UNIX)
    address = state / "control"
    address.unlink(missing_ok=True)
    os.umask(0o077)
    listener.bind(str(address))
    listener.listen(64)
    os.umask(0o022)
    if door is None:
        write(state / "supervisor.pid", f"{os.getpid()}\n")
    supervisor.serve(listener)
    for name in ("control", "supervisor.pid"):
        (state / name).unlink(missing_ok=True)


if __name__ == "__main__":
    passed = [Door(socket.socket(fileno=int(number))) for number in sys.argv[3:]]
    supervise(Path(sys.argv[1]), Path(sys.argv[2]), passed[0] if passed else None)
