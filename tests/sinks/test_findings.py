"""Drift as text, JSON, SARIF, JUnit and HTML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

from confman.sinks.findings import FORMATS
from confman.truth.drift import Finding
from tests.truth.making import step

STEP = step(7, {})
HOSTILE = '</td><script>"&\x00'
FOUND = [
    Finding("a", STEP, "file", "/etc/x", "drifted", {"mode": "0600"}, {"mode": "0644"}),
    Finding("a", STEP, "package", "git", "outdated", None, "1.2"),
    Finding("b", STEP, "file", HOSTILE, "drifted", HOSTILE, "x"),
    Finding("b", STEP, "user", "app", "in order"),
    Finding("b", STEP, "pip", "x", "unknown", None, {"unknown": True}),
]


def test_text_has_what_is_not_in_order() -> None:
    lines = FORMATS["text"](FOUND).splitlines()
    assert lines[0] == "drifted   a  file /etc/x: mode 0600, should be mode 0644  (site.yml:7 task 7)"
    assert not any("user app" in line for line in lines)
    assert lines[-1] == "2 drifted, 1 outdated, 1 unknown, 1 in order"
    assert FORMATS["text"]([]) == "no objects\n"


def test_json_has_all() -> None:
    objects = json.loads(FORMATS["json"](FOUND))["objects"]
    assert len(objects) == 5
    assert objects[1] == {
        "host": "a", "state": "outdated", "kind": "package", "id": "git", "before": None, "after": "1.2", "why": "",
        "task": "task 7", "place": "site.yml:7",
    }  # fmt: skip


def test_sarif_points_at_tasks() -> None:
    (run,) = json.loads(FORMATS["sarif"](FOUND))["runs"]
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("drifted", "error"), ("outdated", "warning"), ("drifted", "error"), ("unknown", "note"),
    ]  # fmt: skip
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {each["ruleId"] for each in run["results"]}
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "site.yml"
    assert location["physicalLocation"]["region"] == {"startLine": 7, "startColumn": 1}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "a"


def test_junit_has_a_suite_for_each_host() -> None:
    root = ET.fromstring(FORMATS["junit"](FOUND))
    counts: list[Any] = [(s.get("name"), s.get("tests"), s.get("failures"), s.get("skipped")) for s in root]
    assert counts == [("a", "2", "2", "0"), ("b", "3", "1", "1")]
    failure = root[0][0].find("failure")
    assert failure is not None
    assert failure.text == "file /etc/x: mode 0600, should be mode 0644 (site.yml:7 task 7)"
    assert len(root[1][1]) == 0


def test_html_shows_data_as_data() -> None:
    text = FORMATS["html"](FOUND)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "2 drifted, 1 outdated, 1 unknown, 1 in order" in text
    assert "default-src &#x27;none" in text or "default-src 'none'" in text
