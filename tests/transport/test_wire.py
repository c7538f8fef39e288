"""Frames, and targets that lie."""

import asyncio
import contextlib
import itertools
import json
import re
import shlex
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import BecomeFailed, ConfmanError, ConnectionFailed, TargetError
from confman.model.call import Blob, Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.shell.python import STAGE0
from confman.transport.fake import FakeConnection, FakeProcess
from confman.transport.session import Session
from confman.transport.wire import HEADER, FrameReader, decode, encode, encode_bytes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


class Script:
    """A process that prints fixed parts."""

    def __init__(self, *parts):
        self.parts = list(parts)

    async def read(self, limit):
        return self.parts.pop(0) if self.parts else b""


def frame(body, kind=b"J"):
    return HEADER.pack(kind, len(body)) + body


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_a_message_survives(message):
    data = encode(message)
    kind, length = HEADER.unpack_from(data)
    body = data[HEADER.size :]
    assert len(body) == length
    assert json.loads(zlib.decompress(body) if kind == b"Z" else body) == message


@given(st.binary(max_size=200), st.lists(st.integers(0, 250), max_size=6))
async def test_any_bytes_give_a_message_or_our_error(data, cuts):
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    parts = [part for left, right in itertools.pairwise(edges) if (part := data[left:right])]
    reader = FrameReader(Script(*parts))
    try:
        while await reader.frame() is not None:
            pass
    except TargetError as error:
        assert "target" in error.message


@given(st.binary(max_size=100))
def test_any_json_body_gives_an_object_or_our_error(body):
    with contextlib.suppress(TargetError):
        assert isinstance(decode(b"J", body), dict)


@given(st.binary(max_size=300), st.integers(1, 50))
async def test_noise_before_the_mark_is_told_apart(noise, size):
    whole = noise.replace(b"M", b"m") + b"MARK\n" + encode_bytes(b"after")
    reader = FrameReader(Script(*(whole[at : at + size] for at in range(0, len(whole), size))))
    assert await reader.until(b"MARK") == noise.replace(b"M", b"m")
    assert await reader.frame() == b"after"
    assert await reader.frame() is None


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n",
        HEADER.pack(b"J", 0xFFFFFFFF),
        HEADER.pack(b"B", 2 * 1024 * 1024),
        HEADER.pack(b"Z", 10) + b"x" * 10,
        frame(b"[" * 100_000),
        frame(b'{"a": NaN}'),
        frame(b'{"a": ' + b"9" * 10_000 + b"}"),
        frame(b"\xff\xfe"),
        frame(b"[]"),
        frame(b'"text"'),
        frame(b""),
    ],
    ids=lambda data: repr(data[:12]),
)
async def test_a_bad_frame_is_an_error(data):
    with pytest.raises(TargetError):
        await FrameReader(Script(data)).frame()


async def test_endless_noise_is_bounded():
    parts = [b"x" * 100_000] * 100
    script = Script(*parts)
    with pytest.raises(TargetError, match="before the agent could start"):
        await FrameReader(script).until(b"MARK")
    assert len(script.parts) > 80


class Liar(FakeConnection):
    """A target that starts well, then sends what it likes."""

    def __init__(self, *sends, hello=None, code=0):
        super().__init__()
        self.sends, self.hello, self.code = sends, hello, code

    async def start(self, command, *, pty=False):
        process = FakeProcess()
        words = shlex.split(command)
        process.task = asyncio.create_task(self.lie(process, words[words.index(STAGE0) + 1]))
        return process

    async def lie(self, process, marker):
        process.output.feed_data(marker.encode() + b"\n")
        data = b""
        while not re.search(rb"\n(\w+) \d+\n", data):
            data += await process.input.get()
        nonce = re.search(rb"\n(\w+) \d+\n", data).group(1).decode()
        process.output.feed_data(frame(json.dumps(self.hello or {"hello": nonce}).encode()))
        for send in self.sends:
            process.output.feed_data(send)
        process.end(self.code)


@pytest.mark.parametrize(
    ("sends", "words"),
    [
        ([frame(b'{"id": 2, "result": {}}')], "answered what it was not asked"),
        ([frame(b'{"result": {}}')], "answered what it was not asked"),
        ([frame(b'{"id": 1, "result": []}')], "no result"),
        ([frame(b'{"id": 1}')], "no result"),
        ([frame(b"data", b"B")], "bytes that nobody asked for"),
        ([frame(b'{"id": 1, "pull": 0, "offset": 0, "length": 10}')], "not offered"),
        ([frame(b'{"id": 1, "pull": "x"}')], "no question"),
        ([frame(b'{"id": 1, "pull": -1, "offset": -5, "length": 1}')], "not offered"),
        ([frame(b'{"id": 1, "spill": "../x", "lines": true}')], "no result"),
        ([b"garbage everywhere"], "no frame"),
        ([HEADER.pack(b"J", 4_000_000_000)], "too large"),
        ([], "in doubt"),
        ([HEADER.pack(b"J", 100) + b"half"], "in doubt"),
    ],
)
async def test_a_target_that_lies_fails_alone(sends, words):
    session = Session(Target("liar"), Bundle(), Liar(*sends))
    with pytest.raises(TargetError, match=words):
        await session.call(Identity(), Call("ping", {}))
    await session.close()


async def test_a_wrong_nonce_is_refused():
    session = Session(Target("liar"), Bundle(), Liar(hello={"hello": "0" * 32}))
    with pytest.raises(TargetError, match="did not answer as our agent"):
        await session.call(Identity(), Call("ping", {}))


async def test_a_link_that_breaks_is_not_the_targets_fault():
    session = Session(Target("gone"), Bundle(), Liar(code=None))
    with pytest.raises(
        ConnectionFailed, match="gone: the connection broke during ping: whether that was finished is in doubt"
    ):
        await session.call(Identity(), Call("ping", {}))


async def test_a_blob_may_be_asked_for_only_within_its_size():
    pull = b'{"id": 1, "pull": 0, "offset": 0, "length": 99999999, "window": 1}'
    session = Session(Target("liar"), Bundle(), Liar(frame(pull)))
    with pytest.raises(TargetError, match="not offered"):
        await session.call(Identity(), Call("ping", {"data": Blob(b"x")}))


async def test_a_look_alike_prompt_gets_no_password():
    written = []

    class Asking(FakeConnection):
        async def start(self, command, *, pty=False):
            process = FakeProcess()
            process.errors.feed_data(b"[sudo] password for ops: \n[confman 0000] password: \nPassword: ")

            async def write(data):
                written.append(data)

            process.write = write
            asyncio.get_running_loop().call_later(0.3, process.end, 1)
            return process

    for method in ("sudo", "su", "doas"):
        session = Session(Target("h"), Bundle(), Asking())
        with pytest.raises(TargetError):
            await session.call(Identity(method, password="hunter2"), Call("ping", {}))
    assert written == []


async def test_a_prompt_that_comes_twice_means_a_wrong_password():
    class Asking(FakeConnection):
        async def start(self, command, *, pty=False):
            process = FakeProcess()
            prompt = re.search(r"\[confman \w+\] password: ", command).group().encode()

            async def write(data):
                assert data == b"hunter2\n"
                process.errors.feed_data(b"\nnein!\n" + prompt)

            process.write = write
            process.errors.feed_data(prompt)
            return process

    session = Session(Target("h"), Bundle(), Asking())
    with pytest.raises(BecomeFailed, match="Incorrect sudo password"):
        await session.call(Identity("sudo", password="hunter2"), Call("ping", {}))


async def test_the_fake_host_answers_modules_and_keeps_what_was_asked():
    fake = FakeConnection(
        modules={"ping": {"ping": "fixed"}, "probe": lambda arguments: {"twice": arguments["value"] * 2}}
    )
    session = Session(Target("h"), Bundle(), fake)
    assert (await session.call(Identity(), Call("ping", {"data": "x"}, plan_only=True))) == {"ping": "fixed"}
    assert list(fake.calls) == [("ping", {"data": "x"}, True)]
    assert (await session.execute(Identity(), "uptime")).rc == 0
    assert list(fake.commands) == ["uptime"]
    with pytest.raises(ConfmanError, match=r"ENOENT|No such"):
        await session.fetch(Identity(), "/x", lambda part: None)
    await session.close()


async def test_a_fake_host_that_refuses():
    session = Session(Target("h"), Bundle(), FakeConnection(refuse=ConnectionFailed("h: down")))
    with pytest.raises(ConnectionFailed, match="down"):
        await session.call(Identity(), Call("ping", {}))
