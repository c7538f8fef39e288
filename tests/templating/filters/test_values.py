"""What filters do to values, and parsers in filters and tests, for any input."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import TemplateError
from confman.model.values import OMIT, Template, Text
from confman.templating.filters.encoding import apply_trust, from_json, from_yaml, to_json, to_nice_yaml, to_yaml
from confman.templating.filters.maths import human_readable, human_to_bytes
from confman.templating.filters.merging import combine
from confman.templating.filters.sets import difference, intersect, symmetric_difference, union
from confman.templating.filters.values import kind, plain
from confman.templating.lazy import LazyDict, LazyList
from confman.templating.tests.versions import loose, semantic, strict, version
from confman.templating.undefined import Undefinable, Undefined

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")))
YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=20,
)


def outcome(function, *arguments):
    """The result, or the message of an error of ours; anything else that is raised fails the test."""
    try:
        return "gives", function(*arguments)
    except (TemplateError, ValueError) as error:
        return str(error)


@given(JSON)
def test_json_round_trip(value):
    assert from_json(to_json(value)) == value
    assert json.loads(to_json(value, indent=2)) == value


@given(YAML)
def test_yaml_round_trip(value):
    assert from_yaml(to_yaml(value)) == value
    assert from_yaml(to_nice_yaml(value)) == value


@given(st.text())
def test_any_text_is_json_and_yaml_or_an_error(text):
    for parse in (from_json, from_yaml):
        assert outcome(parse, text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_deep_nesting_is_an_error(text):
    with pytest.raises(TemplateError):
        from_json(text)


def test_values_that_contain_themselves_are_errors():
    value = []
    value.append(value)
    with pytest.raises(ValueError, match="nested more than"):
        plain(value)


def lazy(value):
    return {"late": "rendered"}.get(value, value)


def test_plain_renders_lazy_parts_and_drops_marks():
    value = LazyDict({"a": LazyList([Template("late"), OMIT, Text("x")], lazy), "b": OMIT}, lazy)
    result = plain(value)
    assert result == {"a": ["rendered", "x"]}
    assert {type(result), type(result["a"]), *map(type, result["a"])} == {dict, list, str}


def test_plain_raises_for_undefined_parts():
    with pytest.raises(Undefinable):
        plain([Undefined(name="nope")])


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "bool"),
        (Text("x"), "str"),
        (LazyList([], lazy), "list"),
        (LazyDict({}, lazy), "dict"),
        (None, "NoneType"),
    ],
)
def test_kind(value, name):
    assert kind(value) == name


@given(st.dictionaries(st.text(), st.integers()), st.dictionaries(st.text(), st.integers()))
def test_combining_is_laying_over(lower, upper):
    assert combine(lower, upper) == {**lower, **upper}


def test_combining_changes_nothing_else():
    lower, upper = {"a": {"x": [1]}}, {"a": {"x": [2], "y": 1}}
    combine(lower, upper, recursive=True, list_merge="append")
    assert (lower, upper) == ({"a": {"x": [1]}}, {"a": {"x": [2], "y": 1}})


ITEMS = st.lists(st.integers(0, 5) | st.lists(st.integers(0, 2), max_size=1), max_size=6)


def as_set(items):
    return {repr(item) for item in items}


@given(ITEMS, ITEMS)
def test_lists_as_sets(one, two):
    first, second = as_set(one), as_set(two)
    assert as_set(union(one, two)) == first | second
    assert as_set(intersect(one, two)) == first & second
    assert as_set(difference(one, two)) == first - second
    assert as_set(symmetric_difference(one, two)) == first ^ second


@given(st.integers(0, 2**90))
def test_sizes_round_trip_roughly(size):
    shown = human_readable(size)
    again = human_to_bytes(shown.replace(" Bytes", "B"))
    assert abs(again - size) <= size * 0.006 + 1


@given(st.text())
def test_any_text_is_a_size_or_an_error(text):
    assert outcome(human_to_bytes, text)


@given(st.text(), st.text(), st.sampled_from(["loose", "strict", "semver", "pep440"]))
def test_any_versions_compare_or_are_an_error(one, two, scheme):
    assert outcome(lambda: version(one, two, "<", version_type=scheme))


NUMBERS = st.integers(0, 99)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=2))
def test_versions_of_numbers_compare_as_numbers(pair):
    one, two = (".".join(map(str, numbers)) for numbers in pair)
    for parse in (loose, strict, semantic):
        assert (parse(one) < parse(two)) is (pair[0] < pair[1])


def test_semantic_versions_in_their_order():
    order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
             "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0"]  # fmt: skip
    assert sorted([*order[5:], *order[:5]], key=semantic) == order


@given(st.text(st.characters(codec="ascii")))
def test_yaml_of_text_is_that_text(text):
    assert yaml.safe_load(to_yaml(text)) == text or "\x85" in text or not text.isprintable()


MARKED = '{"a": "{{ x }}", "b": [{"__ansible_unsafe": "c"}], "d": {"__ansible_unsafe": 1, "e": "f"}, "g": null}'


@pytest.mark.parametrize("trust", [True, False])
@pytest.mark.parametrize("profile", ["legacy", "inventory_legacy", "tagless", None])
def test_texts_of_json_are_as_trusted_as_it_is_unless_they_are_marked(trust: bool, profile: str | None) -> None:
    found = from_json(apply_trust(MARKED) if trust else MARKED, profile)
    marking = profile in {"legacy", "inventory_legacy"}
    assert found["b"] == (["c"] if marking else [{"__ansible_unsafe": "c"}])
    kept = {type(found["a"]), type(found["d"]["e"])}
    assert kept == {Text if trust and marking else str}  # and never a template
    assert (found["d"]["__ansible_unsafe"], found["g"]) == (1, None)
    if marking:
        assert type(found["b"][0]) is str


def test_only_texts_can_be_trusted() -> None:
    text = Text("a")
    assert (apply_trust(text), apply_trust(3)) == (text, 3)
    assert type(apply_trust("{{ a }}")) is Text
