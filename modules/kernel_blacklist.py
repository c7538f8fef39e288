"""Kernel modules that shall not be loaded by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, Path, Warn
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator


def kernel_blacklist(
    name: str,
    state: Literal["absent", "present"] = "present",
    blacklist_file: Path = "/etc/modprobe.d/blacklist-ansible.conf",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep a kernel module in a blacklist of modprobe, or out of it.

    Args:
        name: The kernel module.
        state: Whether it shall be in the blacklist.
        blacklist_file: The file; made if it is not there.

    Returns:
        name, state: As asked.
        filename: The file.
        lines: What it then holds.
        is_blacklisted: Whether the module is then in it.

    Examples:
        - kernel_blacklist:
            name: nouveau
        - kernel_blacklist:
            name: usb-storage
            blacklist_file: /etc/modprobe.d/hardening.conf
        - kernel_blacklist:
            name: nouveau
            state: absent

    Platforms: Linux with modprobe.
    """
    if not re.match(r"^[A-Za-z0-9_.-]+$", name):
        raise Failure("{!r} is not the name of a kernel module".format(name), name=name)
    old = read_file(blacklist_file)

    def edit(data: bytes) -> bytes:
        return to_bytes("".join(line + "\n" for line in _edited(lines_of(to_text(data)), name, state)))

    have = lines_of(to_text(old or b""))
    want = _edited(have, name, state)
    if want != have or (old is None and state == "present"):
        yield from edit_content(blacklist_file, old, edit, How())
    told = {"filename": blacklist_file, "lines": want, "is_blacklisted": state == "present"}
    return dict(told, name=name, state=state)


def _edited(lines: list[str], name: str, state: str) -> list[str]:
    entry = re.compile(r"^\s*blacklist\s+{}\s*$".format(re.escape(name)))
    there = any(entry.match(line) for line in lines)
    if state == "absent":
        return [line for line in lines if not entry.match(line)]
    return lines if there else [*lines, "blacklist " + name]
