"""The tasks behind the one that a host does, as far as they can be made ready before it has ended.

Nobody can tell whether tasks travel to a host one by one or together, as long as none of them needs what an earlier
one tells, nothing else happens in between, and the host stops at the first that does not go well. Then one round trip
serves them all. What earlier tasks of the run may set is veiled: a task that reads it waits for its turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from confman.engine.attempt import Pipeline
from confman.engine.closeness import Reading, is_here, may_be_here
from confman.engine.host import HostPlay
from confman.engine.means import Job
from confman.engine.notifying import is_flush
from confman.engine.play import repeated, task_info
from confman.engine.scopes import make_job
from confman.engine.state import PlayRun, Start
from confman.engine.task import Outcome, run_task
from confman.model.call import Call
from confman.model.event import TaskInfo
from confman.model.program import Step
from confman.model.records import dataclass
from confman.model.request import Reach

MOST = 64
"""Tasks that are made ready at a time, at most."""
_OUTSIDE = frozenset({"vars", "hostvars", "lookup", "query", "q"})
"""Names through which what other tasks do may be seen although their own names are veiled."""
_SINGLE = frozenset(
    {"until", "retries", "async", "delegate_to", "run_once", "throttle", "timeout", "debugger", "failed_when"}
)
"""Keywords of tasks that something else may come between."""


class NotYetKnown(BaseException):
    """A task reads what is not there before its turn. Not an Exception: no expression may take it for one."""


class Veil(Mapping[str, Any]):
    """A layer of variables, all of them empty, that nobody may look behind until it is lifted."""

    def __init__(self) -> None:
        self._names = set(_OUTSIDE)

    def cover(self, names: set[str]) -> None:
        """Hide further names."""
        self._names |= names

    def lift(self) -> None:
        """Hide nothing any more."""
        self._names.clear()

    def __contains__(self, name: object) -> bool:
        if name in self._names:
            raise NotYetKnown(name)
        return False

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass(frozen=True)
class Prepared:
    """A task that is ready: its pipeline waits for the answer to `reach`. `veil` is to be lifted before it goes on."""

    step: Step
    pipeline: Pipeline
    reach: Reach
    veil: Veil
    info: TaskInfo


def prepare(run: PlayRun, start: Start, first: Reach) -> list[Prepared]:
    """The tasks that may be sent to a host together with the first (and only) request of the one that it begins."""
    found: list[Prepared] = []
    if is_here(first.target) or not (_unobserved(run) and _leads(start.job.step, first)):
        return found
    for ready in _in_turn(run, start, first):
        if not _fits(ready.reach, first):
            break
        found.append(ready)
        if len(found) == MOST or not _leads(ready.step, ready.reach):
            break
    return found


def _in_turn(run: PlayRun, start: Start, first: Reach) -> Iterator[Prepared]:
    """The tasks behind a host's that ask something of it, each at its first request, up to one that has to wait."""
    reading = Reading() if may_be_here(first.target) else None
    before = first
    for following, veil in _following(run, start):
        job = following
        if reading is not None:
            reading.note(_call(before))
            job = reading.watched(following)
        ready = _ready(run, job, veil)
        if ready is None or (reading is not None and reading.clashes(job)):
            return
        if isinstance(ready, Prepared):
            before = ready.reach
            yield ready
        elif not _passes(ready, veil):
            return


def _unobserved(run: PlayRun) -> bool:
    """Whether no other host, and nobody who looks on, decides what a host does next."""
    settings = run.means.settings
    if not settings.batches or run.debug or settings.task_debugger or settings.step:
        return False
    return len(run.hosts) == 1 or (run.free and not run.any_errors_fatal and run.max_fail_percentage is None)


def _leads(step: Step, reach: Reach) -> bool:
    """Whether what comes behind a task may be sent along with its request, after which it asks for nothing more."""
    written = step.own.keywords.keys() | step.task.keywords.keys()
    single = step.kind != "task" or step.task.loop is not None or not written.isdisjoint(_SINGLE)
    return not single and isinstance(reach.request, Call) and reach.request.final and _travels(reach.request)


def _fits(reach: Reach, first: Reach) -> bool:
    """Whether a request may travel with another: a call, to the same host, as the same user."""
    same = reach.target == first.target and reach.identity == first.identity
    return same and isinstance(reach.request, Call) and _travels(reach.request)


def _call(reach: Reach) -> Call:
    assert isinstance(reach.request, Call)
    return reach.request


def _travels(call: Call) -> bool:
    """Whether a call is done where and when it arrives."""
    return call.staging is None and call.job is None and call.plans


def _following(run: PlayRun, start: Start) -> Iterator[tuple[Job, Veil]]:
    """The jobs of the steps behind a host's, as long as it goes on from one to the next whatever they do."""
    host = run.hosts[start.host]
    if host.frames[-1].handlers:
        return
    path, veil = _Path(run, host), Veil()
    step = path.behind(start.job.step)
    register = start.job.step.task.keywords.get("register")
    while step is not None:
        veil.cover({str(register)} if register else set())
        job = make_job(run, step, start.host)
        yield replace(job, scope=job.scope.under(veil)), veil
        register = step.task.keywords.get("register")
        step = path.behind(step)


class _Path:
    """Where a host goes if all goes well, up to where that cannot be told."""

    def __init__(self, run: PlayRun, host: HostPlay) -> None:
        self._steps = host.frames[-1].program.steps
        self._completed = set(host.completed)
        self._notified = bool(host.saved) or any(other.notified for other in run.hosts.values())

    def behind(self, step: Step) -> Step | None:
        """The task behind a task; None where something else comes."""
        self._notified = self._notified or bool(step.own.notify)
        position = step.ok
        while position >= 0:
            step = self._steps[position]
            if not self._passes(step):
                return None if step.kind != "task" or repeated(step, self._completed) else step
            position = step.ok
        return None

    def _passes(self, step: Step) -> bool:
        """Whether a step is one of those at the ends of roles and sections, that does nothing to the host."""
        if step.kind != "meta" or not step.implicit:
            return False
        if step.completes is not None:
            self._completed.add(step.completes.key)
            return True
        return is_flush(step) and not self._notified


def _ready(run: PlayRun, job: Job, veil: Veil) -> Prepared | Outcome | None:
    """A task up to its first request; its outcome, where it has none; None where its turn has to be waited for."""
    if "delegate_to" in job.step.own.keywords or job.step.task.loop is not None:
        return None
    pipeline = run_task(job)
    try:
        wish = next(pipeline)
        if isinstance(wish, Reach):
            return Prepared(job.step, pipeline, wish, veil, task_info(run, job.step, job))
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome
    except NotYetKnown:
        return None
    pipeline.close()
    return None


def _passes(outcome: Outcome, veil: Veil) -> bool:
    """Whether tasks may be made ready behind one that asks its host for nothing; what it sets is veiled."""
    effects = {name for item in outcome.items for name in item if name in _EFFECTS}
    for item in outcome.items:
        facts = item.get("ansible_facts")
        veil.cover({str(name) for name in facts} if isinstance(facts, dict) else set())
    return outcome.status in {"ok", "skipped"} and not effects


_EFFECTS = frozenset({"add_host", "add_group", "ansible_stats", "_include", "_unknown"})
"""What a result may have that changes more than its host's variables."""
