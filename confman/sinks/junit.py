"""A JUnit report: a suite for each play, a case for each task on each host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from confman.model.event import Event, HostDone, PlayStarted, RunDone
from confman.sinks.results import dump

if TYPE_CHECKING:
    from collections.abc import Callable

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitReport:
    """A sink that writes its document when the run is over; failures that were ignored count as passed."""

    def __init__(self, out: Callable[[str], object]) -> None:
        self._out = out
        self._suites: list[tuple[str, list[HostDone]]] = []

    def __call__(self, event: Event) -> None:
        """Take an event; at the end, write the document."""
        if isinstance(event, PlayStarted):
            self._suites.append((event.name, []))
        elif isinstance(event, HostDone) and self._suites:
            self._suites[-1][1].append(event)
        elif isinstance(event, RunDone):
            self._out(self._document())

    def _document(self) -> str:
        lines = ['<?xml version="1.0" encoding="utf-8"?>', "<testsuites>"]
        for name, cases in self._suites:
            failed = sum(_failed(case) for case in cases)
            skipped = sum(case.status == "skipped" for case in cases)
            seconds = sum(case.seconds for case in cases)
            lines.append(
                f"  <testsuite name={_attribute(name)} tests={_attribute(len(cases))} failures={_attribute(failed)} "
                f'errors="0" skipped={_attribute(skipped)} time={_attribute(f"{seconds:.3f}")}>'
            )
            lines += [line for case in cases for line in _case(case)]
            lines.append("  </testsuite>")
        return "\n".join([*lines, "</testsuites>"]) + "\n"


def _failed(case: HostDone) -> bool:
    return case.status in {"failed", "unreachable"} and not case.ignored


def _case(case: HostDone) -> list[str]:
    place = str(case.task.source) if case.task.source else case.task.action
    head = (
        f"    <testcase name={_attribute(f'[{case.host}] {case.task.name}')} classname={_attribute(place)} "
        f"time={_attribute(f'{case.seconds:.3f}')}"
    )
    shown = escape(_clean(dump(case.result, case.task.action, pretty=True)))
    if _failed(case):
        message = _attribute(str(case.result.get("msg", case.status)))
        return [f"{head}>", f"      <failure message={message}>{shown}</failure>", "    </testcase>"]
    if case.status == "skipped":
        reason = _attribute(str(case.result.get("skip_reason", "skipped")))
        return [f"{head}>", f"      <skipped message={reason}/>", "    </testcase>"]
    return [f"{head}>", f"      <system-out>{shown}</system-out>", "    </testcase>"]


def _attribute(value: object) -> str:
    return quoteattr(_clean(str(value)))


def _clean(text: str) -> str:
    """A text without what XML cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
