"""Calls that are sent together: how far a host goes, and what is said of those behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.model.call import Call
from confman.transport.session import Session
from tests.transport.conftest import ME

WELL = ("ping", {"data": "well"})
ENDINGS = {
    "fails": ("probe", {"do": "fail", "value": "no"}),
    "ends badly": ("command", {"argv": ["false"]}),
    "tells facts": ("setup", {"gather_subset": ["!all", "!min"], "filter": ["nothing"]}),
    "cannot be sent": ("probe", {"do": "unsendable"}),
    "is too large": ("probe", {"do": "big", "size": 17 * 1024 * 1024}),
    "exits": ("probe", {"do": "exit"}),
}


async def chained(session: Session, *calls: tuple[str, dict[str, Any]]) -> list[dict[str, Any] | None]:
    """What calls that are sent together give."""
    found: list[dict[str, Any] | None] = []
    await session.calls(ME, [Call(module, given) for module, given in calls], found.append)
    return found


async def test_all_go_well(local: Session) -> None:
    found = await chained(local, *[("ping", {"data": str(number)}) for number in range(20)])
    assert [each and each["ping"] for each in found] == [str(number) for number in range(20)]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_host_stops_there(local: Session, tmp_path: Path, ending: str) -> None:
    never = ("file", {"path": str(tmp_path / "never"), "state": "touch"})
    found = await chained(local, WELL, ENDINGS[ending], never, never)
    assert [each is not None for each in found] == [True, True, False, False]
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("ending", ENDINGS)
async def test_the_link_is_as_good_as_before(local: Session, tmp_path: Path, ending: str) -> None:
    """The same agent answers further calls, whether sent by themselves or together."""
    before = await local.call(ME, Call("probe", {"do": "python"}))
    await chained(local, ENDINGS[ending], WELL)
    after, beside = await chained(local, ("probe", {"do": "python"}), WELL)
    assert after is not None
    assert beside is not None
    assert (after["pid"], beside["ping"]) == (before["pid"], "well")
    assert (await local.call(ME, Call("ping", {"data": "alone"})))["ping"] == "alone"
