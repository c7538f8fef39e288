"""Types of ports in SELinux's policy."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure
from confman.kit.semanage import check_ports, is_enabled, parse_ports, semanage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def seport(
    ports: list[str],
    proto: Literal["tcp", "udp"],
    setype: str,
    state: Literal["absent", "present"] = "present",
    reload: bool = True,
    ignore_selinux_state: bool = False,
    local: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep ports of a type in SELinux's policy, or out of it.

    Args:
        ports: Ports and ranges: 8888, 10000-10100.
        proto: Their protocol.
        setype: The type: http_port_t.
        state: Whether they are of the type. What the policy itself says cannot be taken away, only local changes.
        reload: Load the policy when it was changed.
        ignore_selinux_state: Go on where SELinux does not run.
        local: Look at local changes only.

    Returns:
        ports, proto, setype, state: As asked.

    Examples:
        - seport:
            ports: [8888, 10000-10100]
            proto: tcp
            setype: http_port_t
        - seport:
            ports: 8991
            proto: tcp
            setype: ssh_port_t
            state: absent
        - seport:
            ports: [11211]
            proto: udp
            setype: memcache_port_t
            local: true

    Platforms: Linux with SELinux and semanage (policycoreutils-python-utils).
    """
    if not is_enabled() and not ignore_selinux_state:
        raise Failure("SELinux is disabled on this host. ignore_selinux_state goes on all the same")
    if not re.match(r"^\w+$", setype):
        raise Failure("{!r} is not a type of SELinux".format(setype), setype=setype)
    ask = SimpleNamespace(**locals())
    table = parse_ports(semanage("port", "--list", "--noheading", *(["--locallist"] if local else [])))
    owners = {port: kind for (kind, protocol), found in table.items() if protocol == proto for port in found}
    for port in check_ports(ports):
        yield from _port(ask, port, owners.get(port))
    return {"ports": ports, "proto": proto, "setype": setype, "state": state}


def _port(ask: Any, port: str, owner: str | None) -> Iterator[Change]:
    """The change of one port or range; `owner` is the type that it has now."""
    wanted = ask.state == "present"
    if (owner == ask.setype) == wanted:
        return
    # a port of another type is changed over; whether that is local only semanage knows
    verbs = (["--add"] if owner is None else ["--modify"]) if wanted else ["--delete"]
    words = ["port", *verbs, *([] if ask.reload else ["--noreload"]), "--type", ask.setype, "--proto", ask.proto, port]

    def do() -> None:
        semanage(*words)

    after = ask.setype if wanted else None
    yield Change("SELinux port", "{}/{}".format(port, ask.proto), before=owner, after=after, do=do)
