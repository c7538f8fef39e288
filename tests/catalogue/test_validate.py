"""Arguments against specifications."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.signature import parse_options, parse_rules
from confman.catalogue.validate import Checked, check_arguments, check_options
from confman.model.call import Blob
from confman.model.spec import Spec

OPTIONS = {
    "name": {"required": True, "aliases": ["title", "label"]},
    "count": {"type": "int", "default": 1},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "secure": {"choices": ["yes", "no", "auto"]},
    "level": {"type": "int", "choices": [1, 2]},
    "sizes": {"type": "list", "elements": "int"},
    "flags": {"type": "list", "elements": "str", "choices": ["a", "b"]},
    "token": {"no_log": True},
    "pin": {"type": "int", "no_log": True},
    "owner": {
        "type": "dict",
        "options": {"user": {"required": True}, "group": {}, "password": {"no_log": True}},
        "mutually_exclusive": [["user", "group"]],
    },
    "ports": {"type": "list", "elements": "dict", "options": {"port": {"type": "int", "required": True}}},
}
DEFAULTS = {name: option.get("default") for name, option in OPTIONS.items()}


def check(given: dict[str, Any], extra: bool = False, **rules: Any) -> Checked:
    """Arguments of a module `probe`."""
    return check_arguments(Spec("probe", "/probe.py", parse_options(OPTIONS), parse_rules(rules), extra=extra), given)


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ({"name": "x"}, {"name": "x"}),
        ({"title": "x"}, {"name": "x"}),
        ({"label": 5}, {"name": "5"}),
        ({"name": None, "label": "x"}, {"name": "x"}),
        ({"name": "x", "count": "3"}, {"name": "x", "count": 3}),
        ({"name": "x", "count": None}, {"name": "x", "count": 1}),
        ({"name": "x", "secure": True}, {"name": "x", "secure": "yes"}),
        ({"name": "x", "secure": False}, {"name": "x", "secure": "no"}),
        ({"name": "x", "level": "2"}, {"name": "x", "level": 2}),
        ({"name": "x", "sizes": "1,2"}, {"name": "x", "sizes": [1, 2]}),
        ({"name": "x", "flags": ["a"]}, {"name": "x", "flags": ["a"]}),
        ({"name": "x", "owner": "user=u"}, {"name": "x", "owner": {"user": "u", "group": None, "password": None}}),
        (
            {"name": "x", "ports": [{"port": "80"}, {"port": 443}]},
            {"name": "x", "ports": [{"port": 80}, {"port": 443}]},
        ),
    ],
)
def test_arguments_that_fit(given: dict[str, Any], arguments: dict[str, Any]) -> None:
    checked = check(given)
    assert checked.errors == []
    assert checked.arguments == {**DEFAULTS, **arguments}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, ["missing required arguments: name"]),
        ({"name": None}, ["argument 'name' is of type NoneType and we were unable to convert to str"]),
        ({"name": "x", "count": "many"}, ["argument 'count' is of type str and we were unable to convert"]),
        ({"name": "x", "state": "gone"}, ["value of state must be one of: present, absent, got: gone"]),
        ({"name": "x", "level": 3}, ["value of level must be one of: 1, 2, got: 3"]),
        ({"name": "x", "flags": "a,c,d"}, ["value of flags must be one or more of: a, b, got: c, d"]),
        ({"name": "x", "sizes": "1,b"}, ["Elements value for option 'sizes' is of type str and we were unable to"]),
        ({"name": "x", "owner": {}}, ["missing required arguments: user found in owner"]),
        (
            {"name": "x", "owner": {"user": "a", "group": "b"}},
            ["parameters are mutually exclusive: user|group found in"],
        ),
        (
            {"name": "x", "owner": {"user": "a", "usr": 1}},
            ["Unsupported parameters for (probe) module: owner.usr. Supported parameters"],
        ),
        (
            {"name": "x", "ports": [{"port": 1}, {"port": "b"}]},
            ["argument 'port' is of type str found in 'ports'. and we were"],
        ),
        ({"name": "x", "ports": [5]}, ["Elements value for option 'ports'", "value of 'ports' must be of type dict"]),
        ({"name": "x", "cuont": 3}, ["Unsupported parameters for (probe) module: cuont. Did you mean 'count'?"]),
        (
            {"count": "x", "what": 1},
            ["Unsupported parameters for (probe) module: what.", "argument 'count'", "missing"],
        ),
    ],
)
def test_arguments_that_do_not_fit(given: dict[str, Any], errors: list[str]) -> None:
    found = check(given).errors
    assert len(found) == len(errors)
    for text, start in zip(found, errors, strict=True):
        assert text.startswith(start)


@pytest.mark.parametrize(
    ("rules", "given", "errors"),
    [
        ({"exclusive": [["count", "level"]]}, {"count": 1, "level": 1}, ["parameters are mutually exclusive: count|level"]),
        ({"exclusive": [["count", "level"]]}, {"count": 1}, []),
        ({"exclusive": [["count", "level"]]}, {"count": None, "level": 1}, []),
        ({"one_of": [["level", "sizes"]]}, {}, ["one of the following is required: level, sizes"]),
        ({"one_of": [["level", "sizes"]]}, {"sizes": "1"}, []),
        ({"one_of": [["count", "sizes"]]}, {}, ["one of the following is required: count, sizes"]),
        ({"together": [["level", "sizes"]]}, {"level": 1}, ["parameters are required together: level, sizes"]),
        ({"together": [["level", "sizes"]]}, {"level": 1, "sizes": "1"}, []),
        ({"together": [["level", "sizes"]]}, {}, []),
        ({"required_by": {"level": ["sizes", "token"]}}, {"level": 1}, ["missing parameter(s) required by 'level': sizes, token"]),
        ({"required_by": {"level": "sizes"}}, {"sizes": "1"}, []),
        ({"required_if": [["state", "present", ["level"]]]}, {}, ["state is present but all of the following are missing: level"]),
        ({"required_if": [["state", "present", ["level"]]]}, {"state": "absent"}, []),
        ({"required_if": [["state", "absent", ["level", "sizes"], True]]}, {"state": "absent", "level": 1}, []),
        ({"required_if": [["state", "absent", ["level", "sizes"], True]]}, {"state": "absent"},
         ["state is absent but any of the following are missing: level, sizes"]),
        ({"required_if": [["state", "absent", ["level", "sizes"]]]}, {"state": "absent", "level": 1},
         ["state is absent but all of the following are missing: sizes"]),
    ],
)  # fmt: skip
def test_rules(rules: dict[str, Any], given: dict[str, Any], errors: list[str]) -> None:
    assert check({"name": "x", **given}, **rules).errors == errors


def test_an_alias_counts_for_rules() -> None:
    assert check({"title": "x", "count": 1}, exclusive=[["name", "count"]]).errors


def test_further_arguments_where_they_are_welcome() -> None:
    checked = check({"name": "x", "further": 1}, extra=True)
    assert checked.errors == []
    assert checked.arguments["extra"] == {"further": 1}


def test_content_goes_through_untouched() -> None:
    blob = Blob(b"x")
    assert check({"name": blob}).arguments["name"] is blob


SECRET = "hunter2"


@pytest.mark.parametrize(
    "given",
    [
        {"token": SECRET},
        {"token": SECRET, "state": "gone"},
        {"pin": SECRET},
        {"owner": {"user": "u", "password": SECRET}},
        {"owner": {"password": SECRET}},
        {"token": [SECRET, "other"]},
    ],
)
def test_secrets_are_told_and_are_in_no_error(given: dict[str, Any]) -> None:
    checked = check({"name": "x", **given})
    assert SECRET in checked.secrets
    assert not any(SECRET in error for error in checked.errors)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["user", "port", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*OPTIONS, "title", "unknown"]), ANYTHING, max_size=5))
def test_whatever_is_given_is_checked(given: dict[str, Any]) -> None:
    checked = check(given)
    assert all(isinstance(error, str) and error for error in checked.errors)
    if checked.errors:
        return
    assert set(checked.arguments) == set(OPTIONS)
    assert isinstance(checked.arguments["name"], str)
    assert isinstance(checked.arguments["count"], int)
    assert checked.arguments["state"] in {"present", "absent"}
    assert set(checked.arguments["flags"] or ()) <= {"a", "b"}
    assert all(isinstance(entry["port"], int) for entry in checked.arguments["ports"] or ())


@given(st.dictionaries(st.sampled_from([*OPTIONS, "title"]), ANYTHING, max_size=5))
def test_checked_arguments_fit_again(given: dict[str, Any]) -> None:
    first = check(given)
    if not first.errors:
        again = check(first.arguments)
        assert again.errors == []
        assert repr(again.arguments) == repr(first.arguments)


def test_options_without_rules() -> None:
    assert check_options(parse_options({"a": None}), None, {"a": "x", "b": 1}).unknown == ["b"]


NESTED = {
    "a": {"type": "dict", "options": {"b": {"type": "dict", "options": {"c": {"type": "int", "required": True}}}}}
}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"a": {"b": {}}}, ["missing required arguments: c found in a -> b"]),
        (
            {"a": {"b": {"c": "x"}}},
            ["argument 'c' is of type str found in 'a -> b'. and we were unable to convert to int"],
        ),
        ({"a": {"b": {"c": 1, "d": 2}}}, ["a.b.d. Supported parameters include: c."]),
        ({"a": {"b": "x=1"}}, ["missing required arguments: c found in a -> b", "a.b.x. Supported"]),
    ],
)
def test_errors_of_suboptions_name_the_options_around(given, errors):
    parsed = parse_options({"_": {"type": "dict", "options": NESTED}})["_"]
    found = check_options(parsed.options or {}, None, given).errors
    assert len(found) == len(errors)
    assert all(text.startswith(begin) for text, begin in zip(found, errors, strict=True)), found


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("raw", ""),
        ("str", "'None' is not a string and conversion is not allowed"),
        ("int", '"None" cannot be converted to an int'),
        ("list", "<class 'NoneType'> cannot be converted to a list"),
        ("dict", "<class 'NoneType'> cannot be converted to a dict"),
    ],
)
def test_nothing_as_the_value_of_what_is_required(kind, error):
    parameters = parse_options({"x": {"type": kind, "required": True}})
    checked = check_options(parameters, None, {"x": None})
    begin = f"argument 'x' is of type NoneType and we were unable to convert to {kind}: {error}"
    assert checked.errors == ([begin] if error else [])
