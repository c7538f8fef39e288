"""Options of network interfaces in /etc/network/interfaces."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Mode, Path, Warn, rules
from confman.kit.attributes import Attributes
from confman.kit.interfaces import drop, interfaces, parse, put
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator

    from confman.kit.interfaces import Line


@rules(required_by={"option": ("iface",)})
def interfaces_file(
    dest: Path = "/etc/network/interfaces",
    iface: str | None = None,
    address_family: str | None = None,
    option: str | None = None,
    value: str | None = None,
    state: Literal["present", "absent"] = "present",
    backup: bool = False,
    mode: Mode | None = None,
    owner: str | None = None,
    group: str | None = None,
    seuser: str | None = None,
    serole: str | None = None,
    setype: str | None = None,
    selevel: str | None = None,
    attributes: str | None = None,
    unsafe_writes: bool = False,
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep an option of a network interface in a file of ifupdown, or out of it; or read what is there.

    Args:
        dest: The file.
        iface: The interface; its stanza must be there.
        address_family: inet or inet6, where the interface has a stanza for each.
        option: The option; without one, the file is only read. `method` is that of the iface line.
        value: Its value. Of pre-up, up, post-up and down there may be several: one with this value is added.
        state: absent: all lines of the option are removed; of those four, only those with `value`, if one is given.
        backup: Keep a dated copy of the old file.
        mode: Permissions: "0644", or symbolic such as "u=rw,go=r".
        owner: Name or number of the user who shall own it.
        group: Name or number of the group that shall own it.
        seuser: User part of the SELinux label; `_default` takes the policy's.
        serole: Role part of the SELinux label.
        setype: Type part of the SELinux label.
        selevel: Level part of the SELinux label (MLS/MCS range).
        attributes: File system flags as chattr takes them: "+i", "-a", "=ad".
        unsafe_writes: Allow overwriting in place where a file cannot be replaced safely.

    Returns:
        dest: The file.
        ifaces: The interfaces as the file then has them, with their options.
        backup_file: The copy that was kept.

    Examples:
        - interfaces_file:
            iface: eth1
            option: mtu
            value: "8000"
        - interfaces_file:
            dest: /etc/network/interfaces.d/eth1.cfg
            iface: eth1
            address_family: inet
            option: up
            value: ip route add 10.0.0.0/8 via 10.1.1.1
            backup: true
        - interfaces_file:
            iface: eth1
            option: dns-search
            state: absent

    Platforms: Linux with ifupdown.
    """
    ask = SimpleNamespace(**locals())
    if option is not None and state == "present" and value is None:
        raise Failure("Value must be set if option is defined and state is 'present'")
    if any("\n" in (word or "") for word in (iface, option, value)):
        raise Failure("iface, option and value must be single lines")
    old = read_file(dest)
    if old is None:
        raise Failure("the file {} does not exist".format(dest), dest=dest, _lacks=dest)
    told = {"dest": dest, "ifaces": interfaces(_lines(_edited(old, ask), dest))}
    wish = Attributes(owner, group, mode, seuser, serole, setype, selevel, attributes)
    how = How(wish, backup, unsafe_writes=unsafe_writes)
    yield from edit_content(dest, old, lambda data: _edited(data, ask), how, told)
    return told


def _lines(data: bytes, path: str) -> list[Line]:
    return parse(lines_of(to_text(data)), path)


def _edited(data: bytes, ask: Any) -> bytes:
    """The file's content as it is asked for. Raises Failure."""
    if ask.option is None:
        return data
    lines, what = _lines(data, ask.dest), (ask.iface, ask.address_family, ask.option)
    old = [line.text for line in lines]
    new = put(lines, *what, ask.value) if ask.state == "present" else drop(lines, *what, ask.value)
    texts = [line.text for line in new]
    return data if texts == old else to_bytes("".join(text + "\n" for text in texts))
