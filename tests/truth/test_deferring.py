"""What is kept of tasks that are evaluated later: templates as templates, data as data, and bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.model.values import SourcedDict, SourcedList, Template, Text
from confman.truth.deferring import closed, opened, unbounded
from confman.truth.plan import Deferred

KEYS = st.text(max_size=3) | st.sampled_from(["$template", "$text", "$data"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


def has_template(value: Any) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, Template) or any(map(has_template, inner))


@given(JSON)
def test_data_stays_data(value: Any) -> None:
    found = opened(json.loads(json.dumps(closed(value))))
    assert found == value
    assert not has_template(found)


def test_templates_stay_templates_and_nothing_else_becomes_one() -> None:
    written = SourcedDict({"a": Template("{{ x }}"), "b": SourcedList([Template("{{ y }}"), "{{ data }}"])})
    found = opened(json.loads(json.dumps(closed(written))))
    assert found == written
    assert type(found["a"]) is Template
    assert [type(each) for each in found["b"]] == [Template, str]
    assert found.dynamic


def test_texts_of_a_playbook_may_be_conditions_still() -> None:
    found = opened(json.loads(json.dumps(closed(SourcedDict({"that": SourcedList([Text("a in b"), "data"])})))))
    assert [type(each) for each in found["that"]] == [Text, str]


@pytest.mark.parametrize(
    ("args", "touched"),
    [
        ({"dest": "/etc/x"}, []),
        ({"dest": "/etc/y"}, [("path", "/etc/y")]),
        ({"dest": "/etc/x", "content": "anything"}, []),
    ],
)
def test_what_was_not_bounded_is_told(args: dict[str, Any], touched: list[Any]) -> None:
    assert unbounded(Deferred(0, "copy", {}, objects=(("path", "/etc/x"),)), args) == touched
