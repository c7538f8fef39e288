"""The task debugger: when it is wanted, what it shows of a task, and the task as it was changed."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import field, replace
from typing import Any

from confman.engine.effects import public
from confman.engine.inspection import View
from confman.engine.keywords import Keywords
from confman.engine.means import Job
from confman.engine.state import Start
from confman.engine.task import Outcome
from confman.errors import LanguageError
from confman.model.records import dataclass
from confman.model.values import SourcedDict, Template, Text, source_of

WHEN = ("always", "on_failed", "on_unreachable", "on_skipped", "never")
"""The values of `debugger`."""


def wants_debugger(start: Start, outcome: Outcome, *, everywhere: bool) -> bool:
    """Whether somebody wants to look at a task's end. Raises LanguageError for a `debugger` that is none.

    everywhere: whether the run, or the play's strategy, is being debugged.
    """
    job = start.job
    wanted = Keywords(job.step, job.scope, job.means).get("debugger")
    if wanted is not None and wanted not in WHEN:
        place = source_of(job.step.own.keywords["debugger"]) or job.step.task.source
        raise LanguageError(f"{wanted!r} is not a valid value for debugger: {', '.join(WHEN)}", source=place)
    reasons = _reasons(outcome, ignores=job.means.settings.debugger_ignores)
    if wanted == "never":
        return False
    return wanted == "always" or wanted in reasons or (everywhere and bool(reasons & {"on_failed", "on_unreachable"}))


def _reasons(outcome: Outcome, *, ignores: bool) -> set[str]:
    """The values of `debugger` that a task's end is a reason for."""
    if outcome.status == "failed" and outcome.ignored and ignores:
        return set()
    return {f"on_{outcome.status}"}


class ScopeVariables(MutableMapping[str, Any]):
    """The variables of a task, rendered when they are looked at; what is set here comes before all others."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.changed: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        return self.changed[name] if name in self.changed else self._job.scope[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.changed[name] = value

    def __delitem__(self, name: str) -> None:
        del self.changed[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._job.scope), **self.changed})

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return repr({name: self[name] for name in self if name not in {"hostvars", "vars"}})


@dataclass
class Examination:
    """One task's end on one host, under the debugger: its parts by the names that may be typed."""

    start: Start
    outcome: Outcome
    args: dict[str, Any]
    variables: ScopeVariables = field(init=False)

    def __post_init__(self) -> None:
        self.variables = ScopeVariables(self.start.job)

    @property
    def label(self) -> str:
        """How the task is called in the prompt."""
        info = self.start.info
        return f"{'HANDLER' if info.handler else 'TASK'}: {info.name}"

    def names(self) -> dict[str, Any]:
        """What may be typed."""
        job, info = self.start.job, self.start.info
        host = View(job.host, {"name": job.host})
        result = public(self.outcome.result)
        task = View(self.label, {"args": self.args, "name": info.name, "action": job.step.task.action})
        parts = {"_result": result, "_host": host, "_task": task, "result": result, "host": host, "task": task}
        return {
            "task": task,
            "task_vars": self.variables,
            "host": host,
            "result": View(f"<result of {self.label} on {job.host}: {self.outcome.status}>", parts),
        }

    def restore(self) -> None:
        """Put the arguments back as they were written; variables stay as they were set."""
        self.args.clear()
        self.args.update(written_args(self.start.job))

    def again(self) -> Start:
        """The same task on the same host with what was changed."""
        job = self.start.job
        task = job.step.task
        args = task.args
        if isinstance(args, SourcedDict):
            args = SourcedDict(_trusted(self.args), source=args.source, dynamic=True)
        scope = job.scope.under(_trusted(self.variables.changed)) if self.variables.changed else job.scope
        step = replace(job.step, task=replace(task, args=args))
        return replace(self.start, job=replace(job, step=step, scope=scope))


def written_args(job: Job) -> dict[str, Any]:
    """The arguments of a task as they were written, to be changed."""
    args = job.step.task.args
    return {str(key): _copied(value) for key, value in args.items()} if isinstance(args, dict) else {}


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _trusted(value: Any) -> Any:
    """What somebody typed at the terminal, with its templates."""
    if isinstance(value, dict):
        return SourcedDict({key: _trusted(item) for key, item in value.items()}, dynamic=True)
    if isinstance(value, list):
        return [_trusted(item) for item in value]
    if type(value) is not str:
        return value
    return Template(value) if "{{" in value or "{%" in value else Text(value)
