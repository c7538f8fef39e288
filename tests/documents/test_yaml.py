"""YAML as playbooks have it: values, places, trust, bounds, errors."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confman.documents.yaml import load_yaml, load_yaml_file
from confman.errors import ConfmanError, LanguageError
from confman.model.values import Sealed, SourcedDict, SourcedList, Template, Text, is_dynamic


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("010", 8),
        ("0o10", "0o10"),
        ("1_000", 1000),
        ("1e3", "1e3"),
        ("1.0e+3", 1000.0),
        ("12:30:45", 45045),
        ("2024-02-03", datetime.date(2024, 2, 3)),
        ("'yes'", "yes"),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("[1, [2]]", [1, [2]]),
        ("{a: {b: c}}", {"a": {"b": "c"}}),
        ("a: &x 1\nb: *x", {"a": 1, "b": 1}),
        ("a: &x {k: 1}\nb: {<<: *x, l: 2}", {"a": {"k": 1}, "b": {"k": 1, "l": 2}}),
        ("a: &x {k: 1}\nb: {<<: *x, k: 2}", {"a": {"k": 1}, "b": {"k": 2}}),
        (
            "a: &x {k: 1}\nc: &y {k: 3, m: 4}\nb: {<<: [*x, *y]}",
            {"a": {"k": 1}, "c": {"k": 3, "m": 4}, "b": {"k": 1, "m": 4}},
        ),
        ("=: 1", {"=": 1}),
        ("'<<': {k: 1}", {"<<": {"k": 1}}),
        ("! {a: ! 12, b: ! [1]}", {"a": "12", "b": [1]}),
        ("- &x k\n- {*x : 1}\n- *x", ["k", {"k": 1}, "k"]),
        ("? &x a\n: *x", {"a": "a"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("a: >-\n  x\n  y\n", {"a": "x y"}),
    ],
)
def test_values(text: str, value: object) -> None:
    assert load_yaml(text, "f.yml") == value


def test_values_know_their_place() -> None:
    value = load_yaml("a:\n  - b: 'x'\n", "f.yml")
    assert isinstance(value, SourcedDict)
    assert isinstance(value["a"], SourcedList)
    assert str(value["a"][0]["b"].source) == "f.yml:2:8"
    assert str(value["a"][0].key_source("b")) == "f.yml:2:5"


@pytest.mark.parametrize("text", ["{{ x }}", "a {% if x %}b{% endif %}", "{# c #}"])
def test_what_holds_markup_is_a_template(text: str) -> None:
    value = load_yaml(f'a: "{text}"', "f.yml")
    assert isinstance(value["a"], Template)
    assert is_dynamic(value)


def test_plain_text_is_trusted_but_no_template() -> None:
    value = load_yaml("a: b", "f.yml")
    assert type(value["a"]) is Text
    assert not is_dynamic(value)


def test_data_is_not_trusted() -> None:
    value = load_yaml("a: '{{ x }}'", "f.yml", trusted=False)
    assert type(value["a"]) is str


@pytest.mark.parametrize("plain", ["yes", "~", "", "1", "-1", ".5", "+2", "null", "No", "2024-01-01", "TRUE", "off"])
def test_what_a_plain_scalar_means_is_what_pyyaml_says(plain: str) -> None:
    assert load_yaml(f"- {plain}\n- x{plain}\n", "f.yml") == yaml.safe_load(f"- {plain}\n- x{plain}\n")


def test_keys_know_their_place_and_may_be_templates() -> None:
    value = load_yaml("a: 1\n'{{ b }}': 2\n1: 3\n", "f.yml")
    key = list(value)[1]
    assert isinstance(key, Template)
    assert str(key.source) == "f.yml:2:1"
    assert is_dynamic(value)
    assert [str(value.key_source(name)) for name in value] == ["f.yml:1:1", "f.yml:2:1", "f.yml:3:1"]


def test_unsafe_is_data() -> None:
    assert type(load_yaml("a: !unsafe '{{ x }}'", "f.yml")["a"]) is str


def test_containers_tell_whether_a_template_is_inside() -> None:
    value = load_yaml("a: [1, {b: '{{ c }}'}]\nd: [1]", "f.yml")
    assert is_dynamic(value["a"])
    assert not is_dynamic(value["d"])


def test_vaulted_values_are_sealed_until_opened() -> None:
    opened = []

    def opener(text: str) -> str:
        opened.append(text)
        return "plain"

    value = load_yaml("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n", "f.yml", vault=opener)["a"]
    assert isinstance(value, Sealed)
    assert opened == []
    assert "plain" not in repr(value)
    assert value.open() == "plain"
    assert value.open() == "plain"
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("a: b: c", "mapping values are not allowed", 1, 5),
        ("a: [1", "expected ',' or ']'", 2, 1),
        ("a: 'x", "while scanning", 1, 0),
        ("a: *nope", "unknown alias", 1, 4),
        ("- a\n- {{ b }}", "cannot be a key", 2, 4),
        ("a: !!python/object:os.system x", "unsupported YAML tag", 1, 4),
        ("a: !!python/object/apply:os.system ['x']", "unsupported YAML tag", 1, 4),
        ("a: !custom {b: c}", "unsupported YAML tag", 1, 4),
        ("a: 1\n---\nb: 2", "more than one YAML document", 2, 1),
        ("a:\n\t- b", "cannot start any token", 2, 1),
        ("a: !!int x", "cannot read this value", 1, 4),
        ("a: !!int", "does not look like !!int", 1, 4),
        ("a: !!int _", "does not look like !!int", 1, 4),
        ("a: !!float ''", "does not look like !!float", 1, 4),
        ("a: !!bool maybe", "does not look like !!bool", 1, 4),
        ("a: !!timestamp today", "does not look like !!timestamp", 1, 4),
        ("a: !!timestamp 2024-13-01", "month must be in 1..12", 1, 4),
        ("a: !!binary 'é'", "cannot read this value", 1, 4),
        ("<<: 3\na: 1", "can be merged", 0, 0),
        ("a: <<", "unsupported YAML tag", 1, 4),
        ("- <<", "unsupported YAML tag", 1, 3),
        ("a: =", "unsupported YAML tag", 1, 4),
        ("[" * 5000, "nested deeper", 1, 201),
    ],
)
def test_errors_name_the_place(text: str, message: str, line: int, column: int) -> None:
    with pytest.raises(LanguageError) as caught:
        load_yaml(text, "f.yml")
    error = caught.value
    assert message in error.message or message == "while scanning"
    assert error.source is not None
    assert error.source.path == "f.yml"
    if line:
        assert error.source.line == line
    if column:
        assert error.source.column == column


def test_a_billion_laughs_share_one_laugh() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    value = load_yaml("\n".join(lines), "f.yml")
    assert value["a11"][0] is value["a11"][8]


def test_duplicate_keys_are_told() -> None:
    told: list[str] = []
    assert load_yaml("a: 1\na: 2", "f.yml", warn=told.append) == {"a": 2}
    assert told == ["f.yml:2:1: Found duplicate mapping key 'a'"]


def test_files(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text("a: 1")
    (tmp_path / "latin.yml").write_bytes(b"a: 1\nb: \xe9\n")
    (tmp_path / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n00\n")
    assert load_yaml_file(tmp_path / "good.yml") == {"a": 1}
    assert load_yaml_file(tmp_path / "vault.yml", vault=lambda _text: "x: y") == {"x": "y"}
    for name, message in (("none.yml", "No such file"), ("latin.yml", "not UTF-8"), ("vault.yml", "no vault password")):
        with pytest.raises(LanguageError, match=message):
            load_yaml_file(tmp_path / name)


@given(st.text())
def test_no_text_breaks_the_loader(text: str) -> None:
    try:
        load_yaml(text, "f.yml")
    except ConfmanError as error:
        assert error.source is not None


_plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(_plain)
def test_what_is_dumped_is_loaded(value: object) -> None:
    assert load_yaml(yaml.safe_dump(value), "f.yml") == value
