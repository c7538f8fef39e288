"""SELinux: whether it runs, its configuration file, its booleans and its ports."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from confman.kit.change import Failure
from confman.kit.commands import check
from confman.kit.programs import need
from confman.kit.text import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterable

MOUNT = "/sys/fs/selinux"
_BOOLEAN = re.compile(r"^(\S+)\s+\((on|off)\s*,\s*(on|off)\)")
_PORTS = re.compile(r"^(\S+)\s+(tcp|udp|dccp|sctp)\s+(.+)$")
_PORT = re.compile(r"^(\d{1,5})(?:-(\d{1,5}))?$")
_MOST = 65535


def is_enabled() -> bool:
    """Whether the kernel runs with SELinux."""
    return os.path.exists(os.path.join(MOUNT, "enforce"))


def running_mode() -> str:
    """enforcing, permissive or disabled, as the kernel runs now."""
    try:
        with open(os.path.join(MOUNT, "enforce"), encoding="ascii") as stream:
            return "enforcing" if stream.read().strip() == "1" else "permissive"
    except OSError:
        return "disabled"


def set_mode(mode: str) -> None:
    """Make a running SELinux enforcing or permissive. Raises Failure."""
    try:
        with open(os.path.join(MOUNT, "enforce"), "w", encoding="ascii") as stream:
            stream.write("1" if mode == "enforcing" else "0")
    except OSError as error:
        raise Failure("cannot make SELinux {}: {}".format(mode, os_reason(error))) from None


def config_value(text: str, key: str) -> str | None:
    """The value of a key (SELINUX, SELINUXTYPE) in the configuration file; None when it is not set."""
    found = re.findall(r"(?m)^{}=(.*)$".format(key), text)
    return found[-1].strip() if found else None


def put_config(text: str, key: str, value: str) -> str:
    """The configuration file with a key set, where it was set or at the end."""
    line = "{}={}".format(key, value)
    new, count = re.subn(r"(?m)^{}=.*$".format(key), lambda _match: line, text)
    if count:
        return new
    return text + ("" if text.endswith("\n") or not text else "\n") + line + "\n"


def parse_booleans(text: str) -> dict[str, tuple[bool, bool]]:
    """Booleans by name, now and after a reboot, from `semanage boolean --list`."""
    matches = (_BOOLEAN.match(line) for line in text.split("\n"))
    return {match.group(1): (match.group(2) == "on", match.group(3) == "on") for match in matches if match}


def active_boolean(name: str) -> bool | None:
    """A boolean as the kernel has it now; None when there is none of that name."""
    try:
        with open(os.path.join(MOUNT, "booleans", name), encoding="ascii") as stream:
            return stream.read().split()[:1] == ["1"]
    except OSError:
        return None


def parse_ports(text: str) -> dict[tuple[str, str], list[str]]:
    """Ports and ranges by (type, protocol), from `semanage port --list`."""
    found = {}  # type: dict[tuple[str, str], list[str]]
    for line in text.split("\n"):
        match = _PORTS.match(line)
        if match:
            kind, protocol, ports = match.groups()
            found.setdefault((kind, protocol), []).extend(port.strip() for port in ports.split(","))
    return found


def check_ports(ports: Iterable[str]) -> list[str]:
    """Ports and ranges, of a list of which each may be several with commas between. Raises Failure."""
    found = [part.strip() for text in ports for part in text.split(",") if part.strip()]
    for port in found:
        match = _PORT.match(port)
        if match is None:
            raise Failure("{!r} is not a port or a range of ports: write 8080 or 8000-8010".format(port))
        low, high = int(match.group(1)), int(match.group(2) or match.group(1))
        if not 0 < low <= high <= _MOST:
            raise Failure("{} is not a port or a range of ports: they are from 1 to 65535".format(port))
    return found


def semanage(*words: str) -> str:
    """The output of semanage. Raises Failure."""
    return check([need("semanage"), *words], "semanage cannot {}".format(" ".join(words)), timeout=600).out
