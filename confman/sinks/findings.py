"""Drift for people and programs: text, JSON, SARIF, JUnit and HTML."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from confman.sinks.words import value_text
from confman.truth.drift import Finding, State

SAID: dict[State, str] = {
    "drifted": "changed outside",
    "outdated": "the playbook changed",
    "unknown": "known only when applied",
    "in order": "in order",
}
_LEVELS: dict[State, str] = {"drifted": "error", "outdated": "warning", "unknown": "note"}


def text_lines(found: Sequence[Finding]) -> Iterator[str]:
    """A line for each object that is not in order, then the counts."""
    for each in found:
        if each.state != "in order":
            yield f"{each.state:<8}  {each.host}  {what(each)}  ({place(each)} {each.step.name})"
    yield counted(found)


def counted(found: Sequence[Finding]) -> str:
    """How many objects are how."""
    counts = Counter(each.state for each in found)
    return ", ".join(f"{counts[state]} {state}" for state in SAID if counts[state]) or "no objects"


def what(finding: Finding) -> str:
    """The object, with what it is and what it should be."""
    if finding.why:
        return finding.why
    told = f"{finding.kind} {finding.id}"
    if finding.state == "in order":
        return told
    return f"{told}: {value_text(finding.before)}, should be {value_text(finding.after)}"


def place(finding: Finding) -> str:
    """Where the task stands that is about it."""
    return f"{finding.step.place.path}:{finding.step.place.line}"


def _records(found: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "host": each.host, "state": each.state, "kind": each.kind, "id": each.id,
            "before": each.before, "after": each.after, "why": each.why, "task": each.step.name, "place": place(each),
        }
        for each in found
    ]  # fmt: skip


def as_json(found: Sequence[Finding]) -> str:
    """All objects, those in order too."""
    return json.dumps({"objects": _records(found)}, indent=2, default=str) + "\n"


def as_sarif(found: Sequence[Finding]) -> str:
    """What is not in order, in the Static Analysis Results Interchange Format (2.1.0)."""
    rules = [{"id": state, "shortDescription": {"text": SAID[state]}} for state in _LEVELS]
    driver = {"name": "confman drift", "rules": rules}
    results = [_sarif_result(each) for each in found if each.state in _LEVELS]
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    log = {"$schema": schema, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}
    return json.dumps(log, indent=2, default=str) + "\n"


def _sarif_result(finding: Finding) -> dict[str, Any]:
    source = finding.step.place
    region = {"startLine": max(source.line, 1), "startColumn": max(source.column, 1)}
    return {
        "ruleId": finding.state,
        "level": _LEVELS[finding.state],
        "message": {"text": f"{finding.host}: {what(finding)} ({SAID[finding.state]})"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": source.path}, "region": region},
                "logicalLocations": [{"name": finding.id, "kind": finding.kind, "fullyQualifiedName": finding.host}],
            }
        ],
    }


def as_junit(found: Sequence[Finding]) -> str:
    """Each host as a test suite, each object as a test: what is not in order fails."""
    hosts: dict[str, list[Finding]] = {}
    for each in found:
        hosts.setdefault(each.host, []).append(each)
    suites = "".join(_suite(host, each) for host, each in hosts.items())
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="confman drift">\n{suites}</testsuites>\n'


def _suite(host: str, found: list[Finding]) -> str:
    bad = sum(each.state in {"drifted", "outdated"} for each in found)
    skipped = sum(each.state == "unknown" for each in found)
    cases = "".join(map(_case, found))
    head = f'  <testsuite name={quoteattr(host)} tests="{len(found)}" failures="{bad}" skipped="{skipped}">\n'
    return f"{head}{cases}  </testsuite>\n"


def _case(finding: Finding) -> str:
    name = quoteattr(_printable(f"{finding.kind} {finding.id}"))
    head = f"    <testcase classname={quoteattr(finding.host)} name={name}"
    if finding.state == "in order":
        return f"{head}/>\n"
    text = _printable(f"{what(finding)} ({place(finding)} {finding.step.name})")
    if finding.state == "unknown":
        return f"{head}><skipped message={quoteattr(SAID['unknown'])}/></testcase>\n"
    kind = quoteattr(finding.state)
    return f"{head}><failure type={kind} message={kind}>{escape(text)}</failure></testcase>\n"


def _printable(text: str) -> str:
    """Without characters that XML cannot hold."""
    return "".join(char if char in "\t\n" or " " <= char <= "\ud7ff" or char >= "\ue000" else "?" for char in text)


def as_html(found: Sequence[Finding]) -> str:
    """One page with a table that needs nothing else."""
    order = list(SAID)
    rows = "".join(map(_row, sorted(found, key=lambda each: order.index(each.state))))
    return _PAGE.format(head=html.escape(counted(found)), rows=rows)


def _row(finding: Finding) -> str:
    cells = (finding.state, finding.host, what(finding), f"{place(finding)} {finding.step.name}")
    told = "".join(f"<td>{html.escape(text)}</td>" for text in cells)
    return f'<tr class="{finding.state.replace(" ", "-")}">{told}</tr>\n'


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Drift</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body {{ font: 14px/1.45 system-ui, sans-serif; margin: 2rem }} table {{ border-collapse: collapse }}
th, td {{ text-align: left; padding: .3rem .7rem; border-bottom: 1px solid #d9dee4; vertical-align: top }}
.drifted td:first-child {{ color: #b83232; font-weight: 600 }} .outdated td:first-child {{ color: #b7791f }}
.in-order td {{ color: #5c6773 }}</style></head>
<body><h1>Drift</h1><p>{head}</p>
<table><tr><th>state</th><th>host</th><th>object</th><th>task</th></tr>
{rows}</table></body></html>
"""

FORMATS: Mapping[str, Callable[[Sequence[Finding]], str]] = {
    "text": lambda found: "".join(f"{line}\n" for line in text_lines(found)),
    "json": as_json,
    "sarif": as_sarif,
    "junit": as_junit,
    "html": as_html,
}
"""How findings can be written."""
