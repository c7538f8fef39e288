"""Known hosts: read once for all connections, and what in them is no entry is passed over."""

from __future__ import annotations

import asyncssh
import pytest

from confman.transport.hostkeys import HostKeys

KEY = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()
OTHER = asyncssh.generate_private_key("ssh-ed25519").convert_to_public()


def line(host: str, key: asyncssh.SSHKey = KEY) -> bytes:
    return host.encode() + b" " + key.export_public_key("openssh").strip()


def trusted(content: bytes, host: str = "h1", address: str = "10.0.0.1") -> list[asyncssh.SSHKey]:
    return list(asyncssh.match_known_hosts(HostKeys(content, ("f",), "yes").entries, host, address, 22)[0])


@pytest.mark.parametrize(
    "content",
    [
        line("h1"),
        line("10.0.0.1"),
        line("h*"),
        b"garbage\n" + line("h1"),
        line("h1") + b"\n@marker x\n",
        b"\xff\xfe\n" + line("h1"),
        b"# a remark\n\n" + line("h1"),
        line("h2", OTHER) + b"\n" + line("h1"),
        b"h1 ssh-ed25519 notbase64!!\n" + line("h1"),
    ],
)
def test_the_key_of_a_host_is_found_whatever_stands_beside_it(content: bytes) -> None:
    assert trusted(content) == [KEY]


@pytest.mark.parametrize("content", [b"", b"garbage", line("h2"), b"h1", line("h1") + b"x"])
def test_nothing_else_is_trusted(content: bytes) -> None:
    assert trusted(content) == []


def test_the_same_content_is_read_once() -> None:
    assert HostKeys(line("h1"), ("a",), "yes").entries is HostKeys(line("h1"), ("b",), "no").entries
    assert HostKeys(line("h1"), ("a",), "yes").entries is not HostKeys(line("h3"), ("a",), "yes").entries
