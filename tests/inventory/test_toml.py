import tomllib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import InventoryError
from confman.inventory.builder import Builder
from confman.inventory.options import InventoryOptions
from confman.inventory.toml import parse_toml, toml_text
from confman.model.source import Source
from confman.model.values import Template

from .helpers import RELAXED, collected, outcome, own


def load(text, **options):
    warnings = []
    settings = collected(warnings, **options)
    builder = Builder(settings)
    builder.apply(parse_toml(text, "i.toml", settings), "i.toml", "/inv")
    return builder.finish(()), warnings


def test_tables_are_groups():
    inventory, warnings = load("""
[all.vars]
deep = { a = "{{ x }}", when = 2020-01-02 }
[web]
children = ["apache", "nginx"]
vars = { port = 8080 }
[web.hosts]
"web[1:2]:22" = {}
other = { colour = "red" }
[apache.hosts.tomcat]
""")
    assert list(inventory.hosts) == ["web1", "web2", "other", "tomcat"]
    assert own(inventory.hosts["web2"].vars) == {"ansible_port": 22}
    assert own(inventory.hosts["other"].vars) == {"colour": "red"}
    assert inventory.groups["web"].children == ("apache", "nginx")
    assert inventory.groups["web"].vars == {"port": 8080}
    assert inventory.groups["all"].vars == {"deep": {"a": "{{ x }}", "when": date(2020, 1, 2)}}
    assert isinstance(inventory.groups["all"].vars["deep"]["a"], Template)
    assert warnings == []


def test_what_is_no_group_is_passed_over_with_a_warning():
    inventory, warnings = load("web = 3\n[db]\nother = 1\n")
    assert list(inventory.groups) == ["all", "ungrouped", "db"]
    assert len(warnings) == 2
    assert "'web'" in warnings[0]
    assert "'other'" in warnings[1]


def test_names_of_groups_can_be_changed():
    inventory, _ = load('["a-b"]\nchildren = ["c-d"]\n', group_names="silently")
    assert inventory.groups["a_b"].children == ("c_d",)


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("", "empty", 0),
        ("[web\n", "Not valid TOML", 1),
        ("[web]\nx = \n", "Not valid TOML", 2),
        ('plugin = "x"\n', "plugin", 0),
        ("[web]\nvars = 1\n", "'vars' of the group 'web' must be a table", 0),
        ("[web]\nchildren = {}\n", "must be a list", 0),
        ("[web]\nchildren = [1]\n", "not a name", 0),
        ('[web]\nhosts = ["a"]\n', "must be a table", 0),
        ("[web.hosts]\na = 1\n", "variables of 'a'", 0),
        ("a = " + "[" * 3000, "Not valid TOML", 0),
        ("[a.vars]\nx = " + "[" * 150 + "]" * 150, "nested deeper", 0),
    ],
)
def test_errors_name_the_place(text, fault, line):
    with pytest.raises(InventoryError, match=fault) as caught:
        load(text)
    assert caught.value.source is not None
    assert caught.value.source.path == "i.toml"
    assert caught.value.source.line == line or line == 0


VALUES = st.recursive(
    st.integers(-(2**60), 2**60)
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=8,
)


@RELAXED
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES, max_size=4))
def test_written_text_is_read_back(data):
    assert tomllib.loads(toml_text(data)) == data


def test_nulls_are_left_out():
    assert tomllib.loads(toml_text({"a": None, "b": [1, None], "c": [{"d": None, "e": 1}]})) == {
        "b": [1],
        "c": [{"e": 1}],
    }


@RELAXED
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    _, error = outcome(lambda: parse_toml(text, "i.toml", InventoryOptions()))
    assert error is None or isinstance(error.source, Source)
