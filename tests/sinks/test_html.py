"""The page of a plan: all of it in one file, and nothing in it that is not data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from confman.sinks.html import page
from confman.truth.outlook import outlook
from confman.truth.plan import Foreseen, Item, Plan, Work
from tests.truth.making import FULL, plan, step

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


def data_of(text: str) -> Any:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


def rendered(of: Plan) -> str:
    return page(of, outlook(of), "0123456789abcdef")


def test_everything_is_in_it() -> None:
    data = data_of(rendered(FULL))
    assert data["title"] == "plan 0123456789ab: confman plan"
    assert data["hosts"] == ["a", "b"]
    first, second = data["plays"][0]["steps"]
    assert [group["hosts"] for group in first["groups"]] == [["a"], ["b"]]
    assert first["groups"][0]["items"] == [{"changes": ["file /etc/x: absent -> sha1 1, size 3"], "diff": ""}]
    assert first["groups"][1]["verdict"] == "may run (unknown until applied)"
    assert first["groups"][1]["why"] == "who knows"
    assert second["handler"] is True
    assert data["foot"][0]["lines"][0] == "1 of 3 tasks on 2 hosts would change something"


def test_it_asks_for_nothing() -> None:
    text = rendered(FULL)
    assert "default-src 'none'" in text
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", text)
    assert "innerHTML" not in text
    assert "@DATA@" not in text


def test_data_stays_data() -> None:
    it = Work(
        "changed",
        (Item(changes=(Foreseen("file", HOSTILE, HOSTILE, HOSTILE),), diff={"before": "", "after": HOSTILE}),),
    )
    hostile = plan(replace(step(1, {"a": it}), name=HOSTILE))
    text = rendered(hostile)
    assert text.count("<script") == rendered(FULL).count("<script")
    assert data_of(text)["plays"][0]["steps"][0]["name"] == HOSTILE


def test_what_to_know_before_stands_below() -> None:
    fight = [
        step(
            n,
            {
                "a": Work(
                    "changed",
                    (
                        Item(
                            (FULL.plays[0].steps[0].hosts["a"].items[0].sends),
                            changes=(Foreseen("file", "/x", None, str(n)),),
                        ),
                    ),
                )
            },
        )
        for n in (5, 8)
    ]
    parts = {part["title"]: part for part in data_of(rendered(plan(*fight)))["foot"]}
    assert parts["Tasks that fight"]["lines"] == ["site.yml:5 and :8 both write /x: it will change on every run (a)"]
    assert "Reboots" not in parts
    left = plan(step(1, {"a": Work("skipped", left_out="nobody knows")}))
    assert data_of(rendered(left))["foot"][-1]["lines"] == ["site.yml:1 task 1 (a): nobody knows"]
