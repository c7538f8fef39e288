"""Where variables come from, and what their values name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.documents.yaml import load_yaml
from confman.model.values import Sealed, Template, Text
from confman.variables.explain import Candidate, candidates, references

KNOWN = dict.fromkeys(("a", "b", "c", "b_c"), 1)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{{ a }}", ["a"]),
        ("{{ b.a + c['a'] }}", ["b", "c"]),
        ("{{ a | b }} {{ a is c }}", ["a", "c"]),
        ("{{ 'a' ~ \"b\" }}", []),
        ("{% if b_c %}{{ x }}{% endif %} a", ["b_c"]),
        ("a b c", []),
        ("{{ a }}{{ a }}", ["a"]),
    ],
)
def test_references_of_a_template(text: str, names: list[str]) -> None:
    assert references(Template(text), KNOWN) == names
    assert references({"k": [Template(text)]}, KNOWN) == names
    assert references(Text(text), KNOWN) == []
    assert references(text, KNOWN) == []


@given(st.text(max_size=40))
def test_any_text_has_references_or_none(text: str) -> None:
    assert set(references(Template(text), KNOWN)) <= set(KNOWN)


def test_candidates_are_in_order_and_know_their_place() -> None:
    high, low = load_yaml("x: 1\n", "high.yml"), load_yaml("y: 0\nx: a\n", "low.yml")
    found = candidates([("one", high), ("two", {"z": 1}), ("three", low), ("three again", low)], "x")
    assert [(each.level, each.value, str(each.source)) for each in found] == [
        ("one", 1, "high.yml:1:1"),
        ("three", "a", "low.yml:2:1"),
    ]
    assert candidates([("data", {"x": 1})], "x") == [Candidate("data", 1, None)]


def test_what_is_sealed_stays_closed() -> None:
    def never() -> str:
        raise AssertionError

    assert Candidate("level", Sealed(never), None).shown == "(vaulted)"
