"""What every connection has to do: a check that any implementation can be put through.

    problems = await check_connection(MyConnection(target))
    assert not problems

It runs ordinary shell commands (`cat`, `printf`, `head`, `sleep`, `exit`), so the far side needs a POSIX shell.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from confman.errors import ConfmanError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from confman.transport.base import Connection, Process

LARGE = 3 * 1024 * 1024
"""Bytes of the large echo: more than any buffer on the way."""
LIMIT = 60.0
"""Seconds for each check."""


class NonconformingError(Exception):
    """A connection did not do what the protocol says; the message tells what."""


async def check_connection(connection: Connection) -> list[str]:
    """Open a connection, run every check, close it twice; gives the problems, none when it conforms.

    Raises ConnectionFailed when it cannot even be opened.
    """
    await connection.open()
    problems = []
    try:
        for name, check in CHECKS.items():
            problem = await run_check(connection, check)
            if problem:
                problems.append(f"{name}: {problem}")
    finally:
        await connection.close()
        await connection.close()
    return problems


async def run_check(connection: Connection, check: Callable[[Connection], Awaitable[None]]) -> str:
    """Run one check on an open connection; gives the problem, or ""."""
    try:
        async with asyncio.timeout(LIMIT):
            await check(connection)
    except NonconformingError as problem:
        return str(problem)
    except TimeoutError:
        return f"no end within {LIMIT:g} s"
    except ConfmanError as error:
        return f"{type(error).__name__}: {error}"
    return ""


async def echo(connection: Connection) -> None:
    """Every byte value goes both ways unchanged."""
    sent = bytes(range(256)) * 4 + b"\r\n\0\n"
    code, output, _ = await converse(connection, "cat", sent)
    _same("what came back", output, sent)
    _same("the exit code", code, 0)


async def large(connection: Connection) -> None:
    """Megabytes go both ways at once, without a deadlock."""
    sent = hashlib.shake_256(b"large").digest(LARGE)
    _, output, _ = await converse(connection, "cat", sent)
    _same("the digest", hashlib.sha256(output).hexdigest(), hashlib.sha256(sent).hexdigest())


async def exit_codes(connection: Connection) -> None:
    """Exit codes arrive as they were."""
    for code in (0, 1, 3, 127, 255):
        _same("the exit code", (await converse(connection, f"exit {code}"))[0], code)


async def outputs(connection: Connection) -> None:
    """Standard output and error stay apart."""
    _, output, errors = await converse(connection, "printf out; printf err >&2")
    _same("standard output", output, b"out")
    _same("standard error", errors, b"err")


async def end_of_input(connection: Connection) -> None:
    """A command sees the end of its input; one that never reads does no harm."""
    _same("the output", (await converse(connection, "cat; printf done"))[1], b"done")
    _same("the output", (await converse(connection, "printf x", b"never read"))[1], b"x")


async def parallel(connection: Connection) -> None:
    """Eight commands run at once, each with its own streams."""
    results = await asyncio.gather(*(converse(connection, "cat", b"%d" % number) for number in range(8)))
    _same("the outputs", [output for _, output, _ in results], [b"%d" % number for number in range(8)])


async def kill(connection: Connection) -> None:
    """A killed command is over, with no exit code of success; killing twice is harmless."""
    process = await connection.start("sleep 50")
    await process.kill()
    await process.kill()
    try:
        async with asyncio.timeout(20):
            code = await process.wait()
    except TimeoutError:
        raise NonconformingError("a killed command did not end within 20 s") from None
    finally:
        await process.close()
    if code == 0:
        raise NonconformingError("a killed command has the exit code 0")


async def close(connection: Connection) -> None:
    """Closing a process twice is harmless, and the connection stays usable."""
    process = await connection.start("cat")
    await process.close()
    await process.close()
    _same("the next output", (await converse(connection, "printf on"))[1], b"on")


CHECKS: dict[str, Callable[[Connection], Awaitable[None]]] = {
    "echo": echo,
    "large": large,
    "exit codes": exit_codes,
    "outputs": outputs,
    "end of input": end_of_input,
    "parallel": parallel,
    "kill": kill,
    "close": close,
}
"""Every check by its name."""


async def converse(connection: Connection, command: str, stdin: bytes = b"") -> tuple[int | None, bytes, bytes]:
    """Run a command with an input; gives exit code, standard output, standard error."""
    process = await connection.start(command)
    try:
        _, output, errors = await asyncio.gather(
            _feed(process, stdin), _drain(process.read), _drain(process.read_stderr)
        )
        return await process.wait(), output, errors
    finally:
        await process.close()


async def _feed(process: Process, data: bytes) -> None:
    for start in range(0, len(data), 65536):
        await process.write(data[start : start + 65536])
    await process.write_eof()


async def _drain(read: Callable[[int], Awaitable[bytes]]) -> bytes:
    parts = []
    while part := await read(65536):
        parts.append(part)
    return b"".join(parts)


def _same(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise NonconformingError(f"{what}: {str(found)[:200]!r} instead of {str(expected)[:200]!r}")
