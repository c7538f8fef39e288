"""Whether the host is a guest or a host of guests."""

from __future__ import annotations

import os
from typing import Any

from confman.kit.facts.text import read_text

_PRODUCTS = (
    ("KVM", "kvm"),
    ("RHEV", "RHEV"),
    ("VMware", "VMware"),
    ("VirtualBox", "virtualbox"),
    ("Bochs", "kvm"),
    ("HVM domU", "xen"),
    ("OpenStack", "openstack"),
    ("Virtual Machine", "VirtualPC"),
    ("Google Compute Engine", "kvm"),
    ("Standard PC", "kvm"),
)
_VENDORS = (
    ("QEMU", "kvm"),
    ("Amazon EC2", "kvm"),
    ("DigitalOcean", "kvm"),
    ("Hetzner", "kvm"),
    ("Xen", "xen"),
    ("innotek", "virtualbox"),
)
_CONTAINERS = {
    "docker": "docker",
    "podman": "podman",
    "lxc": "lxc",
    "lxc-libvirt": "lxc",
    "systemd-nspawn": "systemd-nspawn",
}


def virtual() -> dict[str, Any]:
    """virtualization_type, virtualization_role, virtualization_tech_guest, virtualization_tech_host."""
    guest = [name for name in (_container(), _machine()) if name]
    host = _hosting()
    kind = guest[0] if guest else host[0] if host else "NA"
    role = "guest" if guest else "host" if host else "NA"
    return {
        "virtualization_type": kind,
        "virtualization_role": role,
        "virtualization_tech_guest": sorted(set(guest)),
        "virtualization_tech_host": sorted(set(host)),
    }


def _container() -> str:
    if os.path.exists("/.dockerenv"):
        return "docker"
    if os.path.exists("/run/.containerenv"):
        return "podman"
    for entry in read_text("/proc/1/environ").split("\0"):
        name, _, value = entry.partition("=")
        if name == "container":
            return _CONTAINERS.get(value, "container")
    groups = read_text("/proc/1/cgroup")
    return next((name for name in ("docker", "lxc", "kubepods") if "/" + name in groups), "")


def _machine() -> str:
    product = read_text("/sys/class/dmi/id/product_name")
    vendor = read_text("/sys/class/dmi/id/sys_vendor")
    for text, table in ((product, _PRODUCTS), (vendor, _VENDORS)):
        for word, name in table:
            if word in text:
                return name
    if os.path.exists("/proc/xen"):
        return "xen"
    return "kvm" if "hypervisor" in read_text("/proc/cpuinfo") else ""


def _hosting() -> list[str]:
    modules = {line.split(" ")[0] for line in read_text("/proc/modules").splitlines()}
    found = ["kvm"] if "kvm" in modules and os.path.exists("/dev/kvm") else []
    return found + (["virtualbox"] if "vboxdrv" in modules else [])
