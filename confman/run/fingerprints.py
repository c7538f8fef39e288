"""What objects of hosts are like now, asked over the ways that a plan has."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from confman.errors import TargetError
from confman.model.call import Call
from confman.run.sessions import Sessions
from confman.truth.objects import Thing
from confman.truth.plan import Seen, Way

AT_ONCE = 500
"""Objects in one call."""


async def fingerprints(
    sessions: Sessions, ways: tuple[Way, ...], things: Mapping[tuple[int, str], Iterable[Thing]]
) -> tuple[Seen, ...]:
    """The states of objects: by way and host, many hosts at once. Raises ConfmanError where a host cannot be asked."""
    asked = [_of_host(sessions, ways[way], way, host, list(found)) for (way, host), found in things.items()]
    return tuple(seen for each in await asyncio.gather(*asked) for seen in each)


async def _of_host(sessions: Sessions, way: Way, place: int, host: str, things: list[Thing]) -> list[Seen]:
    session = await sessions.get(way.target)
    found: list[Seen] = []
    for start in range(0, len(things), AT_ONCE):
        part = things[start : start + AT_ONCE]
        call = Call("fingerprint", {"objects": [list(each) for each in part]}, plan_only=True)
        states = _states(await session.call(way.identity, call), host, len(part))
        found += [Seen(host, place, kind, name, state) for (kind, name), state in zip(part, states, strict=True)]
    return found


def _states(answer: Mapping[str, Any], host: str, count: int) -> list[Any]:
    states = answer.get("states")
    if answer.get("failed") or not isinstance(states, list) or len(states) != count:
        raise TargetError(f"What {host} is like could not be found out: {answer.get('msg', 'no answer')}")
    return states
