import json
import tomllib
from datetime import UTC, date, datetime

import pytest
import yaml

from confman.errors import InventoryError
from confman.inventory.listing import (
    HIDDEN,
    PROFILE,
    View,
    as_json,
    as_toml,
    as_yaml,
    graph,
    list_inventory,
    nest_inventory,
    table_inventory,
    without_magic,
)
from confman.model.values import Sealed, Template

from .helpers import effective, ini, own

INVENTORY = ini("""
alone
[web]
a x=1
b
[db]
b
[prod:children]
web
db
[prod:vars]
y=2
ansible_group_priority=3
""")


def view(**options):
    return View(INVENTORY, lambda host: effective(INVENTORY, host), **options)


def export():
    return View(INVENTORY, lambda host: own(INVENTORY.hosts[host].vars), lambda group: INVENTORY.groups[group].vars)


def test_the_list():
    assert list_inventory(view()) == {
        "all": {"children": ["ungrouped", "prod"]},
        "ungrouped": {"hosts": ["alone"]},
        "prod": {"children": ["web", "db"]},
        "web": {"hosts": ["a", "b"]},
        "db": {"hosts": ["b"]},
        "_meta": {"hostvars": {"a": {"x": 1, "y": 2}, "b": {"y": 2}}, "profile": PROFILE},
    }


def test_names_in_the_list_are_not_marked_as_data():
    assert "__ansible_unsafe" not in as_json(list_inventory(view()))


def test_the_list_for_export():
    found = list_inventory(export())
    assert found["prod"] == {"children": ["web", "db"], "vars": {"y": 2, "ansible_group_priority": 3}}
    assert found["_meta"]["hostvars"] == {"a": {"x": 1}}


def test_the_list_within_a_limit():
    found = list_inventory(view(hosts={"a"}))
    assert found["web"] == {"hosts": ["a"]}
    assert "db" not in found
    assert list(found["_meta"]["hostvars"]) == ["a"]


def test_the_tree():
    assert nest_inventory(view()) == {
        "all": {
            "children": {
                "ungrouped": {"hosts": {"alone": {}}},
                "prod": {
                    "children": {
                        "web": {"hosts": {"a": {"x": 1, "y": 2}, "b": {"y": 2}}},
                        "db": {"hosts": {"b": {}}},
                    }
                },
            }
        }
    }


def test_the_tables():
    assert table_inventory(export()) == {
        "ungrouped": {"hosts": {"alone": {}}},
        "prod": {"children": ["web", "db"], "vars": {"y": 2, "ansible_group_priority": 3}},
        "web": {"hosts": {"a": {"x": 1}, "b": {}}},
        "db": {"hosts": {"b": {}}},
    }


def test_the_drawing():
    assert graph(view()).splitlines() == [
        "@all:",
        "  |--@ungrouped:",
        "  |  |--alone",
        "  |--@prod:",
        "  |  |--@web:",
        "  |  |  |--a",
        "  |  |  |--b",
        "  |  |--@db:",
        "  |  |  |--b",
    ]


def test_the_drawing_with_variables():
    assert graph(export(), "prod", variables=True).splitlines() == [
        "@prod:",
        "  |--@web:",
        "  |  |--a",
        "  |  |  |--{x = 1}",
        "  |  |--b",
        "  |--@db:",
        "  |  |--b",
        "  |--{ansible_group_priority = 3}",
        "  |--{y = 2}",
    ]


def test_only_groups_are_drawn():
    with pytest.raises(InventoryError, match="'a' is none"):
        graph(view(), "a")


def test_what_a_run_makes_up_is_left_out():
    assert without_magic({"inventory_hostname": "a", "hostvars": {}, "x": 1}) == {"x": 1}


VALUES = {
    "template": Template("{{ a }}"),
    "data": "{{ b }}",
    "secret": Sealed(lambda: "cleartext", ciphertext="$ANSIBLE_VAULT;1.1;AES256\n61\n"),
    "list": [Template("{% c %}"), (1, None)],
    2: True,
}


def test_json_tells_data_from_templates_and_what_is_vaulted():
    assert json.loads(as_json(VALUES)) == {
        "template": "{{ a }}",
        "data": {"__ansible_unsafe": "{{ b }}"},
        "secret": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n61\n"},
        "list": ["{% c %}", [1, None]],
        "2": True,
    }


def test_yaml_keeps_vaulted_what_is():
    assert "secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\n" in as_yaml(VALUES)


def test_yaml_and_toml():
    assert yaml.safe_load(as_yaml(VALUES).replace("!vault", "")) == {
        "template": "{{ a }}",
        "data": "{{ b }}",
        "secret": "$ANSIBLE_VAULT;1.1;AES256\n61\n",
        "list": ["{% c %}", [1, None]],
        2: True,
    }
    assert tomllib.loads(as_toml(VALUES)) == {
        "template": "{{ a }}",
        "data": "{{ b }}",
        "secret": HIDDEN,
        "list": ["{% c %}", [1]],
        "2": True,
    }


@pytest.mark.parametrize("write", [as_json, as_yaml, as_toml])
def test_secrets_are_in_no_form(write):
    assert "cleartext" not in write(VALUES)


def test_dates():
    dates = {"day": date(2024, 1, 2), "times": [datetime(2024, 1, 2, 12, 1, 1), datetime(2024, 1, 2, tzinfo=UTC)]}
    texts = {"day": "2024-01-02", "times": ["2024-01-02T12:01:01", "2024-01-02T00:00:00+00:00"]}
    assert json.loads(as_json(dates)) == texts
    assert tomllib.loads(as_toml(dates)) == texts
    assert yaml.safe_load(as_yaml(dates)) == dates
