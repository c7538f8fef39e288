"""Ways in for labs without root: ports of the machine's own loopback, led to hosts in a network of their own.

The supervisor of such a lab lives in a network namespace where nobody else can reach it. Its parent stays outside,
opens ports there, and passes them in.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

from confman.lab import syscalls as sys_
from confman.lab.files import LabError, write
from confman.lab.model import SSH_PORT
from confman.lab.usermap import enter

LOOPBACK = "127.0.0.1"
_UPLINK = "tap0"
_TUNNEL = Path("/dev/net/tun")


class Door:
    """The supervisor's end: asks for ports. `inside` is connected to `keep`, which answers."""

    def __init__(self, inside: socket.socket) -> None:
        self._inside = inside

    def listener(self) -> socket.socket:
        """A socket that listens on a free port of the machine's loopback. Raises LabError."""
        self._inside.sendall(b"?")
        _data, descriptors, _flags, _address = socket.recv_fds(self._inside, 16, 1)
        if not descriptors:
            raise LabError("no port could be had on 127.0.0.1")
        return socket.socket(fileno=descriptors[0])


def keep(outside: socket.socket) -> None:
    """Answer a supervisor until it is gone."""
    while outside.recv(1):
        try:
            with socket.create_server((LOOPBACK, 0), backlog=512) as listener:
                socket.send_fds(outside, [b"!"], [listener.fileno()])
        except OSError:
            outside.sendall(b"-")


def lead(listener: socket.socket, address: str) -> int:
    """Start a process that leads every connection of a listener to the SSH port of a host; its pid."""
    pid = os.fork()
    if pid == 0:
        _relay(listener, address)
    return pid


def _relay(listener: socket.socket, address: str) -> NoReturn:
    try:
        sys_.die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        kept = os.dup2(listener.fileno(), 3)
        os.closerange(4, 20000)
        _serve(socket.socket(fileno=kept), address)
    finally:
        os._exit(1)


def _serve(listener: socket.socket, address: str) -> None:
    while True:
        near, _peer = listener.accept()
        threading.Thread(target=_connect, args=(near, address), daemon=True).start()


def _connect(near: socket.socket, address: str) -> None:
    with near, contextlib.suppress(OSError), socket.create_connection((address, SSH_PORT)) as far:
        back = threading.Thread(target=_pump, args=(far, near), daemon=True)
        back.start()
        _pump(near, far)
        back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Carry bytes until one side ends, and tell the other."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def way_out_refused() -> str:
    """Why hosts of a lab without root cannot reach beyond it, in words; "" when they can."""
    if not shutil.which("slirp4netns"):
        return "slirp4netns is not installed (Debian: apt-get install slirp4netns)"
    if not os.access(_TUNNEL, os.R_OK | os.W_OK):
        return f"slirp4netns may not open {_TUNNEL} (as root: chmod 666 {_TUNNEL})"
    return ""


def _way_out(pid: int) -> subprocess.Popen[bytes] | None:
    """The program that carries packets between a network namespace and the world, where it can be had."""
    if way_out_refused():
        return None
    words = ["slirp4netns", "--configure", "--mtu=1500", "--disable-host-loopback", str(pid), _UPLINK]
    return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _first_process(words: list[str], state: Path) -> None:
    """Run a supervisor as the first process of a pid namespace: who makes pid namespaces must own the one it is in."""
    sys_.unshare(sys_.NEWPID)
    pid = os.fork()
    if pid == 0:
        sys_.die_with_parent()
        sys_.mount("none", "/", None, sys_.MS_REC | sys_.MS_PRIVATE)
        sys_.mount("proc", "/proc", "proc", sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC)
        os.execv(words[0], words)
    write(state / "supervisor.pid", f"{pid}\n")
    os.close(int(words[-1]))
    os.waitpid(pid, 0)


def main(state: str, bases: str) -> int:
    """Start a supervisor in namespaces of its own and keep its door; the exit code."""
    outside, inside = socket.socketpair()
    os.set_inheritable(inside.fileno(), True)
    words = [sys.executable, "-m", "confman.lab.supervisor", state, bases, str(inside.fileno())]
    pid = enter(lambda: _first_process(words, Path(state)), sys_.NEWNS | sys_.NEWNET)
    inside.close()
    carrier = _way_out(pid)
    try:
        keep(outside)
    finally:
        if carrier is not None:
            carrier.terminate()
            carrier.wait(30)
        _, status = os.waitpid(pid, 0)
    return abs(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
