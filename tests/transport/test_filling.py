"""Packets that carry nothing: sent only where a cipher needs them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest
from asyncssh.constants import MSG_IGNORE

from confman.model.call import Target
from confman.transport.ssh import SshConnection

GUESSABLE = "aes256-cbc"
CIPHERS = ["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr", GUESSABLE]


class Watching(asyncssh.SSHServer):
    """A server that notes which packets come in, and lets everybody in."""

    def __init__(self, seen: list[int]) -> None:
        self._seen = seen

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        log = conn.log_received_packet

        def noted(kind: int, *further: object) -> None:
            self._seen.append(kind)
            log(kind, *further)

        vars(conn)["log_received_packet"] = noted

    def begin_auth(self, username: str) -> bool:
        del username
        return False


async def echo(process: asyncssh.SSHServerProcess[bytes]) -> None:
    """Give back a line, twice."""
    for _ in range(2):
        process.stdout.write(await process.stdin.readline())
    process.exit(0)


@pytest.mark.parametrize("cipher", CIPHERS)
async def test_empty_packets_go_out_only_with_chained_blocks(cipher: str, tmp_path: Path):
    seen: list[int] = []
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        server_factory=lambda: Watching(seen), process_factory=echo, encoding=None, encryption_algs=[cipher],
    )  # fmt: skip
    (tmp_path / "config").write_text(f"Host *\n  Ciphers {cipher}\n  IdentityAgent none\n")
    target = Target(
        "h", address="127.0.0.1", port=server.get_port(), user="someone", host_key_checking=False,
        options={"ssh_common_args": f"-F {tmp_path}/config"},
    )  # fmt: skip
    connection = SshConnection(target)
    try:
        await connection.open()
        process = await connection.start("echo")
        seen.clear()
        for line in (b"one\n", b"two\n"):
            await process.write(line)
            assert await asyncio.wait_for(process.read(100), 10) == line
        assert (MSG_IGNORE in seen) == (cipher == GUESSABLE)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        await connection.close()
        server.close()
        await server.wait_closed()
