"""Dry runs on stages: one stage a host, made when the first call asks for it, gone with the run."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from confman.errors import BecomeFailed, ConnectionFailed, TargetError
from confman.model.call import Call, Identity, Staging
from confman.transport.session import Session
from confman.transport.stage import Login, NoStage, Stage, StageConnection

Tell = Callable[[str], object]
"""tell(text): warns the user."""
_COUNTERS = Call("slurp", {"src": "/proc/net/snmp"})
_USED = ("OutNoRoutes", "ActiveOpens", "OutDatagrams")
"""Counters of a network of one's own that rise when a program tries to reach somebody (/proc/net/snmp)."""


class Rehearsals:
    """The stages of a run. tell: hears, once a host, why it has none or what is not on it."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._stages: dict[Session, _HostStage | None] = {}
        self._locks: dict[Session, asyncio.Lock] = {}

    async def call(self, session: Session, identity: Identity, call: Call) -> dict[str, Any]:
        """A call of a dry run, done on the stage or, without one, planned on the host.

        The result's `_grade` is exact or predicted; `_doubt` says why a failure need not be one on the host.
        """
        assert call.staging is not None
        stage = await self._stage(session, call.staging)
        if stage is None:
            return await _planned(session, identity, call)
        try:
            result = await stage.call(identity, call)
        except (NoStage, BecomeFailed, ConnectionFailed) as problem:
            await self._lose(session, problem.message)
            return await _planned(session, identity, call)
        return await _doubted(session, identity, call, result) if result.get("_doubt") else result

    async def renew(self, session: Session) -> bool:
        """Let the users of a host's stage log in anew; False where there is no stage."""
        stage = self._stages.get(session)
        if stage is None:
            return False
        await stage.renew()
        return True

    async def close(self) -> None:
        """Take all stages away."""
        stages = [stage for stage in self._stages.values() if stage is not None]
        self._stages.clear()
        await asyncio.gather(*(stage.close() for stage in stages), return_exceptions=True)

    async def _stage(self, session: Session, wish: Staging) -> _HostStage | None:
        async with self._locks.setdefault(session, asyncio.Lock()):
            if session not in self._stages:
                try:
                    self._stages[session] = await _HostStage.make(session, wish.root)
                except TargetError as problem:
                    self._stages[session] = None
                    self._tell(f"{session.target.name}: this dry run only predicts, for it cannot rehearse: {problem}")
                else:
                    self._tell_missing(session, self._stages[session])
            return self._stages[session]

    def _tell_missing(self, session: Session, stage: _HostStage | None) -> None:
        for text in stage.stage.missing if stage else ():
            self._tell(f"{session.target.name}: in this dry run, {text}")

    async def _lose(self, session: Session, why: str) -> None:
        stage, self._stages[session] = self._stages[session], None
        self._tell(f"{session.target.name}: from here on this dry run only predicts, for its rehearsal ended: {why}")
        if stage is not None:
            await stage.close()


async def _planned(session: Session, identity: Identity, call: Call) -> dict[str, Any]:
    """The call as a plan on the host itself."""
    assert call.staging is not None
    if call.staging.only:
        text = f"remote module ({call.module}) does not support check mode"
        return {"changed": False, "skipped": True, "msg": text}
    result = await session.call(identity, replace(call, staging=None))
    return {**result, "_grade": "predicted" if call.plan_only else "exact"}


async def _doubted(session: Session, identity: Identity, call: Call, result: dict[str, Any]) -> dict[str, Any]:
    """For a module that failed on the stage, perhaps for want of what runs on the host: what the host itself says.

    It does what was to be done there even in a dry run (`check_mode: false`), or tells what it would do.
    """
    insists = not call.plan_only
    if not insists and (call.foreign is None or (call.staging and call.staging.only)):
        return result
    planned = await _planned(session, identity, call)
    return result if planned.get("failed") else planned


class _HostStage:
    """The stage of one host, with a session for calls that reach the network and one for those that do not."""

    def __init__(self, session: Session, stage: Stage, login: Login) -> None:
        self.stage = stage
        self._sessions = {
            network: session.beside(StageConnection(stage, login, network=network)) for network in (True, False)
        }
        self._used: dict[Identity, int] = {}

    @classmethod
    async def make(cls, session: Session, root: Identity) -> _HostStage:
        """Make the stage of a host. Raises NoStage, BecomeFailed, ConnectionFailed."""
        login = await _login(session)
        maker = Identity() if login.user == 0 else root
        stage = Stage(await session.connection(), session.means, maker)
        await stage.open()
        return cls(session, stage, login)

    async def call(self, identity: Identity, call: Call) -> dict[str, Any]:
        """Really do a call. A failure that the stage itself may have caused carries `_doubt`."""
        assert call.staging is not None
        wish = call.staging
        session = self._sessions[wish.network]
        result = await session.call(identity, _real(call))
        if not result.get("failed"):
            return {**result, "_grade": "exact"}
        if not wish.network and await self._reached_out(session, identity):
            return {**result, "_doubt": "it needs the network, which commands do not have in a rehearsal"}
        return {**result, "_doubt": "it failed in the rehearsal"} if wish.doubtful else {**result, "_grade": "exact"}

    async def renew(self) -> None:
        """End the agents on the stage; the next call starts others."""
        for session in self._sessions.values():
            await session.reset()

    async def _reached_out(self, session: Session, identity: Identity) -> bool:
        """Whether, since this was last asked, somebody tried to use the network that is not there."""
        answer = await session.call(identity, _COUNTERS)
        used = _count(str(answer.get("content", "")))
        before, self._used[identity] = self._used.get(identity, 0), used
        return used > before

    async def close(self) -> None:
        """Take the stage away."""
        for session in self._sessions.values():
            await session.close()
        await self.stage.close()


def _real(call: Call) -> Call:
    """A call that does what it plans."""
    foreign = call.foreign
    if foreign is not None:
        foreign = replace(foreign, settings={**foreign.settings, "_ansible_check_mode": False})
    return replace(call, plan_only=False, staging=None, foreign=foreign)


async def _login(session: Session) -> Login:
    """Who logs in to a host, and with which variables. Raises NoStage."""
    raw = await session.execute(Identity(), "id -u; env -0")
    user, _, variables = raw.stdout.partition(b"\n")
    if raw.rc != 0 or not user.strip().isdigit():
        raise NoStage("who logs in could not be found out")
    pairs = [each.decode("utf-8", "surrogateescape").partition("=") for each in variables.split(b"\0") if b"=" in each]
    return Login(int(user), {name: value for name, _, value in pairs})


def _count(encoded: str) -> int:
    """How often somebody tried to reach out, of a network's counters."""
    try:
        lines = base64.b64decode(encoded).decode("ascii", "replace").splitlines()
    except (ValueError, binascii.Error):
        return 0
    rows = [line.split() for line in lines]
    pairs = [zip(names[1:], values[1:], strict=False) for names, values in zip(rows[::2], rows[1::2], strict=False)]
    return sum(int(value) for pair in pairs for name, value in pair if name in _USED and value.isdigit())
