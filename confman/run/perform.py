"""Performs what the engine commands: drives jobs, answers their requests over sessions, feeds outcomes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from confman.engine.attempt import ItemNote, Pipeline
from confman.engine.effects import shown
from confman.engine.following import Prepared
from confman.engine.jobs import JobNote
from confman.engine.state import Start
from confman.engine.task import Outcome, run_task
from confman.engine.verdict import status_of
from confman.errors import ConfmanError
from confman.model.call import Call
from confman.model.event import Event, HostStarted, ItemDone, JobPolled, Message, Retrying
from confman.model.request import Ask, Background, Download, Execute, Notice, Reach, Reconnect, Sleep
from confman.run.ahead import Ahead
from confman.run.deprecations import deprecation_text
from confman.run.limit import Limit
from confman.run.places import Places
from confman.run.rehearse import Rehearsals
from confman.run.remarks import Remarks
from confman.run.sessions import Sessions
from confman.transport.link import FileError
from confman.transport.session import Session

Emit = Callable[[Event], None]
Prompt = Callable[[Ask], Awaitable[str | None]]
Prepare = Callable[[Reach], Sequence[Prepared]]
"""prepare(request): the tasks that may be sent to a host together with a request."""


class Performer:
    """Runs jobs, as many at a time as there are places; every event goes through `emit`."""

    def __init__(self, sessions: Sessions, emit: Emit, prompt: Prompt, places: Places) -> None:
        self.sessions = sessions
        self.emit = emit
        self.prompt = prompt
        self._rehearsals = Rehearsals(lambda text: emit(Message("warning", text)))
        self._remarks = Remarks(emit)
        self._places = places
        self._ahead = Ahead(emit)

    async def close(self) -> None:
        """End what dry runs have left on hosts."""
        await self._rehearsals.close()

    async def reset(self, host: str) -> None:
        """Close what is open to a host; the next call opens it again."""
        for session in self.sessions.of(host):
            await self._renew(session)

    async def _renew(self, session: Session) -> None:
        # To log in anew must not cost what was tried out so far.
        if not await self._rehearsals.renew(session):
            await session.reset()

    async def run(self, start: Start, prepare: Prepare = lambda _first: []) -> tuple[Outcome, float]:
        """A job's outcome and the seconds it took. prepare: the tasks that may be sent along with its request."""
        async with self._places.flight(start.host, lambda: self._ahead.waits(start.host)):
            begin = time.monotonic()
            self.emit(HostStarted(start.host, start.info))
            outcome = await self._drive(start, prepare)
            self._warn(outcome)
            return outcome, time.monotonic() - begin

    async def forget(self, hosts: Collection[str]) -> None:
        """Let go of what hosts were sent before its turn, and is not wanted any more."""
        await self._ahead.forget(hosts)
        self._places.give_up(hosts)

    async def _drive(self, start: Start, prepare: Prepare) -> Outcome:
        sent = await self._ahead.take(start)
        if sent is None:
            return await self._follow(run_task(start.job), start, prepare, None, None)
        sent.task.veil.lift()
        error = sent.answer.exception()
        if error is not None and not isinstance(error, ConfmanError):
            raise error
        answer = None if error is not None else _graded(sent.answer.result(), sent.task.reach.request)
        return await self._follow(sent.task.pipeline, start, prepare, answer, error)

    async def _follow(
        self, pipeline: Pipeline, start: Start, prepare: Prepare, answer: Any, error: ConfmanError | None
    ) -> Outcome:
        """Drive a pipeline to its end, from an answer or an error on."""
        limit = Limit()
        while True:
            try:
                request = pipeline.throw(error) if error is not None else pipeline.send(answer)
            except StopIteration as end:
                outcome: Outcome = end.value
                return outcome
            answer, error = None, None
            try:
                asked = time.monotonic()
                async with self._places.of(request, start.host):
                    limit.wait(time.monotonic() - asked)
                    answer = await limit.keep(request, lambda wish: self._answer(wish, start, prepare))
            except ConfmanError as problem:
                error = problem

    async def _answer(self, request: Any, start: Start, prepare: Prepare) -> Any:
        if isinstance(request, Sleep):
            await asyncio.sleep(request.seconds)
            return None
        if isinstance(request, Notice):
            self._tell(request.event, start)
            return None
        if isinstance(request, Background):
            return await asyncio.to_thread(request.work)
        assert isinstance(request, Reach)
        if isinstance(request.request, Ask):
            return await self.prompt(request.request)
        self._remarks.reach(request.target, request.identity)
        session = await self.sessions.get(request.target)
        tasks = prepare(request) if session.lasting else []
        if tasks:
            return _graded(await self._ahead.send(start.host, session, request, tasks), request.request)
        return await self._on_host(session, request)

    async def _on_host(self, session: Session, reach: Reach) -> Any:
        wish, identity = reach.request, reach.identity
        if isinstance(wish, Call):
            if wish.staging is not None:
                return await self._rehearsals.call(session, identity, wish)
            return _graded(await session.call(identity, wish), wish)
        if isinstance(wish, Execute):
            raw = await session.execute(identity, _with_shell(wish), stdin=wish.stdin)
            return {"rc": raw.rc, "stdout": raw.stdout, "stderr": raw.stderr}
        if isinstance(wish, Download):
            try:
                info = await session.fetch(identity, wish.path, wish.write)
            except FileError as problem:
                return {"error": problem.code, "msg": problem.message}
            return {"size": info.size, "sha1": info.sha1}
        assert isinstance(wish, Reconnect)
        await self._renew(session)
        return None

    def _tell(self, note: Any, start: Start) -> None:
        if isinstance(note, JobNote):
            self.emit(_polled(note, start))
            return
        if not isinstance(note, ItemNote):
            self.emit(note)
            return
        result = shown(note.result, no_log=note.no_log)
        label = "(censored due to no_log)" if note.no_log else note.label
        if note.left is not None:
            self.emit(Retrying(start.host, start.info, note.left, result))
        else:
            self.emit(ItemDone(start.host, start.info, status_of(note.result), result, label, note.ignored))

    def _warn(self, outcome: Outcome) -> None:
        for item in outcome.items:
            for text in item.get("warnings") or ():
                self.emit(Message("warning", str(text)))
            for entry in item.get("deprecations") or ():
                self.emit(Message("deprecation", deprecation_text(entry)))


def _graded(result: Any, call: Any) -> Any:
    """A call's result; that of a plan says so."""
    return {**result, "_grade": "predicted"} if call.plan_only else result


def _polled(note: JobNote, start: Start) -> JobPolled:
    known = note.result if "ansible_job_id" in note.result else note.result.get("async_result", {})
    job, began, ended = (known.get(name) for name in ("ansible_job_id", "started", "finished"))
    return JobPolled(start.host, start.info, note.state, str(job), started=bool(began), finished=bool(ended))


def _with_shell(wish: Execute) -> str:
    if not wish.executable:
        return wish.command
    quoted = wish.command.replace("'", "'\\''")
    return f"{wish.executable} -c '{quoted}'"
