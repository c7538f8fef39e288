"""Known hosts: read once for all connections, and what in them is no entry is passed over."""

from __future__ import annotations

import asyncssh
import pytest

from confman.transport.hostkeys import HostKeys

KEY = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()
OTHER = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()


def written(text: str) -> bytes:
    """A file of known hosts: KEY and OTHER stand for two keys, \\xff for a byte that is no text."""
    keys = {"KEY": KEY, "OTHER": OTHER}
    for name, key in keys.items():
        text = text.replace(name, key.export_public_key("openssh").decode().strip())
    return text.encode("latin-1")


def trusted(text: str, host: str = "h1", address: str = "10.0.0.1") -> list[asyncssh.SSHKey]:
    entries = HostKeys(written(text), ("f",), "yes").entries
    return list(asyncssh.match_known_hosts(entries, host, address, 22)[0])


@pytest.mark.parametrize(
    "text",
    [
        "h1 KEY",
        "10.0.0.1 KEY",
        "h* KEY",
        "garbage\nh1 KEY",
        "h1 KEY\n@marker x\n",
        "\xff\xfe\nh1 KEY",
        "# a remark\n\nh1 KEY",
        "h2 OTHER\nh1 KEY",
        "h1 ssh-ed25519 notbase64!!\nh1 KEY",
    ],
)
def test_the_key_of_a_host_is_found_whatever_stands_beside_it(text: str) -> None:
    assert trusted(text) == [KEY]


@pytest.mark.parametrize("text", ["", "garbage", "h2 KEY", "h1", "h1 ssh-ed25519 notbase64!!"])
def test_nothing_else_is_trusted(text: str) -> None:
    assert trusted(text) == []


def test_the_same_content_is_read_once() -> None:
    assert HostKeys(written("h1 KEY"), ("a",), "yes").entries is HostKeys(written("h1 KEY"), ("b",), "no").entries
    assert HostKeys(written("h1 KEY"), ("a",), "yes").entries is not HostKeys(written("h3 KEY"), ("a",), "yes").entries
