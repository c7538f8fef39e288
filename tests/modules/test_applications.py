"""The modules for applications, with the applications themselves, on one Debian host with systemd.

The stories are in applications.yml. All of them need the package registry.
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
from tests.modules.test_on_hosts import tell

STORIES = yaml.safe_load((Path(__file__).parent / "applications.yml").read_text())
PACKAGES = "postgresql mariadb-server apache2 supervisor make composer php-cli"
INSTALL = f"""
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends {PACKAGES} >/dev/null 2>&1
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory, bases):
    """A host named p1: Debian 12 with systemd and the applications."""
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    lab = Lab(tmp_path_factory.mktemp("applications"), bases)
    try:
        lab.up(1, prefix="p", base="debian12", init="systemd", disk=4 << 30)
        hosts = Hosts(lab)
        hosts.shell("p1", INSTALL, timeout=600)
        yield hosts
    finally:
        lab.down()


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
    for step in STORIES[story]:
        if "sh" in step:
            out = host.shell("p1", step["sh"])
            assert re.search(step.get("says", ""), out), (step, out)
        else:
            await tell(step, session)
