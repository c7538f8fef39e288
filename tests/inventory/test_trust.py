from datetime import date, datetime, time

import pytest

from confman.inventory.trust import has_markup, holds_markup, sourced_dict, trusted
from confman.model.source import Source
from confman.model.values import SourcedDict, SourcedList, Template, Text

PLACE = Source("x", 1, 2)


@pytest.mark.parametrize(
    ("value", "result", "kind"),
    [
        ("a", "a", Text),
        ("{{ a }}", "{{ a }}", Template),
        ("{# a #}", "{# a #}", Template),
        (b"{{ a }}", "{{ a }}", str),
        (1, 1, int),
        (None, None, type(None)),
        (True, True, bool),
        (1.5, 1.5, float),
        ((1, "a"), [1, "a"], SourcedList),
        ({"b", "a"}, ["a", "b"], SourcedList),
        ({"a": ["b"]}, {"a": ["b"]}, SourcedDict),
        (date(2020, 1, 2), date(2020, 1, 2), date),
        (datetime(2020, 1, 2, 3, 4), datetime(2020, 1, 2, 3, 4), datetime),
        (time(3, 4), time(3, 4), time),
        (2j, "2j", Text),
        (..., "...", Text),
    ],
)
def test_values_become_trusted(value, result, kind):
    found = trusted(value, PLACE)
    assert found == result
    assert type(found) is kind


def test_places_and_templates_are_carried_upwards():
    found = trusted({"a": [{"b": "{{ c }}"}]}, PLACE)
    assert found.dynamic
    assert found["a"].dynamic
    assert found["a"][0]["b"].source == PLACE
    assert not trusted({"a": ["b"]}, PLACE).dynamic


def test_what_is_trusted_already_stays():
    text = Text("a", Source("y"))
    assert trusted(text, PLACE) is text
    assert sourced_dict({"a": text}, PLACE)["a"] is text


@pytest.mark.parametrize(("text", "found"), [("{{", True), ("{%", True), ("{#", True), ("{ {", False), ("}}", False)])
def test_markup(text, found):
    assert has_markup(text) is found


@pytest.mark.parametrize("markup", ["{{ a }}", "x {% if a %}", "{#", ["a", {"b": ("{{",)}], {"a": [["{{ b }}"]]}])
def test_markup_is_found_however_deep(markup):
    assert holds_markup(markup)


@pytest.mark.parametrize("plain", ["a", "{ {", 1, None, [], {}, ["a", {"{{ key }}": "b"}]])
def test_what_holds_none(plain):
    assert not holds_markup(plain)
