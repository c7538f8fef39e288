"""Booleans of SELinux."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from confman.kit import Change, Failure
from confman.kit.commands import check
from confman.kit.programs import need
from confman.kit.semanage import active_boolean, is_enabled, parse_booleans, semanage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


def seboolean(
    name: str,
    state: bool,
    persistent: bool = False,
    ignore_selinux_state: bool = False,
) -> Generator[Change, None, dict[str, Any]]:
    """Keep a boolean of SELinux on or off.

    Args:
        name: The boolean: httpd_can_network_connect.
        state: Whether it is on.
        persistent: After a reboot, too.
        ignore_selinux_state: Go on where SELinux does not run (in a chroot); then only persistent has an effect.

    Returns:
        name, state, persistent: As asked.

    Examples:
        - seboolean:
            name: httpd_can_network_connect
            state: true
            persistent: true
        - seboolean:
            name: virt_use_nfs
            state: false
        - seboolean:
            name: nis_enabled
            state: true
            persistent: true
            ignore_selinux_state: true

    Platforms: Linux with SELinux; persistent needs semanage (policycoreutils-python-utils).
    """
    if not re.match(r"^\w+$", name):
        raise Failure("{!r} is not the name of a boolean of SELinux".format(name), name=name)
    enabled = is_enabled()
    if not enabled and not ignore_selinux_state:
        raise Failure("SELinux is disabled on this host. ignore_selinux_state goes on all the same", name=name)
    if persistent:
        yield from _lasting(name, state, enabled)
    elif enabled:
        now = active_boolean(name)
        if now is None:
            raise _unknown(name)
        if now != state:
            yield _change(name, now, state, [])
    return {"name": name, "state": state, "persistent": persistent}


def _unknown(name: str) -> Failure:
    text = "SELinux boolean {} is not defined in the policy: getsebool -a lists those that are".format(name)
    return Failure(text, name=name, _lacks="the SELinux boolean {}".format(name))


def _lasting(name: str, state: bool, enabled: bool) -> Iterator[Change]:
    found = parse_booleans(semanage("boolean", "--list", "--noheading")).get(name)
    if found is None:
        raise _unknown(name)
    now, later = found
    if later != state or (enabled and now != state):
        yield _change(name, later if later != state else now, state, ["-P", *([] if enabled else ["-N"])])


def _change(name: str, now: bool, state: bool, options: list[str]) -> Change:
    words = {True: "on", False: "off"}
    argv = [need("setsebool"), *options, name, words[state]]

    def do() -> None:
        check(argv, "Failed to set boolean {} to {}".format(name, words[state]), timeout=600)

    lasting = " (persistent)" if "-P" in options else ""
    return Change("SELinux boolean", name + lasting, before=words[now], after=words[state], do=do)
