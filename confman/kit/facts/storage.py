"""Mounts and block devices."""

from __future__ import annotations

import os
import re
from typing import Any

from confman.kit.facts.text import read_text

_PSEUDO = frozenset(
    """proc sysfs devtmpfs devpts tmpfs cgroup cgroup2 mqueue securityfs debugfs tracefs pstore bpf hugetlbfs autofs
    configfs fusectl rpc_pipefs binfmt_misc efivarfs nsfs ramfs selinuxfs""".split()
)


def mounts() -> dict[str, Any]:
    """mounts: each file system with size, free space and inodes."""
    links = _links("/dev/disk/by-uuid")
    found = []
    for device, folder, kind, options in parse_mounts(read_text("/proc/self/mounts") or read_text("/etc/mtab")):
        if not device.startswith(("/", "\\")) and ":/" not in device and kind not in ("overlay", "zfs"):
            continue
        if kind in _PSEUDO:
            continue
        entry = {"mount": folder, "device": device, "fstype": kind, "options": options, "dump": 0, "passno": 0}
        entry.update(sizes(folder))
        entry["uuid"] = next(iter(links.get(os.path.basename(os.path.realpath(device)), [])), "N/A")
        found.append(entry)
    return {"mounts": found}


def parse_mounts(text: str) -> list[tuple[str, str, str, str]]:
    """(device, folder, kind, options) of each line of /proc/mounts; octal escapes are resolved."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 4:
            device, folder, kind, options = (
                re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), word) for word in words[:4]
            )
            found.append((device, folder, kind, options))
    return found


def sizes(folder: str) -> dict[str, Any]:
    """Sizes in bytes and inodes of the file system of a folder; nothing when it cannot be asked."""
    try:
        info = os.statvfs(folder)
    except OSError:
        return {}
    return {
        "size_total": info.f_frsize * info.f_blocks,
        "size_available": info.f_frsize * info.f_bavail,
        "block_size": info.f_bsize,
        "block_total": info.f_blocks,
        "block_available": info.f_bavail,
        "block_used": info.f_blocks - info.f_bavail,
        "inode_total": info.f_files,
        "inode_available": info.f_favail,
        "inode_used": info.f_files - info.f_favail,
    }


def _links(folder: str) -> dict[str, list[str]]:
    """What names the links of a folder give to each device."""
    found: dict[str, list[str]] = {}
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    for name in sorted(names):
        device = os.path.basename(os.path.realpath(os.path.join(folder, name)))
        found.setdefault(device, []).append(name)
    return found


def devices() -> dict[str, Any]:
    """devices, device_links: the block devices with their partitions."""
    links = {kind: _links("/dev/disk/by-" + name) for kind, name in _LINKS.items()}
    found = {}
    try:
        names = sorted(os.listdir("/sys/block"))
    except OSError:
        names = []
    for name in names:
        path = "/sys/block/" + name
        if os.path.exists(path + "/device") or name.startswith(("dm-", "md", "vd", "nvme", "xvd", "zram")):
            found[name] = _device(path, name, links)
    return {"devices": found, "device_links": links}


_LINKS = {"ids": "id", "uuids": "uuid", "labels": "label", "masters": "partuuid"}


def _device(path: str, name: str, links: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    sectors = int(read_text(path + "/size") or 0)
    scheduler = re.search(r"\[(.+?)\]", read_text(path + "/queue/scheduler"))
    return {
        "virtual": 1 if "/virtual/" in os.path.realpath(path) else 0,
        "links": {kind: table.get(name, []) for kind, table in links.items()},
        "vendor": read_text(path + "/device/vendor") or None,
        "model": read_text(path + "/device/model") or None,
        "removable": read_text(path + "/removable"),
        "support_discard": read_text(path + "/queue/discard_granularity"),
        "rotational": read_text(path + "/queue/rotational"),
        "scheduler_mode": scheduler.group(1) if scheduler else "",
        "sectors": sectors,
        "sectorsize": read_text(path + "/queue/logical_block_size") or "512",
        "size": human_size(sectors * 512),
        "host": "",
        "holders": _listing(path + "/holders"),
        "partitions": {
            part: _partition(path + "/" + part, part, links) for part in _listing(path) if _is_part(path, part)
        },
    }


def _is_part(path: str, name: str) -> bool:
    return os.path.exists("{}/{}/partition".format(path, name))


def _partition(path: str, name: str, links: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    sectors = int(read_text(path + "/size") or 0)
    return {
        "links": {kind: table.get(name, []) for kind, table in links.items()},
        "start": read_text(path + "/start"),
        "sectors": sectors,
        "sectorsize": 512,
        "size": human_size(sectors * 512),
        "uuid": next(iter(links["uuids"].get(name, [])), None),
        "holders": _listing(path + "/holders"),
    }


def _listing(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def human_size(size: int) -> str:
    """A size as facts write it: "20.00 GB"."""
    for exponent, unit in ((40, "TB"), (30, "GB"), (20, "MB"), (10, "KB")):
        if size >= 1 << exponent:
            return "{:.2f} {}".format(size / float(1 << exponent), unit)
    return "{:.2f} Bytes".format(size)
