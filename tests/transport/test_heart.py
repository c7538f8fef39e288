"""Agents and controllers that go silent, on this machine: real agents over pipes, seen as a link to elsewhere."""

import asyncio
import os
import signal

import pytest

from confman.errors import ConnectionFailed, TargetError
from confman.model.call import JobWish, Target
from confman.transport.session import Session
from confman.transport.subprocesses import spawn
from tests.transport.conftest import ME
from tests.transport.test_jobs import finished
from tests.transport.test_session_local import alive, until

BEAT, COUNT = 0.1, 2
LIMIT = 4 * BEAT * COUNT


class Elsewhere:
    """A connection that is no `LocalConnection`, so that its links beat."""

    def __init__(self):
        self.processes = []

    async def open(self):
        """Nothing to do."""

    async def start(self, command, *, pty=False):
        self.processes.append(await spawn(["/bin/sh", "-c", command]))
        return self.processes[-1]

    async def close(self):
        """Nothing to do."""


@pytest.fixture
async def far(bundle):
    session = Session(Target("far", keepalive=BEAT, keepalive_count=COUNT), bundle, Elsewhere())
    yield session
    await session.close()


async def agent_of(session, call):
    return (await session.call(ME, call("probe", do="python")))["pid"]


def mute(session):
    """Say nothing any more to the agents of a session, as if the way there were cut."""
    for link in session._links.values():
        link.life.heart.stop()


async def test_a_long_silent_module_is_left_alone(far, call):
    pid = await agent_of(far, call)
    assert "failed" not in await far.call(ME, call("probe", do="sleep", size=4 * LIMIT))
    await asyncio.sleep(2 * LIMIT)
    assert await agent_of(far, call) == pid


async def test_an_agent_that_was_stopped_is_noticed(far, call):
    pid = await agent_of(far, call)
    work = asyncio.create_task(far.call(ME, call("probe", do="sleep", size=60)))
    await asyncio.sleep(LIMIT)
    os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(60):
            with pytest.raises(ConnectionFailed, match=r"^far: the agent said nothing for 0\.8 s during probe"):
                await work
    finally:
        os.kill(pid, signal.SIGKILL)
    assert await agent_of(far, call) != pid


async def test_an_agent_that_hears_nothing_ends_its_call_and_itself(far, call, tmp_path):
    pid = await agent_of(far, call)
    note = tmp_path / "pid"
    work = asyncio.create_task(far.call(ME, call("probe", do="child", size=300, path=str(note))))
    assert await until(lambda: note.exists() and note.read_text().strip())
    mute(far)
    with pytest.raises(TargetError, match="had heard nothing from here for long and ended probe, which is in doubt"):
        await work
    assert await until(lambda: not alive(pid) and not alive(int(note.read_text())))


async def test_an_idle_agent_that_heard_nothing_is_replaced(far, call):
    pid = await agent_of(far, call)
    mute(far)
    assert await until(lambda: not alive(pid), 60)
    assert await agent_of(far, call) != pid


async def test_a_file_is_read_by_a_new_agent_too(far, call, tmp_path):
    (tmp_path / "f").write_text("content")
    pid = await agent_of(far, call)
    mute(far)
    assert await until(lambda: not alive(pid), 60)
    parts = []
    await far.fetch(ME, str(tmp_path / "f"), parts.append)
    assert b"".join(parts) == b"content"


async def test_a_frozen_agent_goes_on_where_it_was(far, call):
    """Time in which it could not run does not count."""
    pid = await agent_of(far, call)
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(3 * LIMIT)
    os.kill(pid, signal.SIGCONT)
    assert await agent_of(far, call) == pid


async def test_a_controller_that_was_busy_goes_on_too(far, call):
    """Nothing was sent meanwhile, and nobody looked at what arrived."""
    import time

    work = asyncio.create_task(far.call(ME, call("probe", do="sleep", size=3 * LIMIT)))
    await asyncio.sleep(LIMIT)
    time.sleep(0.6 * LIMIT)
    assert "failed" not in await work


async def test_a_job_outlives_its_agent(far, call, tmp_path):
    pid = await agent_of(far, call)
    wish = JobWish("j1", 60, str(tmp_path / "jobs"))
    began = await far.call(ME, call("command", cmd="sh -c 'sleep 4; echo done'", _verify=False, _job=wish))
    mute(far)
    assert await until(lambda: not alive(pid), 60)
    assert (await finished(began))["stdout"] == "done"


@pytest.mark.parametrize("keepalive", [0, 0.0])
async def test_signs_of_life_can_be_switched_off(bundle, call, keepalive):
    session = Session(Target("far", keepalive=keepalive), bundle, Elsewhere())
    try:
        pid = await agent_of(session, call)
        assert all(link.life.heart._task is None for link in session._links.values())
        await asyncio.sleep(1)
        assert await agent_of(session, call) == pid
    finally:
        await session.close()


async def test_nothing_beats_once_a_session_is_closed(far, call):
    await agent_of(far, call)
    (link,) = far._links.values()
    await far.close()
    assert await until(link.life.heart._task.done)


async def test_our_own_machine_needs_no_signs(local, call):
    await local.call(ME, call("ping"))
    assert [link.life.heart for link in local._links.values()] == [None]
