"""`async` and `poll`: tasks that go on by themselves on their host, and how they are followed to their end."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any, Literal

from confman.actions.base import ActionFailed, ActionTask, Steps
from confman.actions.jobs import RUNS_AS_JOB, async_status, job_folder
from confman.engine.keywords import Keywords
from confman.engine.means import Means
from confman.errors import ConfmanError, LanguageError
from confman.language.keywords import short_name
from confman.model.call import JobWish
from confman.model.records import dataclass
from confman.model.request import Notice, Reconnect, Sleep

Drive = Callable[[Steps], Generator[Any, Any, dict[str, Any]]]
"""drive(action): run an action to its result."""


@dataclass(frozen=True)
class JobNote:
    """Told each time that a job was asked how far it is; `result` is its answer."""

    state: Literal["running", "ok", "failed"]
    result: dict[str, Any]


def job_seconds(keywords: Keywords) -> int:
    """The time limit of a task that is to go on by itself; 0 when it is not. Raises LanguageError."""
    seconds = keywords.whole("async", 0)
    if seconds < 0:
        raise LanguageError(f"async is the number of seconds that a job may take, not {seconds}")
    return seconds


def job_wish(keywords: Keywords) -> JobWish | None:
    """How a task's module is to go on by itself; None for the usual tasks. Raises LanguageError."""
    seconds = job_seconds(keywords)
    if not seconds:
        return None
    return JobWish(f"j{secrets.randbelow(10**12)}", seconds, job_folder(keywords.scope, keywords.means.settings))


def check_job(action: str, keywords: Keywords, means: Means) -> None:
    """Raise ActionFailed when a task is to go on by itself though half of it is done by the controller."""
    short = short_name(action)
    if short in means.actions and short not in RUNS_AS_JOB and job_seconds(keywords):
        raise ActionFailed(f"This action ({action}) does not support async.")


def follow(task: ActionTask, keywords: Keywords, began: dict[str, Any], drive: Drive) -> Generator[Any, Any, Any]:
    """The result of a task that is polled: `began` until the job is over; itself where nobody waits for it."""
    seconds = job_seconds(keywords)
    interval = keywords.whole("poll", keywords.means.settings.poll_interval)
    if not seconds or interval <= 0 or began.get("failed") or began.get("skipped"):
        return began
    job = began.get("ansible_job_id")
    if job is None:
        return {"failed": True, "changed": False, "msg": "No job id was returned by the async task"}
    result = yield from _result(task, str(job), (seconds, interval), drive)
    yield Notice(JobNote("failed" if result.get("failed") else "ok", result))
    return result


def _result(task: ActionTask, job: str, times: tuple[int, int], drive: Drive) -> Generator[Any, Any, dict[str, Any]]:
    left, interval = times
    state: dict[str, Any] = {}
    while left > 0:
        yield Sleep(interval)
        left -= interval
        try:
            state = yield from drive(_ask(task, job, "status"))
        except ConfmanError:
            # A link that broke says nothing about the job.
            if left <= 0:
                raise
            yield from _connect_again(drive)
            continue
        if state.get("finished") or state.get("failed") or state.get("skipped"):
            break
        yield Notice(JobNote("running", state))
    if not state.get("finished"):
        text = f"async task did not complete within the requested time - {times[0]}s"
        return {"failed": True, "changed": False, "msg": text, "async_result": state}
    yield from drive(_ask(task, job, "cleanup"))
    return state


def _ask(task: ActionTask, job: str, mode: str) -> Steps:
    return async_status(replace(task, action="async_status", args={"jid": job, "mode": mode}))


def _connect_again(drive: Drive) -> Generator[Any, Any, None]:
    def reconnect() -> Steps:
        yield Reconnect()
        return {}

    yield from drive(reconnect())
