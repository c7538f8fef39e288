"""Events into the journal."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from confman.errors import JournalError
from confman.journal.entries import Change, Content, Intent, Outcome
from confman.journal.writing import Writer
from confman.model.event import Event, HostDone, PlaybookStarted, PlayStarted, RunDone, SentAhead, TaskInfo, TaskStarted
from confman.model.source import Source


class Journal:
    """A sink that writes a run into the journal, from its first playbook on.

    open: begins the run in the journal (JournalError). tell: takes a sentence about a journal that cannot be written;
    the run goes on without it. days: how long runs are kept. diffs: whether differences that are shown are kept too.
    """

    def __init__(
        self, open: Callable[[], Writer], tell: Callable[[str], object], *, days: float = 0, diffs: bool = False
    ) -> None:
        self._open = open
        self._tell = tell
        self._days = days
        self._diffs = diffs
        self._writer: Writer | None = None
        self._lost = False
        self._play = ""
        self._number = 0
        self._numbers: dict[int, int] = {}
        self._ahead: dict[tuple[str, Source | None, str], int] = {}

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if self._lost:
            return
        try:
            self._take(event)
        except JournalError as problem:
            self._lost = True
            self._tell(f"{problem.message}. The run goes on, but the journal does not have all of it.")

    def _take(self, event: Event) -> None:
        if isinstance(event, HostDone):
            self._done(event)
        elif isinstance(event, TaskStarted):
            self._intend(event, time.time())
        elif isinstance(event, SentAhead):
            self._intend_ahead(event, time.time())
        elif isinstance(event, PlayStarted):
            self._play = event.name
            self._numbers.clear()
            self._ahead.clear()
        elif isinstance(event, PlaybookStarted):
            if self._writer is None:
                self._writer = self._open()
            self._writer.playbook(event.path)
        elif isinstance(event, RunDone) and self._writer is not None:
            self._finish(event, self._writer)

    def _intend(self, event: TaskStarted, now: float) -> None:
        if self._writer is None:
            return
        known = self._ahead.pop((event.hosts[0], event.task.source, event.task.name), None) if event.hosts else None
        if known is None or len(event.hosts) > 1:
            self._writer.intend(self._intent(event.task, event.hosts, now))
            known = self._number
        self._numbers[event.task.id] = known

    def _intend_ahead(self, event: SentAhead, now: float) -> None:
        """Note what a host is sent before its turn: when a task's turn comes, that counts as its intent."""
        if self._writer is None:
            return
        intents = []
        for task in event.tasks:
            intents.append(self._intent(task, (event.host,), now))
            self._ahead[event.host, task.source, task.name] = self._number
        self._writer.intend(*intents)

    def _intent(self, task: TaskInfo, hosts: tuple[str, ...], now: float) -> Intent:
        self._number += 1
        place = f"{task.source.path}:{task.source.line}" if task.source else ""
        name = f"{task.role} : {task.name}" if task.role else task.name
        return Intent(self._number, self._play, name, task.action, place, hosts, now)

    def _done(self, event: HostDone) -> None:
        if self._writer is None:
            return
        if event.task.id not in self._numbers:
            self._intend(TaskStarted(event.task, (event.host,)), time.time() - event.seconds)
        failed = event.status in {"failed", "unreachable"}
        self._writer.done(
            Outcome(
                number=self._numbers[event.task.id],
                host=event.host,
                status=event.status,
                at=time.time(),
                seconds=event.seconds,
                ignored=event.ignored,
                grade=event.grade,
                worker=event.delegated,
                signature=event.signature,
                note=str(event.result.get("msg") or "") if failed else "",
                changes=tuple(_change(each) for each in event.changes),
                diff=event.result.get("diff") if self._diffs and event.status == "changed" else None,
                contents=tuple(_contents(event.changes)),
            )
        )

    def _finish(self, event: RunDone, writer: Writer) -> None:
        stats = {host: asdict(counts) for host, counts in event.stats.items()}
        failed = any(each["failed"] or each["unreachable"] for each in stats.values())
        state = "interrupted" if not event.whole else "failed" if failed else "done"
        now = time.time()
        writer.finish(now, state, stats)
        if self._days:
            writer.forget(self._days, now)
        writer.close()
        self._writer = None


def _contents(records: Iterable[Mapping[str, Any]]) -> Iterator[Content]:
    """What files were before they were changed; one with a secret in it, which is masked by now, is not kept."""
    for record in records:
        was = record.get("was")
        if not isinstance(was, Mapping):
            continue
        content = str(was.get("text", "")).encode("utf-8", "surrogateescape")
        if hashlib.sha1(content, usedforsecurity=False).hexdigest() == was.get("sha1"):
            mode, owner, group = (str(was.get(name, "")) for name in ("mode", "owner", "group"))
            yield Content(str(record.get("id", "")), mode, owner, group, zlib.compress(content))


def _change(record: Mapping[str, Any]) -> Change:
    return Change(str(record.get("kind", "")), str(record.get("id", "")), record.get("before"), record.get("after"))
