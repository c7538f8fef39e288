"""The name of the host."""

from __future__ import annotations

import os
import re
import socket
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Unsupported
from confman.kit.commands import check, find_program, run
from confman.kit.replace import edit_file, read_file
from confman.kit.text import to_bytes, to_text

if TYPE_CHECKING:
    from collections.abc import Generator

_FILE = "/etc/hostname"
_LINES = {
    "redhat": ("/etc/sysconfig/network", "HOSTNAME", "{}"),
    "openrc": ("/etc/conf.d/hostname", "hostname", '"{}"'),
}
_FILES = {"alpine": _FILE, "debian": _FILE, "generic": _FILE, "sles": "/etc/HOSTNAME", "openbsd": "/etc/myname"}


def hostname(
    name: str,
    use: Literal[
        "alpine", "debian", "freebsd", "generic", "macos", "macosx", "darwin", "openbsd", "openrc", "redhat", "sles",
        "solaris", "systemd",
    ] | None = None,
) -> Generator[Change, None, dict[str, Any]]:  # fmt: skip
    """Keep the name of the host, now and at the next start.

    Args:
        name: The name; it may be a full one with its domain.
        use: How it is kept: systemd: by hostnamectl. debian, alpine, generic: in /etc/hostname. sles: in
            /etc/HOSTNAME. redhat: in /etc/sysconfig/network. openrc: in /etc/conf.d/hostname. openbsd: in
            /etc/myname. Default: systemd where it runs, else the file that is there.

    Returns:
        name: The name.
        ansible_facts: ansible_hostname, ansible_nodename, ansible_fqdn and ansible_domain, to go with it.

    Examples:
        - hostname:
            name: web01
        - hostname:
            name: web01.example.com
            use: systemd
        - hostname:
            name: build
            use: debian

    Platforms: Linux, OpenBSD.
    """
    if not re.match(r"^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$", name):
        raise Failure("{!r} is not a name for a host (letters, digits, dashes and dots; at most 64)".format(name))
    keeper = _keeper(use)
    now, kept = socket.gethostname(), _kept(keeper)
    diff = {"before": "hostname = {}\n".format(now if now != name else kept), "after": "hostname = {}\n".format(name)}
    if kept != name:
        yield Change("hostname", "at start", before=kept, after=name, do=lambda: _keep(keeper, name), diff=diff)
    if now != name:
        yield Change("hostname", "now", before=now, after=name, do=lambda: _set(keeper, name), diff=diff)
    host, _dot, domain = name.partition(".")
    full = name if domain else socket.getfqdn(name)
    facts = {"hostname": host, "nodename": name, "fqdn": full, "domain": full.partition(".")[2]}
    return {"name": name, "ansible_facts": {"ansible_" + key: value for key, value in facts.items()}}


def _keeper(use: str | None) -> str:
    if use in ("freebsd", "macos", "macosx", "darwin", "solaris"):
        raise Unsupported("use={} is for another system than this module can handle".format(use))
    if use is not None:
        return use
    if os.path.isdir("/run/systemd/system") and find_program("hostnamectl"):
        return "systemd"
    return next((name for name, (path, _key, _form) in _LINES.items() if os.path.exists(path)), "generic")


def _kept(keeper: str) -> str:
    """The name at the next start, "" when none is set."""
    if keeper in _LINES:
        path, key, _form = _LINES[keeper]
        found = re.search(r"^\s*{}\s*=\s*(.*)$".format(key), to_text(read_file(path) or b""), re.MULTILINE)
        return found.group(1).strip().strip("\"'") if found else ""
    lines = to_text(read_file(_FILES.get(keeper, _FILE)) or b"").splitlines()
    return next((line.strip() for line in lines if line.strip() and not line.startswith("#")), "")


def _keep(keeper: str, name: str) -> None:
    if keeper == "systemd":
        check(["hostnamectl", "--static", "set-hostname", "--", name], "cannot set the hostname")
    elif keeper in _LINES:
        path, key, form = _LINES[keeper]
        line = to_bytes("{}={}".format(key, form.format(name)))
        pattern = re.compile(to_bytes(r"(?m)^\s*{}\s*=.*$".format(key)))

        def edit(old: bytes | None) -> bytes:
            text, count = pattern.subn(lambda _match: line, old or b"")
            return text if count else text + line + b"\n"

        edit_file(path, edit)
    else:
        edit_file(_FILES[keeper], lambda _old: to_bytes(name + "\n"))


def _set(keeper: str, name: str) -> None:
    if socket.gethostname() == name:
        return
    if keeper == "systemd":
        done = run(["hostnamectl", "--transient", "set-hostname", "--", name])
        if done.rc == 0 and socket.gethostname() == name:
            return
    try:
        socket.sethostname(name)
    except OSError as error:
        raise Failure("cannot set the hostname: {}".format(error.strerror)) from None
