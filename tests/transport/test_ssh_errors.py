"""What the ssh transport does about servers that are none, on this machine."""

import asyncio

import pytest

from confman.errors import ConnectionFailed
from confman.model.call import Target
from confman.transport.ssh import PAUSES, SshConnection


async def attempts(said, **changes):
    """Connect to a server that says something and closes; gives how often, and the error."""
    count = 0

    async def serve(_reader, writer):
        nonlocal count
        count += 1
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    target = Target("x", address="127.0.0.1", port=server.sockets[0].getsockname()[1], user="root", **changes)
    with pytest.raises(ConnectionFailed) as caught:
        await SshConnection(target).open()
    server.close()
    return count, caught.value


async def test_a_server_that_drops_connections_before_its_banner_is_asked_again():
    count, error = await attempts(b"")
    assert count == len(PAUSES) + 1
    assert "127.0.0.1 port " in error.message


async def test_one_that_spoke_first_is_not():
    count, error = await attempts(b"SSH-2.0-OpenSSH_9.2\r\n")
    assert count == 1
    assert "\n" not in error.message


async def test_neither_is_one_that_is_not_there():
    target = Target("x", address="127.0.0.1", port=1, user="root")
    with pytest.raises(ConnectionFailed, match=r"x: cannot connect to 127\.0\.0\.1 port 1: Connection refused"):
        await SshConnection(target).open()


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1"])
async def test_the_port_that_a_configuration_names_is_told(tmp_path, address):
    config = tmp_path / "config"
    config.write_text("Host *\n  Port 1\n")
    target = Target("x", address=address, user="root", options={"ssh_args": f"-F {config}"})
    with pytest.raises(ConnectionFailed, match=rf"x: cannot connect to {address} port 1: Connection refused"):
        await SshConnection(target).open()
