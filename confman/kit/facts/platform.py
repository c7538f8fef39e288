"""The machine, its kernel and its names."""

from __future__ import annotations

import os
import socket
import struct
from typing import Any

from confman.kit.facts.text import read_text

_ARCHITECTURES = {"i386": "i386", "i686": "i386", "i86pc": "i386"}


def platform() -> dict[str, Any]:
    """system, kernel, machine, architecture, hostname, nodename, domain, fqdn, machine_id ..."""
    name = os.uname()
    bits = struct.calcsize("P") * 8
    fqdn = socket.getfqdn()
    found = {
        "system": name.sysname,
        "kernel": name.release,
        "kernel_version": name.version,
        "machine": name.machine,
        "nodename": name.nodename,
        "hostname": name.nodename.split(".")[0],
        "fqdn": fqdn,
        "domain": ".".join(fqdn.split(".")[1:]),
        "userspace_bits": str(bits),
        "architecture": _ARCHITECTURES.get(name.machine, name.machine),
        "userspace_architecture": "i386" if bits == 32 and name.machine == "x86_64" else name.machine,
    }
    machine_id = read_text("/var/lib/dbus/machine-id") or read_text("/etc/machine-id")
    if machine_id:
        found["machine_id"] = machine_id.splitlines()[0]
    return found


def is_chroot() -> dict[str, Any]:
    """is_chroot: whether our root is not that of PID 1."""
    own = os.stat("/")
    try:
        first = os.stat("/proc/1/root/.")
    except OSError:
        return {"is_chroot": own.st_ino not in (2, 128, 256)}
    return {"is_chroot": (own.st_ino, own.st_dev) != (first.st_ino, first.st_dev)}


def loadavg() -> dict[str, Any]:
    """loadavg: of 1, 5 and 15 minutes."""
    try:
        one, five, fifteen = os.getloadavg()
    except OSError:
        return {}
    return {"loadavg": {"1m": one, "5m": five, "15m": fifteen}}
