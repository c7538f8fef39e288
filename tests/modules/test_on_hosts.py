"""The modules for packages, units, users and the rest of the system, on a real Debian with systemd.

The stories are in on_hosts.yml; those under `packages` and `programs from packages` need the package registry.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from confman.catalogue.find import Catalogue
from confman.catalogue.validate import check_arguments
from confman.lab.client import Lab
from confman.lab.needs import missing
from confman.model.call import Call, Identity
from confman.payload.bundle import Bundle
from confman.transport.session import Session
from tests.hosts import Hosts

STORIES = yaml.safe_load((Path(__file__).parent / "on_hosts.yml").read_text())
NEED_REGISTRY = ("packages", "programs from packages")
CATALOGUE = Catalogue()
KEYS = frozenset({"changed", "again", "result", "fails", "checks", "says", "sh"})


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


async def run(session: Session, module: str, arguments: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
    """The result of one call, as a task would make it."""
    spec = CATALOGUE.spec(module)
    checked = check_arguments(spec, arguments)
    assert checked.errors == []
    call = Call(module, checked.arguments, plan_only=check, diff=True, verify=spec.verify)
    return await session.call(Identity(), call)


async def tell(step: dict[str, Any], session: Session) -> None:
    """One step with a module: foreseen, done, done again."""
    module, arguments = next((key, value) for key, value in step.items() if key not in KEYS)
    where = f"{module} {arguments}"
    fails, changed = step.get("fails"), step.get("changed", True)
    foresees = step.get("checks", not fails)
    if foresees != "none":
        foreseen = await run(session, module, arguments, check=True)
        assert bool(foreseen.get("failed")) is not foresees, (where, foreseen)
        assert foreseen["changed"] is (changed and foresees), (where, foreseen)
    result = await run(session, module, arguments)
    if fails:
        assert result.get("failed"), (where, result)
        assert re.search(fails, result["msg"]), (where, result)
        return
    assert not result.get("failed"), (where, result)
    assert result["changed"] is changed, (where, result)
    for key, pattern in step.get("result", {}).items():
        assert re.search(pattern, str(result[key])), (where, key, result[key])
    again = await run(session, module, arguments)
    assert not again.get("failed"), (where, again)
    assert again["changed"] is step.get("again", False), (where, again)


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
