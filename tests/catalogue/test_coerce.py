"""Values as types want them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.coerce import coerce, to_bool

KINDS = ("str", "path", "int", "float", "bool", "list", "dict", "json", "bytes", "bits")


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (5, "str", "5"),
        (True, "str", "True"),
        (b"\xff", "str", "\udcff"),
        ("x", "path", "x"),
        ("5", "int", 5),
        (" 5 ", "int", 5),
        (5.0, "int", 5),
        ("5.0", "int", 5),
        (True, "int", 1),
        ("-3", "int", -3),
        ("1.5", "float", 1.5),
        (2, "float", 2.0),
        ("1e3", "float", 1000.0),
        ("yes", "bool", True),
        ("Off", "bool", False),
        (1, "bool", True),
        (0.0, "bool", False),
        ("a,b , c", "list", ["a", "b", "c"]),
        ("", "list", []),
        ("a", "list", ["a"]),
        (5, "list", ["5"]),
        ([1, "x"], "list", [1, "x"]),
        ({"a": 1}, "dict", {"a": 1}),
        ('{"a": 1}', "dict", {"a": 1}),
        (" {'a': True}", "dict", {"a": True}),
        ("a=1 b=2", "dict", {"a": "1", "b": "2"}),
        ("a=1,b='2 3'", "dict", {"a": "1", "b": "2 3"}),
        ("a=b=c", "dict", {"a": "b=c"}),
        ({"a": [1]}, "json", '{"a": [1]}'),
        ([1], "json", "[1]"),
        (' {"a": 1} ', "json", '{"a": 1}'),
        ("10", "bytes", 10),
        (10, "bytes", 10),
        ("1K", "bytes", 1024),
        ("1.5 MB", "bytes", 1572864),
        ("2 GiB", "bytes", 2 << 30),
        ("3 bytes", "bytes", 3),
        ("1Kb", "bits", 1024),
        ("2 Mbits", "bits", 2 << 20),
        (object, "raw", object),
        ("u=rwx", "mode", "u=rwx"),
    ],
)
def test_conversions(value: Any, kind: str, expected: Any) -> None:
    found = coerce(value, kind)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("five", "int"),
        ("1.5", "int"),
        (1.5, "int"),
        ("nan", "int"),
        ("inf", "int"),
        ([], "int"),
        (None, "int"),
        ("", "int"),
        ("x", "float"),
        ([], "float"),
        ("maybe", "bool"),
        (2, "bool"),
        ("", "bool"),
        ([], "bool"),
        ({}, "list"),
        (None, "list"),
        ("x", "dict"),
        ([1], "dict"),
        (5, "dict"),
        ("{a", "dict"),
        ("{1, 2}", "dict"),
        ("{[]: 1}", "dict"),
        ("a='1", "dict"),
        ("a=1 b", "dict"),
        ("{" * 20000, "dict"),
        ('{"a":' * 20000, "dict"),
        ("{__import__('os').system('true'): 1}", "dict"),
        (5, "json"),
        (None, "json"),
        ("K", "bytes"),
        ("1X", "bytes"),
        ("-1", "bytes"),
        ("", "bytes"),
        ("9" * 400, "bytes"),
        ("1 bits", "bytes"),
    ],
)
def test_what_cannot_be_converted(value: Any, kind: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        coerce(value, kind)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
TYPES = {"str": str, "path": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "json": str,
         "bytes": int, "bits": int}  # fmt: skip


@given(ANYTHING, st.sampled_from(KINDS))
def test_a_value_has_its_type_or_is_refused(value: Any, kind: str) -> None:
    try:
        found = coerce(value, kind)
    except (TypeError, ValueError):
        return
    assert isinstance(found, TYPES[kind])


@given(ANYTHING, st.sampled_from([kind for kind in KINDS if kind != "json"]))
def test_twice_is_once(value: Any, kind: str) -> None:
    try:
        once = coerce(value, kind)
    except (TypeError, ValueError):
        return
    assert repr(coerce(once, kind)) == repr(once)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.booleans() | st.none()))
def test_json_of_a_mapping_is_the_mapping(value: dict[str, Any]) -> None:
    assert json.loads(coerce(value, "json")) == value
    assert coerce(json.dumps(value), "dict") == value


@given(st.integers())
def test_numbers_as_text(number: int) -> None:
    assert coerce(str(number), "int") == number


@pytest.mark.parametrize("word", ["y", "YES", "on", "1", "True", " t "])
def test_yes(word: str) -> None:
    assert to_bool(word) is True
    assert to_bool(word.upper()) is True
