"""Standard error of a starting command: nobody who waits for something in it is left waiting."""

import asyncio
import itertools
import re

import pytest

from confman.errors import BecomeFailed
from confman.model.call import Identity
from confman.shell.become import Becoming
from confman.transport.watch import KEPT, ErrorWatch

IDENTITY = Identity("su", "somebody", password="sesame")
ASKS = Becoming("", re.compile(rb"word: $"))
MARK = b"[in]\n"


class Said:
    """A process that says its parts, each after some turns of the loop; what is written to it is kept.

    What begins with a line end is said once there was an answer.
    """

    def __init__(self, *parts):
        self.parts = list(parts)
        self.written = []

    async def read_stderr(self, limit):
        if not self.parts:
            return b""
        turns, part = self.parts.pop(0)
        while part.startswith(b"\n") and not self.written:
            await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        return part

    async def write(self, data):
        await asyncio.sleep(0)
        self.written.append(data)


async def entered(process, errors):
    """Answer what is asked, and wait for the mark, as a command as somebody else does."""
    waiting = asyncio.create_task(errors.until(MARK))
    async with asyncio.timeout(10):
        await errors.answer(waiting, IDENTITY, ASKS)
        return await waiting


@pytest.mark.parametrize("turns", itertools.product(range(5), repeat=3))
async def test_the_prompt_is_answered_however_it_arrives(turns):
    process = Said(*zip(turns, (b"Pass", b"word: ", b"\n" + MARK)))
    errors = ErrorWatch(process)
    assert await entered(process, errors)
    assert process.written == [b"sesame\n"]
    await errors.close()


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("last", [b"", b"no such user"])
async def test_the_end_is_noticed(turns, last):
    errors = ErrorWatch(Said((turns, last)) if last else Said())
    assert not await entered(errors, errors)
    assert errors.text == last.decode()
    await errors.close()


async def test_a_second_question_means_that_the_password_was_wrong():
    process = Said((1, b"word: "), (6, b"\nSorry\nword: "), (50, b""))
    errors = ErrorWatch(process)
    with pytest.raises(BecomeFailed, match="Incorrect su password"):
        await entered(process, errors)
    assert process.written == [b"sesame\n"]
    await errors.close()


async def test_only_the_newest_is_kept():
    errors = ErrorWatch(Said((0, b"a" * KEPT), (0, b"b" * 10)))
    await errors.finish(5)
    assert errors.data == b"a" * (KEPT - 10) + b"b" * 10
    errors.forget(KEPT - 10)
    assert errors.text == "b" * 10
