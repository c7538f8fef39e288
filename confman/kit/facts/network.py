"""Interfaces, addresses and default routes."""

from __future__ import annotations

import os
import re
import socket
from typing import Any

from confman.kit.commands import find_program, run
from confman.kit.facts.text import read_text

_TYPES = {"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}


def network() -> dict[str, Any]:
    """interfaces, one fact each, default_ipv4, default_ipv6, all_ipv4_addresses, all_ipv6_addresses."""
    try:
        names = sorted(name for name in os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net/" + name))
    except OSError:
        names = []
    details = {name: _interface(name) for name in names}
    _add_addresses(details)
    found: dict[str, Any] = {"interfaces": names}
    found.update({name.replace("-", "_").replace(".", "_").replace(":", "_"): entry for name, entry in details.items()})
    found["default_ipv4"] = _default(details, "ipv4", parse_route(read_text("/proc/net/route")))
    found["default_ipv6"] = _default(details, "ipv6", _ipv6_route())
    found["all_ipv4_addresses"] = _all(details, "ipv4")
    found["all_ipv6_addresses"] = _all(details, "ipv6")
    return found


def _interface(name: str) -> dict[str, Any]:
    folder = "/sys/class/net/" + name
    entry: dict[str, Any] = {
        "device": name,
        "active": read_text(folder + "/operstate") in ("up", "unknown"),
        "type": _TYPES.get(read_text(folder + "/type"), "unknown"),
        "promisc": bool(int(read_text(folder + "/flags") or "0", 16) & 0x100),
    }
    mac = read_text(folder + "/address")
    if mac and mac != "00:00:00:00:00:00":
        entry["macaddress"] = mac
    if read_text(folder + "/mtu"):
        entry["mtu"] = int(read_text(folder + "/mtu"))
    speed = read_text(folder + "/speed")
    if speed.lstrip("-").isdigit():
        entry["speed"] = int(speed)
    driver = os.path.join(folder, "device", "driver", "module")
    if os.path.exists(driver):
        entry["module"] = os.path.basename(os.path.realpath(driver))
    if os.path.isdir(folder + "/bridge"):
        entry.update(type="bridge", interfaces=sorted(_listing(folder + "/brif")))
    if os.path.isdir(folder + "/bonding"):
        slaves = read_text(folder + "/bonding/slaves").split()
        entry.update(type="bonding", slaves=slaves, mode=read_text(folder + "/bonding/mode").split(" ")[0])
    return entry


def _listing(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _add_addresses(details: dict[str, dict[str, Any]]) -> None:
    program = find_program("ip")
    text = run([program, "-o", "addr", "show"], timeout=10).out if program else ""
    for name, family, entry in parse_addresses(text):
        if name not in details:
            continue
        interface = details[name]
        if family == "ipv6":
            interface.setdefault("ipv6", []).append(entry)
        elif "ipv4" not in interface:
            interface["ipv4"] = entry
        else:
            interface.setdefault("ipv4_secondaries", []).append(entry)


def parse_addresses(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(interface, ipv4 or ipv6, its fact) of each line of `ip -o addr show`; other lines are passed over."""
    found = []
    for line in text.splitlines():
        match = re.match(r"\d+:\s+(\S+)\s+(inet6?)\s+(\S+)(.*)", line)
        if not match:
            continue
        name, family, address, rest = match.groups()
        address, _, prefix = address.partition("/")
        if family == "inet":
            entry = _ipv4(address, prefix or "32", rest)
            if entry is not None:
                found.append((name, "ipv4", entry))
        else:
            scope = re.search(r"scope (\S+)", rest)
            entry = {"address": address, "prefix": prefix or "128", "scope": scope.group(1) if scope else "unknown"}
            found.append((name, "ipv6", entry))
    return found


def _ipv4(address: str, prefix: str, rest: str) -> dict[str, Any] | None:
    try:
        number = int.from_bytes(socket.inet_aton(address), "big")
        bits = int(prefix)
        mask = (0xFFFFFFFF << (32 - bits)) & 0xFFFFFFFF
    except (OSError, ValueError):
        return None
    broadcast = re.search(r"brd (\S+)", rest)
    return {
        "address": address,
        "broadcast": broadcast.group(1) if broadcast else "",
        "netmask": _dotted(mask),
        "network": _dotted(number & mask),
        "prefix": prefix,
    }


def _dotted(number: int) -> str:
    return socket.inet_ntoa(number.to_bytes(4, "big"))


def parse_route(text: str) -> tuple[str, str] | None:
    """(interface, gateway) of the default route of a /proc/net/route."""
    for line in text.splitlines()[1:]:
        words = line.split()
        if (
            len(words) > 7
            and words[1] == "00000000"
            and words[7] == "00000000"
            and re.match(r"[0-9A-F]{8}\Z", words[2])
        ):
            return words[0], socket.inet_ntoa(bytes.fromhex(words[2])[::-1])
    return None


def _ipv6_route() -> tuple[str, str] | None:
    for line in read_text("/proc/net/ipv6_route").splitlines():
        words = line.split()
        if len(words) == 10 and words[0] == "0" * 32 and words[1] == "00" and words[9] != "lo":
            return words[9], socket.inet_ntop(socket.AF_INET6, bytes.fromhex(words[4]))
    return None


def _default(details: dict[str, dict[str, Any]], family: str, route: tuple[str, str] | None) -> dict[str, Any]:
    if route is None or route[0] not in details:
        return {}
    interface = details[route[0]]
    found = {"gateway": route[1], "interface": route[0]}
    addresses = interface.get(family) or {}
    if isinstance(addresses, list):
        addresses = next((entry for entry in addresses if entry["scope"] == "global"), {})
    found.update(addresses)
    for key in ("macaddress", "mtu", "type"):
        if key in interface:
            found[key] = interface[key]
    if family == "ipv4":
        found["alias"] = route[0]
    return found


def _all(details: dict[str, dict[str, Any]], family: str) -> list[str]:
    found = []
    for entry in details.values():
        if family == "ipv6":
            found += [each["address"] for each in entry.get("ipv6", []) if each["address"] != "::1"]
        elif "ipv4" in entry:
            every = [entry["ipv4"], *entry.get("ipv4_secondaries", [])]
            found += [each["address"] for each in every if not each["address"].startswith("127.")]
    return found
