"""Hosts that are cut off or frozen: what runs there is ended there, within its time, though nothing was closed."""

import asyncio
import time

import pytest

from confman.errors import ConnectionFailed
from confman.model.call import Identity, JobWish
from confman.transport.session import Session
from tests.transport.conftest import ME

pytestmark = pytest.mark.lab
WATCH = (
    """setsid sh -c 'while pgrep -f "^sleep {0}" >/dev/null || pgrep -f "[a]gent/boot.py" >/dev/null; """
    """do sleep 0.2; done; date +%s.%N > /run/gone-{0}' >/dev/null 2>&1 </dev/null &"""
)


async def gone(fleet, host, number, seconds=30):
    """When the host noticed that everything of ours was gone, as its clock (which is ours) says; None: it did not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        said = await asyncio.to_thread(fleet.shell, host, f"cat /run/gone-{number} 2>/dev/null || true")
        if said.strip():
            return float(said)
        await asyncio.sleep(0.3)
    return None


@pytest.mark.parametrize("identity", [ME, Identity("sudo", "nobody")], ids=["login", "sudo"])
async def test_a_host_that_is_cut_off_ends_what_ran_there(fleet, bundle, call, identity):
    number = 311 if identity is ME else 312
    session = Session(fleet.target("h3", keepalive=0.5, keepalive_count=2), bundle)
    try:
        await session.call(identity, call("ping"))
        path = f"/tmp/child-{number}"
        work = asyncio.create_task(session.call(identity, call("probe", do="child", size=number, path=path)))
        await asyncio.sleep(1.5)
        assert fleet.shell("h3", f"pgrep -f '^sleep {number}' || true").strip()
        fleet.shell("h3", WATCH.format(number))
        fleet.fault("h3", "partition")
        try:
            async with asyncio.timeout(60):
                with pytest.raises(ConnectionFailed, match="in doubt"):
                    await work
            await asyncio.sleep(10)
        finally:
            cleared = time.time()
            fleet.fault("h3", "clear")
        ended = await gone(fleet, "h3", number)
    finally:
        await session.close()
    # Once the way is open again sshd would notice by itself: it has to have happened before.
    assert ended is not None
    assert ended < cleared


async def test_an_idle_agent_of_a_host_that_is_cut_off_goes(fleet, bundle, call):
    session = Session(fleet.target("h3", keepalive=0.5, keepalive_count=2), bundle)
    try:
        await session.call(ME, call("ping"))
        fleet.shell("h3", WATCH.format(313))
        fleet.fault("h3", "partition")
        try:
            await asyncio.sleep(12)
        finally:
            cleared = time.time()
            fleet.fault("h3", "clear")
        ended = await gone(fleet, "h3", 313)
    finally:
        await session.close()
    assert ended is not None
    assert ended < cleared


async def test_a_job_on_a_host_that_is_cut_off_goes_on(fleet, bundle, call):
    session = Session(fleet.target("h3", keepalive=0.5, keepalive_count=2), bundle)
    wish = JobWish("j9", 120, "/run/jobs")
    try:
        began = await session.call(ME, call("command", cmd="sh -c 'sleep 15; echo went on'", _verify=False, _job=wish))
        fleet.fault("h3", "partition")
        try:
            await asyncio.sleep(10)
        finally:
            fleet.fault("h3", "clear")
    finally:
        await session.close()
    end = time.monotonic() + 60
    said = ""
    while "went on" not in said and time.monotonic() < end:
        said = await asyncio.to_thread(fleet.shell, "h3", f"cat {began['results_file']}")
        await asyncio.sleep(0.5)
    assert '"stdout": "went on"' in said


async def test_a_host_that_was_frozen_leaves_nothing_behind(fleet, bundle, call):
    session = Session(fleet.target("h3", keepalive=0.5, keepalive_count=2), bundle)
    try:
        await session.call(ME, call("ping"))
        work = asyncio.create_task(session.call(ME, call("probe", do="child", size=314, path="/run/child-314")))
        await asyncio.sleep(1.0)
        fleet.shell("h3", WATCH.format(314))
        fleet.fault("h3", "freeze")
        try:
            async with asyncio.timeout(60):
                with pytest.raises(ConnectionFailed, match="in doubt"):
                    await work
        finally:
            fleet.fault("h3", "thaw")
        assert await gone(fleet, "h3", 314) is not None
    finally:
        await session.close()
