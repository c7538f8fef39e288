"""Keys of ssh servers that a user trusts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

from confman.kit import Change, Failure, Path, Warn
from confman.kit.hostkeys import drop_keys, parse_keys, put_keys
from confman.kit.replace import How, read_file
from confman.kit.text import to_bytes, to_text
from confman.kit.textlines import lines_of
from confman.kit.writing import edit_content

if TYPE_CHECKING:
    from collections.abc import Generator


def known_hosts(
    name: Annotated[str, "host"],
    key: str | None = None,
    path: Path = "~/.ssh/known_hosts",
    hash_host: bool = False,
    state: Literal["absent", "present"] = "present",
) -> Generator[Change | Warn, None, dict[str, Any]]:
    """Keep the key of a server in a known_hosts file, or out of it.

    Args:
        name: The server, as ssh calls it: a name, an address, or [name]:port.
        key: Its key, as a line of known_hosts: names, type, key. Several lines are several keys.
        path: The file.
        hash_host: Write the name so that it cannot be read.
        state: present: the key is there, and no other of its type. absent: the key, or without one every key of
            the server, is not.

    Returns:
        name, key, path, hash_host, state: As asked.
        diff: The file as it is and as it shall be.

    Examples:
        - known_hosts:
            name: git.example.com
            key: "{{ lookup('file', 'git.example.com.pub') }}"
        - known_hosts:
            name: "[git.example.com]:2222"
            key: "[git.example.com]:2222 ssh-ed25519 AAAAC3Nz..."
            path: /etc/ssh/ssh_known_hosts
            hash_host: true
        - known_hosts:
            name: old.example.com
            state: absent

    Platforms: any with Python 3.6.
    """
    host = _one_name(name)
    if state == "present" and not key:
        raise Failure("No key specified when adding a host")
    path = os.path.expanduser(path)
    keys = parse_keys(key or "", host)
    if state == "present" and not keys:
        raise Failure("the key holds no line of known_hosts")

    def edit(data: bytes) -> bytes:
        lines = lines_of(to_text(data))
        new = put_keys(lines, host, keys, hash_host) if state == "present" else drop_keys(lines, host, keys)
        return data if new == lines else to_bytes("".join(line + "\n" for line in new))

    old = read_file(path)
    told = {"name": host, "key": key, "path": path, "hash_host": hash_host, "state": state}  # type: dict[str, Any]
    if old is not None or state == "present":
        yield from edit_content(path, old, edit, How())
        told["diff"] = _diff(path, old, edit(old or b""))
    return told


def _one_name(name: str) -> str:
    if "," in name or len(name.split()) != 1:
        raise Failure(
            "Comma separated list of names is not supported. "
            "Please pass a single name to lookup in the known_hosts file."
        )
    return name.lower()


def _diff(path: str, old: bytes | None, new: bytes) -> dict[str, Any]:
    """How the file is and will be; shown whether or not a diff is wanted, as it always was."""
    return {
        "before_header": "/dev/null" if old is None else path,
        "after_header": path,
        "before": to_text(old or b""),
        "after": to_text(new),
    }
