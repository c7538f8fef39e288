"""Whatever text is taken for an expression, a template or a version is evaluated or refused: nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import TemplateError
from confman.model.values import Template, Text
from confman.templating.tests.versions import version
from confman.variables.scope import Scope
from tests.engine.stage import make_engine

ENGINE = make_engine()
SCOPE = {"a": "text", "n": 3, "l": [1, "b", None], "d": {"k": "v", "x": [1]}, "evil": "{{ 7777 * 7 }}"}
PIECES = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "a",
    "n",
    "l",
    "d",
    "evil",
    "nope",
    ".k",
    "['x']",
    "[0]",
    "|",
    "~",
    "+",
    "-",
]
PIECES += [
    "*",
    "(",
    ")",
    "is",
    "not",
    "in",
    "if",
    "else",
    "for",
    "set",
    "=",
    "==",
    "'",
    '"',
    "\\",
    "1",
    "2.5",
    ",",
    ":",
]
PIECES += ["join", "default('x')", "upper", "__class__", "|attr('__init__')", "lookup('vars', 'a')", "omit", "\n", " "]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=30)
VERSIONS = st.text("0123456789.abrcpostdev-+!_ ", max_size=12) | st.text(max_size=8)


def scope() -> Scope:
    """Some variables."""
    return Scope((SCOPE,), ENGINE)


@given(TEXTS)
def test_templates(text: str) -> None:
    try:
        value = ENGINE.render(Template(text), scope())
    except TemplateError as error:
        assert error.message
    else:
        assert not isinstance(value, Template)
        assert "54439" not in str(value)


@given(TEXTS)
def test_conditions(text: str) -> None:
    try:
        ENGINE.condition_value(Text(text), scope())
    except TemplateError as error:
        assert error.message


@given(TEXTS)
def test_data_is_no_condition(text: str) -> None:
    if text:
        with pytest.raises(TemplateError):
            ENGINE.condition_value(text, scope())


@given(
    VERSIONS,
    VERSIONS,
    st.sampled_from(["<", ">=", "eq", "ne"]),
    st.sampled_from(["loose", "strict", "semver", "pep440"]),
)
def test_versions(first: str, second: str, operator: str, kind: str) -> None:
    try:
        less = version(first, second, operator, version_type=kind)
    except TemplateError as error:
        assert error.message
    else:
        assert isinstance(less, bool)


@given(VERSIONS, st.sampled_from(["loose", "strict", "semver", "pep440"]))
def test_a_version_is_itself(text: str, kind: str) -> None:
    try:
        assert version(text, text, "eq", version_type=kind)
        assert not version(text, text, "<", version_type=kind)
    except TemplateError as error:
        assert error.message
