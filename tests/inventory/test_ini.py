import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import InventoryError
from confman.inventory.ini import parse_ini, python_value
from confman.inventory.options import InventoryOptions
from confman.inventory.queries import hosts_in_group
from confman.model.source import Source
from confman.model.values import SourcedDict, SourcedList, Template, Text

from .helpers import RELAXED, ini, outcome, own

PLACE = Source("hosts", 1, 1)


def test_hosts_before_any_section_are_ungrouped():
    inventory = ini("one\ntwo\n")
    assert inventory.groups["ungrouped"].hosts == ("one", "two")
    assert inventory.hosts["one"].groups == ("ungrouped",)
    assert inventory.groups["all"].children == ("ungrouped",)


def test_sections_name_groups_and_comments_are_passed_over():
    inventory = ini("# c\n; c\n[web]  # the web\none # c\n\n[db]\ntwo\none\n")
    assert inventory.groups["web"].hosts == ("one",)
    assert inventory.groups["db"].hosts == ("two", "one")
    assert inventory.hosts["one"].groups == ("web", "db")
    assert inventory.groups["ungrouped"].hosts == ()


def test_a_section_may_come_twice():
    assert ini("[web]\na\n[db]\nb\n[web]\nc\n").groups["web"].hosts == ("a", "c")


def test_ports_and_ranges():
    inventory = ini("[web]\nweb[01:03]:2222 colour=red\n")
    assert list(inventory.hosts) == ["web01", "web02", "web03"]
    assert own(inventory.hosts["web03"].vars) == {"ansible_port": 2222, "colour": "red"}


def test_the_port_of_the_first_mention_stays():
    inventory = ini("a:1\n[g]\na:2\n")
    assert own(inventory.hosts["a"].vars) == {"ansible_port": 1}


VALUES = [
    ("1", 1),
    ("1.5", 1.5),
    ("0o17", 15),
    ("017", "017"),
    ("True", True),
    ("true", "true"),
    ("None", None),
    ("hello world", "hello world"),
    ("'quoted'", "quoted"),
    ("[1, 'a']", [1, "a"]),
    ("(1, 2)", [1, 2]),
    ("{3, 1, 2}", [1, 2, 3]),
    ("{'a': {'b': 1}}", {"a": {"b": 1}}),
    ("b'bytes'", "bytes"),
    ("1+2j", "(1+2j)"),
    ("...", "..."),
    ("abc", "abc"),
    ("a-b.c/d:e@f", "a-b.c/d:e@f"),
    ("10.0.0.1", "10.0.0.1"),
    ("1.2.3", "1.2.3"),
    ("False", False),
    ("Trues", "Trues"),
    ("Ｔｒｕｅ", "Ｔｒｕｅ"),
    ("inf", "inf"),
    ("1e3", 1000.0),
    ("/etc/x", "/etc/x"),
    ("12345678901234567890", 12345678901234567890),
    ("2001:db8::1", "2001:db8::1"),
    ("1_000", 1000),
    ("-5", -5),
    ("", ""),
    ("a # b", "a # b"),
    ("{{ x }}", "{{ x }}"),
    ("[" * 300, "[" * 300),
    ("-" * 5000 + "1", "-" * 5000 + "1"),
    ("9" * 5000, "9" * 5000),
    ("{[1]: 2}", "{[1]: 2}"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values_are_python_literals_or_text(text, value):
    found = python_value(text, PLACE)
    assert found == value
    assert isinstance(found, bool) == isinstance(value, bool)


@RELAXED
@given(st.text(alphabet="aTrueNone0123456789./:@-_ée", max_size=12))
def test_short_cuts_for_values_change_nothing(text):
    try:
        expected = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        expected = text
    found = python_value(text, PLACE)
    assert type(found) is (Text if isinstance(expected, str | complex) or expected is ... else type(expected))
    assert found == (str(expected) if isinstance(expected, complex) else "..." if expected is ... else expected)


def test_text_is_trusted_and_knows_its_place():
    found = python_value("plain", PLACE)
    assert type(found) is Text
    assert found.source == PLACE


@pytest.mark.parametrize("text", ["{{ x }}", "a{% if b %}", "{# note #}"])
def test_markup_makes_a_template(text):
    assert type(python_value(text, PLACE)) is Template


def test_containers_know_whether_a_template_is_inside():
    found = python_value("[{'a': '{{ x }}'}, 'b']", PLACE)
    assert isinstance(found, SourcedList)
    assert found.dynamic
    assert isinstance(found[0], SourcedDict)
    assert isinstance(found[0]["a"], Template)
    assert not python_value("['a']", PLACE).dynamic


def test_host_lines_are_split_as_a_shell_would():
    inventory = ini("""a b='x y' c="1" d="'1'" e=\\"q\\" f="a#b" g=h#i # note\n""")
    assert own(inventory.hosts["a"].vars) == {"b": "x y", "c": 1, "d": "1", "e": "q", "f": "a#b", "g": "h"}


def test_variables_of_groups_take_the_whole_line():
    inventory = ini("[web]\na\n[web:vars]\nname = two words # and this\nlist=[1, 2]\nempty=\nurl=http://x/?a=b\n")
    assert inventory.groups["web"].vars == {
        "name": "two words # and this",
        "list": [1, 2],
        "empty": "",
        "url": "http://x/?a=b",
    }


def test_a_variables_place_is_known():
    variables = ini("[web]\na\n[web:vars]\n  x=1\n").groups["web"].vars
    assert variables.key_source("x") == Source("hosts", 4, 3)


def test_children_may_be_declared_later():
    inventory = ini("[top:children]\nmiddle\n[middle:children]\nlow\n[low]\na\n")
    assert inventory.groups["top"].children == ("middle",)
    assert hosts_in_group(inventory, "top") == ("a",)
    assert [inventory.groups[name].depth for name in ("all", "top", "middle", "low")] == [0, 1, 2, 3]


def test_variables_may_come_before_their_group():
    assert ini("[web:vars]\na=1\n[web]\nh\n").groups["web"].vars == {"a": 1}


def test_all_and_ungrouped_are_always_declared():
    inventory = ini("[all:vars]\na=1\n[ungrouped:vars]\nb=2\n[all:children]\ng\n[g]\nh\n")
    assert inventory.groups["all"].vars == {"a": 1}
    assert inventory.groups["ungrouped"].vars == {"b": 2}
    assert inventory.groups["g"].depth == 1


def test_groups_of_earlier_sources_are_known():
    statements = parse_ini("[web:vars]\na=1\n", "second", {"web"})
    assert len(statements) == 1


def test_names_of_groups_can_be_changed():
    options = InventoryOptions(group_names="always")
    names = [s.name for s in parse_ini("[a-b:children]\nc.d\n[c.d]\n", "x", options=options) if hasattr(s, "name")]
    assert names == ["a_b", "c_d"]


ERRORS = [
    ("[web\nx", "range", 1),
    ("[web] x\n", "range|section|form|brackets", 1),
    ("[we b]\n", "section", 1),
    ("[]\n", "section", 1),
    ("a\n[web:hosts:vars]\n", "section", 2),
    ("[web:hots]\n", "kind of section", 1),
    ("a\nb 'unclosed\n", "split", 2),
    ("a b\n", "key=value", 1),
    ("---\nall:\n", "YAML", 1),
    ("all:\n", "colon", 1),
    ("[web]\na\n[web:vars]\nnovalue\n", "key=value", 4),
    ("[web:children]\ntwo words\n", "group's name", 2),
    ("x\n[web:children]\nnone\n", "'none', which is declared nowhere", 3),
    ("[web:vars]\na=1\n", "'web', which is declared nowhere", 1),
    ("a[1:2\n", "not a range", 1),
    ("''\n", "empty", 1),
    ("-oProxyCommand=x\n", "begin with '-'", 1),
    ("a ansible_host=-oX\n", "ansible_host", 1),
    ("a ansible_user=-l\n", "ansible_user", 1),
    ("a ansible_port=-1\n", "ansible_port", 1),
    ("'a\x07b'\n", "control", 1),
    ("[a]\n[b]\n[a:children]\na\n", "own child", 4),
    ("[a]\n[b]\n[a:children]\nb\n[b:children]\na\n", "above it already", 6),
    ("[a]\n[a:children]\nall\n", "above it already", 3),
    ("[a]\nx\n[a:vars]\nansible_group_priority=high\n", "whole number", 4),
]


@pytest.mark.parametrize(("text", "fault", "line"), ERRORS)
def test_errors_name_the_line(text, fault, line):
    with pytest.raises(InventoryError, match=fault) as caught:
        ini(text)
    assert caught.value.source is not None
    assert (caught.value.source.path, caught.value.source.line) == ("hosts", line)


def test_a_host_variable_may_hold_a_template_for_an_address():
    assert isinstance(ini("a ansible_host='{{ b }}'\n").hosts["a"].vars["ansible_host"], Template)


def test_other_encodings_are_allowed_in_comments_only():
    assert [s.name for s in parse_ini(b"# caf\xe9\na\n", "x")] == ["a"]
    with pytest.raises(InventoryError, match="UTF-8") as caught:
        parse_ini(b"a\ncaf\xe9\n", "x")
    assert caught.value.source == Source("x", 2)


def test_a_byte_order_mark_is_dropped():
    assert [s.name for s in parse_ini("\ufeff[web]\n".encode(), "x")] == ["web"]
    assert [s.name for s in parse_ini("\ufeff[web]\n", "x")] == ["web"]


@RELAXED
@given(st.text(alphabet="[]:=#;'\"\\ \n\tabcw0123é{}-", max_size=80))
def test_any_text_is_read_or_refused_with_its_place(text):
    _, error = outcome(lambda: ini(text))
    assert error is None or error.source is not None
    assert error is None or 0 < error.source.line <= len(text.splitlines())
