"""How much is done at once: many hosts, but little on what they share, unless somebody says how many."""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from confman.model.call import Call, Identity, Target
from confman.model.request import Reach, Sleep, Within
from confman.run.limit import Limit
from confman.run.places import HOSTS, Places, make_room


def reach(name: str, transport: str = "ssh") -> Reach:
    return Reach(Target(name, transport=transport), Identity(), Call("ping", {}))


async def most(places: Places, jobs: list[tuple[str, Any]]) -> int:
    """How many of these (host, request) were under way at the same time."""
    now = seen = 0

    async def run(host: str, request: Any) -> None:
        nonlocal now, seen
        async with places.in_flight, places.of(request, host):
            now += 1
            seen = max(seen, now)
            await asyncio.sleep(0.001)
            now -= 1

    await asyncio.gather(*(run(*job) for job in jobs))
    return seen


OWN = [(f"h{n}", reach(f"h{n}")) for n in range(300)]
LOCAL = [(f"h{n}", reach(f"h{n}", "local")) for n in range(50)]
DELEGATED = [(f"h{n}", reach("db")) for n in range(50)]
TWO = [(f"h{n}", reach(f"db{n % 2}")) for n in range(50)]
WAITS = [(f"h{n}", Sleep(0)) for n in range(50)]


@pytest.mark.parametrize(
    ("forks", "chosen", "jobs", "seen"),
    [
        (5, False, OWN, HOSTS),
        (5, True, OWN, 5),
        (250, True, OWN, 250),
        (5, False, LOCAL, 5),
        (5, False, DELEGATED, 5),
        (5, False, TWO, 10),
        (5, False, WAITS, 50),
        (1, True, TWO, 1),
        (0, True, OWN, 1),
    ],
)
def test_how_many_at_once(forks: int, chosen: bool, jobs: list[tuple[str, Any]], seen: int) -> None:
    assert asyncio.run(most(Places(forks, chosen=chosen), jobs)) == seen


def test_waiting_for_a_place_is_not_the_task_s_time() -> None:
    async def run() -> str:
        limit = Limit()
        await limit.keep(Within(0.2), lambda _wish: asyncio.sleep(0))
        await asyncio.sleep(0.3)
        limit.wait(0.3)
        return await limit.keep(Sleep(0), lambda _wish: asyncio.sleep(0, "answer"))

    assert asyncio.run(run()) == "answer"


@pytest.fixture
def files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(("hosts", "least"), [(1, 256), (20, 256), (500, 2128), (10**9, 4096)])
def test_room_for_many_hosts(files: None, hosts: int, least: int) -> None:
    make_room(hosts)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft >= min(least, hard)
    if least == 256:
        assert soft == 256


def test_a_hard_limit_is_not_an_error() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))\n"
        "from confman.run.places import make_room; make_room(1000)\n"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "(200, 200)"
