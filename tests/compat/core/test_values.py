"""Values on their way to plugins and back: only what is marked may be rendered."""

from __future__ import annotations

import datetime

import pytest

from confman.errors import UndefinedVariable
from confman.model.values import OMIT, Sealed, SourcedDict, SourcedList, Template, Text

pytest.importorskip("ansible", reason="the plugins of others need ansible-core: pip install 'confman[ansible]'")

from ansible.template import is_trusted_as_template, trust_as_template

from confman.compat.core.values import Variables, from_core, to_core
from confman.documents.yaml import load_yaml
from tests.engine.stage import make_engine
from tests.variables.test_scope import Scope


def test_text_of_playbooks_is_trusted_and_data_is_not() -> None:
    assert is_trusted_as_template(to_core(Template("{{ x }}")))
    assert is_trusted_as_template(to_core(Text("x")))
    assert not is_trusted_as_template(to_core("{{ x }}"))
    given = to_core({"a": [Template("{{ x }}"), "{{ x }}"]})
    assert [is_trusted_as_template(item) for item in given["a"]] == [True, False]


@pytest.mark.parametrize("value", [1, 1.5, True, None, b"x", "x", [1, ["a"]], {"a": {"b": None}}])
def test_plain_values_stay_what_they_are(value: object) -> None:
    assert to_core(value) == value
    assert from_core(value) == value
    assert type(from_core(value)) is type(value)


def test_only_what_is_marked_comes_back_as_a_template() -> None:
    assert type(from_core(trust_as_template("{{ x }}"))) is Template
    assert type(from_core(trust_as_template("x"))) is Text
    assert type(from_core("{{ x }}")) is str
    back = from_core({"a": [trust_as_template("{{ x }}")], "b": "{{ x }}"})
    assert isinstance(back, SourcedDict)
    assert isinstance(back["a"], SourcedList)
    assert (back.dynamic, back["a"].dynamic, type(back["b"])) == (True, True, str)
    assert type(from_core({"a": ["{{ x }}"]})) is dict


def test_what_has_no_place_in_plain_data() -> None:
    assert to_core([1, OMIT, 2]) == [1, 2]
    assert to_core({"a": OMIT}) == {}
    assert to_core(Sealed(lambda: "opened")) == "opened"
    assert from_core((1, {2})) == [1, [2]]
    day = datetime.date(2020, 1, 2)
    assert from_core(day) == day


def scope(text: str, **data: object) -> Scope:
    """Variables written as YAML, with data on top."""
    return Scope((data, load_yaml(text, "vars.yml")), make_engine())


def test_variables_are_rendered_when_they_are_looked_at() -> None:
    variables = Variables(scope('a: "{{ b + 1 }}"\nbroken: "{{ gone }}"\n', b=1, raw="{{ b }}"))
    assert isinstance(variables, dict)
    assert (variables["a"], variables.get("b"), variables.get("none", 5)) == (2, 1, 5)
    assert not is_trusted_as_template(variables["raw"])
    assert "broken" in variables
    with pytest.raises(UndefinedVariable):
        variables["broken"]
    assert dict(variables.items()) == {"a": 2, "b": 1, "raw": "{{ b }}"}
    assert sorted(variables) == ["a", "b", "broken", "raw"]
    assert len(variables) == 4


def test_a_copy_may_be_changed() -> None:
    variables = Variables(scope("a: 1\n"))
    copied = variables.copy()
    copied["a"] = 2
    copied["new"] = 3
    assert (variables["a"], copied["a"], "new" in variables, copied["new"]) == (1, 2, False, 3)
