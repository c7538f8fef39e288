"""The modules for applications, with the applications themselves, on one Debian host with systemd.

The stories are in applications.yml and programs.yml. All of them need the package registry.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from confman.payload.bundle import Bundle
from confman.transport.session import Session
from tests.modules.stories import debian_host, tell_story

FOLDER = Path(__file__).parent
STORIES = {
    name: steps
    for file in ("applications.yml", "programs.yml")
    for name, steps in yaml.safe_load((FOLDER / file).read_text()).items()
}
PACKAGES = """postgresql mariadb-server apache2 supervisor make composer php-cli
    ufw iptables at patch python3-lxml ruby npm parted rabbitmq-server""".replace("\n", " ")
INSTALL = f"""
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends {PACKAGES} >/dev/null 2>&1
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory, bases):
    """A host named p1: Debian with systemd and the applications."""
    with debian_host(tmp_path_factory.mktemp("applications"), bases, "p1", disk=4 << 30) as hosts:
        hosts.shell("p1", INSTALL, timeout=600)
        yield hosts


@pytest_asyncio.fixture
async def session(host):
    session = Session(host.target("p1"), Bundle())
    yield session
    await session.close()


@pytest.mark.lab
@pytest.mark.packages
@pytest.mark.long
@pytest.mark.parametrize("story", list(STORIES))
async def test_stories(story, session, host):
    await tell_story(STORIES[story], host, "p1", session)
