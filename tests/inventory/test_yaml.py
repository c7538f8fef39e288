import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import ConfmanError
from confman.inventory.builder import Builder
from confman.inventory.yaml import parse_yaml, read_document
from confman.model.source import Source
from confman.model.values import Sealed, Template

from .helpers import RELAXED, collected, outcome, own


def load(text, **options):
    warnings = []
    settings = collected(warnings, **options)
    builder = Builder(settings)
    builder.apply(parse_yaml(read_document(text, "i.yml", settings), "i.yml", settings), "i.yml", "/inv")
    return builder.finish(()), warnings


TREE = """
all:
  hosts:
    alone:
  vars:
    everywhere: true
  children:
    web:
      hosts:
        web[1:2]:2222:
          colour: red
          list: ["{{ x }}"]
        other
      vars:
        ansible_group_priority: 7
        port: 80
    db:
      children:
        mysql:
          hosts: one
"""


def test_a_tree_of_groups():
    text = TREE.replace("        other\n", "")
    inventory, warnings = load(text)
    assert list(inventory.hosts) == ["alone", "web1", "web2", "one"]
    assert own(inventory.hosts["web2"].vars) == {"ansible_port": 2222, "colour": "red", "list": ["{{ x }}"]}
    assert isinstance(inventory.hosts["web1"].vars["list"][0], Template)
    assert inventory.groups["web"].priority == 7
    assert inventory.groups["web"].vars == {"port": 80}
    assert inventory.groups["all"].vars == {"everywhere": True}
    assert inventory.groups["all"].children == ("ungrouped", "web", "db")
    assert inventory.groups["mysql"].hosts == ("one",)
    assert inventory.hosts["alone"].groups == ("all", "ungrouped")
    assert warnings == []


def test_groups_may_stand_at_the_top():
    inventory, _ = load("web: {hosts: {a: }}\ndb: {hosts: {a: {x: 1}, b: }}\n")
    assert inventory.hosts["a"].groups == ("web", "db")
    assert own(inventory.hosts["a"].vars) == {"x": 1}
    assert inventory.groups["all"].children == ("ungrouped", "web", "db")


def test_empty_parts_are_allowed():
    inventory, warnings = load("all:\n  hosts:\n  vars:\n  children:\n    web:\n")
    assert list(inventory.groups) == ["all", "ungrouped", "web"]
    assert warnings == []


def test_places_are_known():
    inventory, _ = load("all:\n  hosts:\n    a:\n      x: 1\n  vars:\n    y: 2\n")
    assert inventory.hosts["a"].vars.source == Source("i.yml", 3, 5)
    assert inventory.hosts["a"].vars.key_source("x") == Source("i.yml", 4, 7)
    assert inventory.groups["all"].vars["y"] == 2


def test_vaulted_values_stay_sealed_until_they_are_used():
    asked = []
    text = "all:\n  vars:\n    secret: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162\n"
    inventory, _ = load(text, vault=lambda sealed: asked.append(sealed) or "open")
    value = inventory.groups["all"].vars["secret"]
    assert isinstance(value, Sealed)
    assert asked == []
    assert value.open() == "open"


def test_json_is_read_even_with_tabs():
    inventory, _ = load('{\n\t"all": {\n\t\t"hosts": {"a": {"x": "{{ y }}"}}\n\t}\n}\n')
    assert isinstance(inventory.hosts["a"].vars["x"], Template)


def test_what_is_no_group_is_passed_over_with_a_warning():
    inventory, warnings = load("web: [a]\nall:\n  hsots: {a: }\n  other: 3\n")
    assert list(inventory.hosts) == []
    assert [warning.split(" ", 1)[0] for warning in warnings] == ["i.yml:1:1:", "i.yml:3:3:", "i.yml:4:3:"]


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("", "empty", 0),
        ("- a\n", "a list", 1),
        ("just text", "text", 1),
        ("a:\n  hosts: [b]\n", "'hosts' of the group 'a' must be a mapping", 2),
        ("a:\n  vars: 3\n", "must be a mapping", 2),
        ("a:\n  children:\n    - b\n", "must be a mapping", 2),
        ("a:\n  children:\n    b: [c]\n", "child group 'b'", 3),
        ("a:\n  hosts:\n    1:\n", "host's name 1 is not text", 3),
        ("1:\n  hosts:\n", "group's name 1 is not text", 1),
        ("a:\n  hosts:\n    b: [1]\n", "variables of 'b'", 3),
        ("a:\n  hosts:\n    b: text\n", "variables of 'b'", 3),
        ('a:\n  hosts:\n    "b[1:":\n', "not a range", 3),
        ('a:\n  hosts:\n    "b[2:1]":\n', "ends before", 3),
        ('a:\n  hosts:\n    "-b":\n', "begin with '-'", 3),
        ("a:\n  hosts:\n    b:\n      ansible_host: -x\n", "ansible_host", 4),
        ("a:\n  hosts:\n    b:\n      1: x\n", "variable's name 1", 4),
        ("a:\n  children:\n    b:\n      children:\n        a:\n", "above it already", 3),
        ("plugin: amazon\n", "plugin", 1),
        ("a:\n\tb: c\n", "YAML", 2),
        ("a: !!python/object/apply:os.system [ls]\n", "tag", 1),
    ],
)
def test_errors_name_the_line(text, fault, line):
    with pytest.raises(ConfmanError, match=fault) as caught:
        load(text)
    assert caught.value.source is not None
    assert (caught.value.source.path, caught.value.source.line) == ("i.yml", line)


def test_deep_nesting_is_refused():
    text = "".join(f"{'  ' * level}{'a' if level == 0 else ''}g{level}: {{children: " for level in range(90))
    with pytest.raises(ConfmanError):
        load("{" * 150 + text)


KEYS = st.sampled_from(["all", "web", "hosts", "vars", "children", "a[1:2]", "-x", "", "plugin"])
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@RELAXED
@given(st.dictionaries(KEYS | st.integers(), VALUES, max_size=3))
def test_any_document_is_read_or_refused(data):
    _, error = outcome(lambda: parse_yaml(data, "i.yml"))
    assert error is None or error.source is not None
