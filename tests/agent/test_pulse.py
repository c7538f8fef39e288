"""The agent's count of the controller's silence, and frames that arrive in parts."""

import json
import os
import threading
import time

import pytest

from confman.agent.channel import HEADER, PART, Channel
from confman.agent.pulse import STEPS, Pulse


class Quiet:
    """A channel on which the test decides what is heard."""

    def __init__(self):
        self.heard = 0
        self.sent = []

    def send_if_free(self, message):
        self.sent.append(message)


def watched(channel, busy=True):
    """A pulse over a channel, and the event that its verdict sets."""
    over = threading.Event()
    return Pulse(channel, lambda: busy, over.set), over


def test_silence_ends_it():
    pulse, over = watched(Quiet())
    pulse.beat({"limit": 0.2})
    assert over.wait(20)


def test_what_arrives_starts_the_count_again():
    channel = Quiet()
    pulse, over = watched(channel)
    pulse.beat({"limit": 2.0})
    for _ in range(2 * STEPS):
        channel.heard += 1
        assert not over.wait(0.1)


@pytest.mark.parametrize("limit", [0, -1, 0.0])
def test_without_a_limit_there_is_no_verdict(limit):
    pulse, over = watched(Quiet())
    pulse.beat({"limit": limit})
    assert not over.wait(0.3)
    pulse.beat({"limit": 0.2})
    assert over.wait(20)


@pytest.mark.parametrize("busy", [True, False])
def test_only_a_busy_agent_speaks_of_itself(busy):
    channel = Quiet()
    pulse, over = watched(channel, busy)
    pulse.beat({"limit": 0.2})
    assert over.wait(20)
    assert ({"alive": True} in channel.sent) is busy


@pytest.fixture
def pipes():
    """A channel over two pipes: the channel, what writes to it, what reads from it, and an event for its end."""
    source, to_agent = os.pipe()
    from_agent, sink = os.pipe()
    ended = threading.Event()
    with open(source, "rb") as stream:
        yield Channel(stream, sink, ended.set), to_agent, from_agent, ended
    for number in (sink, from_agent):
        os.close(number)


def frame(kind, body):
    return HEADER.pack(kind, len(body)) + body


def test_beats_are_no_messages_and_parts_are_heard(pipes):
    channel, to_agent, _from_agent, ended = pipes
    beats = []
    channel.on_beat = beats.append
    channel.start()
    body = bytes(3 * PART)
    os.write(to_agent, frame(b"J", b'{"op":"beat","limit":3}'))
    writer = threading.Thread(target=lambda: [os.write(to_agent, frame(b"B", body)), os.close(to_agent)])
    writer.start()
    assert channel.take_window() == body
    assert beats == [{"op": "beat", "limit": 3}]
    assert channel.heard >= 5
    writer.join()
    assert ended.wait(20)
    assert not channel.waiting


def test_what_nobody_took_is_waiting(pipes):
    channel, to_agent, _from_agent, ended = pipes
    channel.start()
    os.write(to_agent, frame(b"J", b'{"op":"call"}'))
    os.close(to_agent)
    assert ended.wait(20)
    assert channel.waiting
    assert channel.take() == {"op": "call"}
    assert not channel.waiting


def test_a_sign_of_life_never_waits(pipes):
    """Neither for a pipe that is full nor for somebody who is sending."""
    channel, to_agent, from_agent, ended = pipes
    channel.send_if_free({"alive": True})
    kind, length = HEADER.unpack(os.read(from_agent, HEADER.size))
    assert (kind, json.loads(os.read(from_agent, length))) == (b"J", {"alive": True})
    sender = threading.Thread(target=channel.send_bytes, args=(bytes(2**20),), daemon=True)
    sender.start()
    time.sleep(0.2)
    channel.send_if_free({"alive": True})
    taken = 0
    while taken < 4 * (HEADER.size + 2**18):
        taken += len(os.read(from_agent, 2**16))
    sender.join(20)
    while not _full(channel._output):
        os.write(channel._output, bytes(4096))
    channel.send_if_free({"alive": True})
    os.close(to_agent)
    assert not ended.is_set()


def _full(descriptor):
    import select

    return not select.select([], [descriptor], [], 0)[1]
