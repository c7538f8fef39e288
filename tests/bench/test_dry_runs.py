"""What dry runs foretold, read from outputs and counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.dry_runs import Score, Verdict, exact_diffs, of_events, of_output, score, surprises, table

OUTPUT = """
PLAY [all] *****

TASK [Gathering Facts] *****
ok: [h1]

TASK [web : install] *****
changed: [h1]

TASK [loop] *****
ok: [h1] => (item=a)
changed: [h1] => (item=b)
skipping: [h1] => (item=c)

TASK [loop that skips] *****
skipping: [h1] => (item=c)
skipping: [h1]

TASK [install] *****
fatal: [h1]: FAILED! => {"msg": "no [x] *"}
...ignoring

TASK [web : install] *****
fatal: [h1]: FAILED! => {"changed": false}

RUNNING HANDLER [restart] *****
changed: [h1]

TASK [include] *****
included: /x/y.yml for h1

TASK [nothing said] *****

PLAY RECAP *****
h1 : ok=1
"""


def test_verdicts_in_the_usual_output() -> None:
    assert {key: verdict.status for key, verdict in of_output(OUTPUT).items()} == {
        ("Gathering Facts", 1): "ok",
        ("web : install", 1): "changed",
        ("loop", 1): "changed",
        ("loop that skips", 1): "skipped",
        ("install", 1): "ok",
        ("web : install", 2): "failed",
        ("restart", 1): "changed",
        ("include", 1): "ok",
    }


def event(name: str, status: str, grade: str = "", **further: Any) -> str:
    return json.dumps({"event": "host_done", "task": {"name": name}, "status": status, "grade": grade, **further})


def test_verdicts_in_events() -> None:
    lines = [
        json.dumps({"event": "play_started"}),
        event("a", "changed", "exact"),
        "a warning",
        event("a", "ok", "predicted"),
        event("b", "failed", ignored=True),
        event("c", "unreachable"),
    ]
    assert of_events("\n".join(lines)) == {
        ("a", 1): Verdict("changed", "exact"),
        ("a", 2): Verdict("ok", "predicted"),
        ("b", 1): Verdict("ok"),
        ("c", 1): Verdict("failed"),
    }


@pytest.mark.parametrize(
    ("said", "did", "counted"),
    [
        (Verdict("changed"), Verdict("changed"), "right"),
        (Verdict("ok"), Verdict("ok"), "right"),
        (Verdict("skipped"), Verdict("ok"), "right"),
        (None, Verdict("ok"), "right"),
        (Verdict("ok"), Verdict("changed"), "wrong"),
        (Verdict("changed"), Verdict("ok"), "wrong"),
        (None, Verdict("changed"), "wrong"),
        (Verdict("changed"), None, "wrong"),
        (Verdict("skipped", "unknown"), Verdict("changed"), "unknown"),
        (Verdict("changed", "unknown"), Verdict("changed"), "right"),
        (Verdict("failed"), Verdict("ok"), "failed"),
        (Verdict("failed"), Verdict("failed"), "right"),
        (Verdict("changed"), Verdict("failed"), "wrong"),
    ],
)
def test_each_task_is_counted_once(said: Verdict | None, did: Verdict | None, counted: str) -> None:
    key = ("a", 1)
    foretold, done = ({key: said} if said else {}), ({key: did} if did else {})
    expected = dict.fromkeys(("right", "wrong", "failed", "unknown"), 0) | {counted: 1}
    assert score(foretold, done, 1.5) == Score(seconds=1.5, **expected)


def test_surprises_are_named() -> None:
    foretold = {("a", 1): Verdict("ok", "exact"), ("b", 1): Verdict("changed"), ("c", 1): Verdict("skipped")}
    done = {
        ("a", 1): Verdict("changed"),
        ("b", 1): Verdict("changed"),
        ("c", 1): Verdict("ok"),
        ("d", 1): Verdict("failed"),
    }
    assert surprises(foretold, done) == ["a: foretold ok (exact), then changed", "d: foretold not reached, then failed"]


def test_the_table_has_a_row_for_each_playbook() -> None:
    text = table([("site", Score(9, 1, 0, 2, 1.25), Score(5, 4, 3, 0, 2.0), 3.0)])
    assert text.splitlines()[2] == "| site | 9 | 1 | 0 | 2 | 1.2 | 5 | 4 | 3 | 2.0 | 3.0 |"
    assert len({line.count("|") for line in text.splitlines()}) == 1


def test_differences_that_are_told_for_sure_are_held_against_those_of_the_run() -> None:
    one, other, loop = ({"diff": {"after": "x"}}, {"diff": {"after": "y"}}, {"results": [{"diff": {"after": "z"}}, {}]})

    def told(grade: str, *results: dict[str, Any]) -> Any:
        names = ("same", "other", "loop", "quiet")
        rows = zip(names, (*results, {}), strict=False)
        return of_events("\n".join(event(name, "changed", grade, result=result) for name, result in rows))

    done = told("", one, other, loop)
    assert exact_diffs(told("exact", one, one, loop), done) == (3, ["other"])
    assert exact_diffs(told("predicted", one, one, loop), done) == (0, [])
    assert exact_diffs(told("exact", one), {}) == (0, [])
