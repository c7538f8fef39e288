"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from confman.lab.client import Lab
from confman.lab.needs import missing
from tests.hosts import Hosts, python_paths

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # by whoever runs the tests in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
# how long an example takes says how busy the machine is, not whether the code is right
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(autouse=True)
def environment_stays() -> Iterator[None]:
    """A variable that a test leaves behind is what another test trips over, on some machine, some day."""
    before = dict(os.environ)
    yield
    changed = {item[0] for item in before.items() ^ os.environ.items()} - {"PYTEST_CURRENT_TEST"}
    assert not changed, f"left in the environment: {sorted(changed)}"


@pytest.fixture(scope="session")
def bases() -> Path:
    """Where Debian bases are kept between sessions."""
    return Path(os.environ.get("CONFMAN_LAB_BASES") or Path("~/.cache/confman/lab").expanduser())


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory, bases: Path) -> Iterator[Hosts]:
    """h1, h2, h3 and bare1 (without Python)."""
    lacking = missing()
    if lacking:
        pytest.skip("this machine cannot carry a lab: " + "; ".join(lacking))
    lab = Lab(tmp_path_factory.mktemp("lab"), bases)
    try:
        lab.up(3)
        lab.up(1, prefix="bare", hide=python_paths())
        yield Hosts(lab)
    finally:
        lab.down()
