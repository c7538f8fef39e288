"""Fixtures of the transport's tests."""

from pathlib import Path

import pytest

from confman.model.call import Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.transport.session import Session
from tests.hosts import PASSWORD

__all__ = ["ME", "PASSWORD"]

MODULES = Path(__file__).parent.parent / "agent" / "modules_for_tests"
ME = Identity()


@pytest.fixture(scope="session")
def fleet(hosts):
    return hosts


@pytest.fixture(scope="session")
def bundle():
    return Bundle(folders=[MODULES])


@pytest.fixture
async def local(bundle):
    session = Session(Target("here", transport="local"), bundle)
    yield session
    await session.close()


@pytest.fixture
def call():
    def make(module, **arguments):
        options = {key: arguments.pop("_" + key) for key in Call.__dataclass_fields__ if "_" + key in arguments}
        return Call(module, arguments, **options)

    return make
