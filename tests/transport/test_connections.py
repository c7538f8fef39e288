"""Every transport is put through the shipped conformance check; and the check can fail."""

import asyncio

import pytest

from confman.errors import UsageError
from confman.model.call import Target
from confman.testing.connection import CHECKS, check_connection, run_check
from confman.transport.base import TRANSPORTS, RawResult, connect
from confman.transport.fake import FakeConnection
from confman.transport.local import LocalConnection


async def shell(command, stdin):
    """What the check's commands do."""
    if command.startswith("sleep"):
        await asyncio.sleep(100)
    if command.startswith("exit"):
        return RawResult(int(command.split()[1]), b"", b"")
    if command == "cat; printf done":
        return RawResult(0, stdin + b"done", b"")
    if command == "printf out; printf err >&2":
        return RawResult(0, b"out", b"err")
    return RawResult(0, stdin if command == "cat" else command.split()[-1].encode(), b"")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("kind", ["local", "fake"])
async def test_here(kind, check):
    connection = FakeConnection(answer=shell) if kind == "fake" else LocalConnection(Target("here"))
    await connection.open()
    assert await run_check(connection, CHECKS[check]) == ""
    await connection.close()
    await connection.close()


@pytest.mark.lab
@pytest.mark.parametrize("transport", ["ssh", "openssh", "paramiko"])
async def test_over_ssh(fleet, transport):
    assert await check_connection(connect(fleet.target("h1", transport=transport))) == []


@pytest.mark.lab
async def test_as_an_ordinary_user(fleet):
    assert await check_connection(connect(fleet.target("h1", user="ops"))) == []


class Wrapped:
    """A local connection with one fault."""

    def __init__(self, fault):
        self.inner = LocalConnection(Target("here"))
        self.fault = fault

    async def open(self):
        await self.inner.open()

    async def close(self):
        await self.inner.close()

    async def start(self, command, *, pty=False):
        process = await self.inner.start(command, pty=pty)
        for name, method in self.fault(process).items():
            setattr(process, name, method)
        return process


def text_mode(process):
    read = process.read

    async def broken(limit):
        return (await read(limit)).replace(b"\r\n", b"\n")

    return {"read": broken}


def merged(process):
    async def nothing(limit):
        return b""

    return {"read_stderr": nothing}


def always_zero(process):
    wait = process.wait

    async def broken():
        await wait()
        return 0

    return {"wait": broken}


def deaf(process):
    async def nothing():
        return None

    return {"kill": nothing}


def truncating(process):
    write = process.write

    async def broken(data):
        await write(data[:60000])

    return {"write": broken}


@pytest.mark.parametrize(
    ("fault", "check", "words"),
    [
        (text_mode, "echo", "what came back"),
        (merged, "outputs", "standard error"),
        (always_zero, "exit codes", "the exit code"),
        (always_zero, "kill", "exit code 0"),
        (truncating, "large", "the digest"),
    ],
)
async def test_the_check_finds_faults(fault, check, words):
    connection = Wrapped(fault)
    await connection.open()
    assert words in await run_check(connection, CHECKS[check])


def test_unknown_transports_are_refused():
    with pytest.raises(UsageError, match="h: unknown connection 'telnet'") as caught:
        connect(Target("h", transport="telnet"))
    assert "ssh" in caught.value.hint


@pytest.mark.parametrize("name", sorted(TRANSPORTS))
def test_every_named_transport_exists(name):
    connection = connect(Target("h", transport=name, address="192.0.2.1"))
    for method in ("open", "start", "close"):
        assert callable(getattr(connection, method))
