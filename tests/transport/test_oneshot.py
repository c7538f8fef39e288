"""Connections that run one command after the other: a process over one of them, and agents that live for one call."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass, field

import pytest

from confman.errors import ConnectionFailed
from confman.model.call import Blob, Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.transport.oneshot import OneShotConnection, OneShotProcess
from confman.transport.session import Session

ME = Identity()


@dataclass
class Shell:
    """The commands of this machine, and what was asked of them."""

    down: bool = False
    log: list[str] = field(default_factory=list)

    def open(self) -> None:
        """Log in."""
        self.log.append("open")
        if self.down:
            raise ConnectionFailed("it is down")

    def run(self, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        """Run a command line."""
        self.log.append("run")
        done = subprocess.run(["/bin/sh", "-c", command], input=stdin, capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def run_as(self, identity: Identity, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
        """The same, telling whose it is."""
        self.log.append(f"as {identity.user}")
        return self.run(command, stdin)

    def close(self) -> None:
        """Log out."""
        self.log.append("close")


async def test_a_command_gets_its_input_whole_and_runs_once() -> None:
    asked: list[bytes] = []

    def run(stdin: bytes) -> tuple[int, bytes, bytes]:
        asked.append(stdin)
        return 3, b"abcdef", b"err"

    process = OneShotProcess(run)
    await process.write(b"one ")
    await process.write(b"two")
    await process.write_eof()
    assert [await process.read(4), await process.read(4), await process.read(4)] == [b"abcd", b"ef", b""]
    assert [await process.read_stderr(2), await process.read_stderr(9), await process.read_stderr(9)] == [
        b"er",
        b"r",
        b"",
    ]
    assert await process.wait() == 3
    await process.write(b"nobody reads this")
    assert asked == [b"one two"]


async def test_what_is_closed_before_it_ran_never_runs() -> None:
    process = OneShotProcess(lambda _stdin: (_ for _ in ()).throw(AssertionError))
    await process.write(b"x")
    await process.close()
    assert await process.wait() is None
    assert await process.read(1) == b""
    assert await process.read_stderr(1) == b""


async def test_the_error_of_a_command_reaches_the_reader() -> None:
    def run(_stdin: bytes) -> tuple[int, bytes, bytes]:
        raise ConnectionFailed("cut")

    with pytest.raises(ConnectionFailed, match="cut"):
        await OneShotProcess(run).read(1)


def target() -> Target:
    """This machine by a name."""
    return Target("there", transport="some.owner.plugin")


async def test_modules_run_one_agent_a_call(tmp_path) -> None:
    shell = Shell()
    session = Session(target(), Bundle(), OneShotConnection(shell))
    content = bytes(range(256)) * 20_000
    arguments = {"dest": str(tmp_path / "f"), "source": Blob(content)}
    try:
        assert (await session.call(ME, Call("ping", {})))["ping"] == "pong"
        first = await session.call(ME, Call("copy", arguments))
        second = await session.call(ME, Call("copy", arguments))
        parts: list[bytes] = []
        info = await session.fetch(ME, str(tmp_path / "f"), parts.append)
    finally:
        await session.close()
    assert (first["changed"], second["changed"]) == (True, False)
    assert (tmp_path / "f").read_bytes() == b"".join(parts) == content
    assert info.size == len(content)
    assert shell.log == ["open", "run", "run", "run", "run", "close"]


async def test_commands_without_an_agent_and_as_others() -> None:
    shell = Shell()
    session = Session(target(), Bundle(), OneShotConnection(shell))
    mine = await session.execute(ME, "cat; echo err >&2; exit 4", stdin=b"in")
    assert (mine.rc, mine.stdout, mine.stderr) == (4, b"in", b"err\n")
    other = await session.execute(Identity("sudo", "web"), "echo hi")
    assert other.stdout == b"hi\n"
    await session.close()
    assert shell.log == ["open", "run", "as web", "run", "close"]


async def test_one_that_is_down_says_so() -> None:
    session = Session(target(), Bundle(), OneShotConnection(Shell(down=True)))
    with pytest.raises(ConnectionFailed, match="it is down"):
        await session.call(ME, Call("ping", {}))


async def test_commands_run_beside_the_event_loop() -> None:
    here = threading.get_ident()
    threads: list[int] = []

    class Noting(Shell):
        def run(self, command: str, stdin: bytes) -> tuple[int, bytes, bytes]:
            threads.append(threading.get_ident())
            return super().run(command, stdin)

    await OneShotConnection(Noting()).run(ME, "true", b"")
    assert threads != [here]
