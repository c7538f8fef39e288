"""The modules for packages, units, users and the rest of the system, on a real Debian with systemd.

The stories are in on_hosts.yml; those under `packages` and `programs from packages` need the package registry.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from confman.payload.bundle import Bundle
from confman.transport.session import Session
from tests.modules.stories import debian_host, tell_story

STORIES = yaml.safe_load((Path(__file__).parent / "on_hosts.yml").read_text())
NEED_REGISTRY = ("packages", "programs from packages")


@pytest.fixture(scope="module")
def debian(tmp_path_factory, bases):
    """A host named d1: Debian with systemd."""
    with debian_host(tmp_path_factory.mktemp("debian"), bases, "d1") as hosts:
        yield hosts


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
    await tell_story(STORIES[story], debian, "d1", session)
