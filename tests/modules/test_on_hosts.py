"""The modules for packages, units, users and the rest of the system, on a real Debian with systemd.

The stories are in on_hosts.yml; those under `packages` and `programs from packages` need the package registry.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from confman.lab.client import Lab
from confman.lab.needs import missing
from confman.payload.bundle import Bundle
from confman.transport.session import Session
from tests.hosts import Hosts
from tests.modules.stories import tell

STORIES = yaml.safe_load((Path(__file__).parent / "on_hosts.yml").read_text())
NEED_REGISTRY = ("packages", "programs from packages")


@pytest.fixture(scope="module")
def debian(tmp_path_factory, bases):
    """A host named d1: Debian 12 with systemd."""
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    lab = Lab(tmp_path_factory.mktemp("debian"), bases)
    try:
        lab.up(1, prefix="d", base="debian12", init="systemd")
        yield Hosts(lab)
    finally:
        lab.down()


@pytest_asyncio.fixture
async def session(debian):
    session = Session(debian.target("d1"), Bundle())
    yield session
    await session.close()


@pytest.mark.lab
@pytest.mark.parametrize(
    "story",
    [pytest.param(name, marks=pytest.mark.packages if name in NEED_REGISTRY else ()) for name in STORIES],
)
async def test_stories(story, session, debian):
    for step in STORIES[story]:
        if "sh" in step:
            out = debian.shell("d1", step["sh"])
            assert re.search(step.get("says", ""), out), (step, out)
        else:
            await tell(step, session)
