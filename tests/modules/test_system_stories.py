"""Modules of the system, on a real Debian with systemd.

The stories are in system_stories.py.
"""

from __future__ import annotations

import pytest
import pytest_asyncio

from confman.payload.bundle import Bundle
from confman.transport.session import Session
from tests.hosts import DEBIAN
from tests.modules.stories import debian_host, tell_story
from tests.modules.system_stories import STORIES

UPDATE = "{ test -e /tmp/updated || { apt-get update -q && touch /tmp/updated; }; }"
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"


@pytest.fixture(scope="module")
def debian(tmp_path_factory, bases):
    """A host named d1: Debian with systemd."""
    with debian_host(tmp_path_factory.mktemp("system"), bases, "d1") as hosts:
        yield hosts


@pytest_asyncio.fixture
async def session(debian):
    session = Session(debian.target("d1"), Bundle())
    yield session
    await session.close()


@pytest.mark.lab
@pytest.mark.parametrize(
    "story",
    [
        pytest.param(name, marks=(pytest.mark.packages, pytest.mark.long) if story["packages"] else ())
        for name, story in STORIES.items()
        if DEBIAN in story.get("where", DEBIAN)
    ],
)
async def test_stories(story, session, debian):
    packages, steps = STORIES[story]["packages"], STORIES[story]["steps"]
    if packages:
        debian.shell("d1", f"({UPDATE} && {INSTALL} {packages}) >/tmp/install.log 2>&1 || cat /tmp/install.log >&2")
    await tell_story(steps, debian, "d1", session)
