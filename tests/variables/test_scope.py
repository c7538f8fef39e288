"""Layers of variables, each value rendered once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.documents.yaml import load_yaml
from confman.errors import TemplateError
from confman.model.source import Source
from confman.model.values import SourcedDict, Template
from confman.templating.engine import Engine
from confman.variables.scope import MergingScope, Scope
from tests.engine.stage import make_engine

ENGINE = make_engine()


class Counting:
    """A renderer that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def resolve(self, value: Any, scope: Any) -> Any:
        """What the engine says."""
        self.asked.append(str(value))
        return ENGINE.resolve(value, scope)

    def learn(self, secret: Any) -> None:
        """Nothing is secret here."""


def scope(*layers: dict[str, Any]) -> Scope:
    """A scope over layers, the strongest first."""
    return Scope(layers, ENGINE)


LAYERS = st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers() | st.none()), max_size=5)


@given(LAYERS)
def test_the_first_layer_that_has_a_name_wins(layers: list[dict[str, Any]]) -> None:
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        merged.update(layer)
    found = scope(*layers)
    assert dict(found) == merged
    assert len(found) == len(merged)
    assert set(found) == set(merged)
    assert {name: found.find(name, "none") for name in "abcdef"} == {
        name: merged.get(name, "none") for name in "abcdef"
    }
    assert all((name in found) == (name in merged) for name in "abcdef")
    assert found.among(frozenset("abxyz")) == merged.keys() & set("abxyz")


@given(LAYERS, LAYERS)
def test_further_layers_are_stronger(upper: list[dict[str, Any]], lower: list[dict[str, Any]]) -> None:
    assert dict(scope(*lower).under(*upper)) == dict(scope(*upper, *lower))


def test_names_that_are_not_there() -> None:
    found = scope({"a": 1})
    with pytest.raises(KeyError, match="b"):
        found["b"]
    assert found.find("b") is None
    assert found.find("b", 5) == 5
    assert found.raw("b", 6) == 6
    assert "b" not in found
    assert found.get("b", 7) == 7


def test_none_is_a_value() -> None:
    found = scope({"a": None}, {"a": 1})
    assert found["a"] is None
    assert found.find("a", 5) is None
    assert "a" in found


def test_templates_see_the_whole_scope() -> None:
    found = scope({"b": 2}, {"a": Template("{{ b + 1 }}"), "b": 1})
    assert found["a"] == 3
    assert found.raw("a") == "{{ b + 1 }}"
    assert found.under({"b": 10})["a"] == 11
    assert found["a"] == 3


def test_text_that_is_no_template_is_not_rendered() -> None:
    assert scope({"a": "{{ b }}", "b": 1})["a"] == "{{ b }}"


def test_each_value_is_rendered_once() -> None:
    renderer = Counting()
    found = Scope(({"a": Template("{{ b }}"), "b": Template("{{ c }}x"), "c": 1},), renderer)
    assert [found["a"], found["a"], found.find("a"), found["b"]] == ["1x"] * 4
    assert sorted(renderer.asked) == ["{{ b }}", "{{ c }}x"]


def test_mappings_with_templates_inside() -> None:
    value = SourcedDict({"x": Template("{{ b }}")}, dynamic=True)
    assert scope({"a": value, "b": 4})["a"]["x"] == 4


@pytest.mark.parametrize(
    "layer",
    [
        {"a": "{{ a }}"},
        {"a": "{{ b }}", "b": "{{ a }}"},
        {"a": "{{ b }}", "b": "{{ c }}", "c": "x{{ a }}"},
    ],
)
def test_circles(layer: dict[str, str]) -> None:
    found = scope({name: Template(text, Source("vars.yml", 3, 4)) for name, text in layer.items()})
    for _ in range(2):
        with pytest.raises(TemplateError, match="Recursive loop detected in template") as caught:
            ENGINE.render(Template("{{ a }}"), found)
    assert caught.value.source == Source("vars.yml", 3, 4)


def test_a_failure_is_not_remembered_as_a_circle() -> None:
    layer = {"a": Template("{{ b }}")}
    found = scope(layer)
    for _ in range(2):
        with pytest.raises(TemplateError, match="'b' is undefined"):
            ENGINE.render(Template("{{ a }}"), found)


@pytest.mark.parametrize(
    "name",
    ["ansible_password", "ansible_ssh_pass", "ansible_become_password", "ansible_become_pass", "ansible_sudo_pass"],
)
def test_a_password_is_learned_when_it_is_looked_at(name: str) -> None:
    learned: list[str] = []
    engine = Engine(remember=learned.append)
    document = load_yaml(f"{name}: first\nindirect: '{{{{ {name} }}}}'\nother: x", "v.yml")
    scope = Scope((document,), engine)
    assert engine.render(document["indirect"], scope) == "first"
    assert scope["other"] == "x"
    assert set(learned) == {"first"}
    assert Scope(({name: 5}, document), engine)[name] == 5
    rendered = Scope((load_yaml(f"{name}: 'se{{{{ 1 }}}}'", "v.yml"),), engine)
    assert (rendered[name], learned[-1]) == ("se1", "se1")


LOW = {"m": {"a": {"x": 1, "l": [1]}, "low": 1}, "t": {"low": 1}, "s": {"low": 1}, "only": {"low": 1}}
MIDDLE = {"m": {"a": {"y": 2}}, "t": "text", "s": {"middle": 1}}
HIGH = {"m": {"a": {"x": 3, "l": [2]}}, "t": {"high": 1}, "s": "text"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("m", {"a": {"x": 3, "y": 2, "l": [2]}, "low": 1}),
        ("t", {"high": 1}),
        ("s", "text"),
        ("only", {"low": 1}),
        ("none", None),
    ],
)
def test_mappings_may_be_merged(name: str, value: object) -> None:
    scope = MergingScope((HIGH, MIDDLE, LOW), ENGINE)
    assert scope.find(name) == value
    assert scope.under({"other": 1}).over({"further": 1}).find(name) == value
    assert LOW["m"]["a"] == {"x": 1, "l": [1]}


def test_templates_in_merged_mappings_are_rendered() -> None:
    low, high = (load_yaml(text, "v.yml") for text in ("m: {a: '{{ w }}', w: 1}", "m: {b: 2}\nw: word"))
    assert MergingScope((high, low), ENGINE).find("m") == {"a": "word", "w": 1, "b": 2}
