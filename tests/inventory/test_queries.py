import pytest

from confman.errors import InventoryError
from confman.inventory.queries import (
    Lineage,
    ancestors,
    find_host,
    group_hosts,
    group_names,
    groups_of,
    hosts_in_group,
    implicit_localhost,
)

from .helpers import ini

INVENTORY = ini("""
alone
[web]
a
b
[db]
b
c
[prod:children]
db
web
[region:children]
prod
[other:children]
web
[web:vars]
ansible_group_priority=5
""")


def test_ancestors_come_nearest_first():
    assert ancestors(INVENTORY, "web") == ("prod", "other", "region", "all")
    assert ancestors(INVENTORY, "all") == ()


def test_groups_of_a_host_by_depth_priority_and_name():
    found = [group.name for group in groups_of(INVENTORY, "b")]
    assert found == ["all", "other", "region", "prod", "db", "web"]


def test_a_host_without_place_has_all():
    assert [group.name for group in groups_of(INVENTORY, "localhost")] == ["all"]


def test_lineage_answers_for_many():
    lineage = Lineage(INVENTORY)
    assert all(lineage.groups_of(host) == groups_of(INVENTORY, host) for host in INVENTORY.hosts)
    assert lineage.groups_of("a") is lineage.groups_of("a")


def test_group_names_leave_all_out():
    assert group_names(INVENTORY, "a") == ("other", "prod", "region", "web")
    assert group_names(INVENTORY, "alone") == ("ungrouped",)
    assert group_names(INVENTORY, "localhost") == ()


def test_hosts_in_a_group_nearest_groups_first():
    assert hosts_in_group(INVENTORY, "region") == ("b", "c", "a")
    assert hosts_in_group(INVENTORY, "web") == ("a", "b")
    with pytest.raises(InventoryError, match="'none'"):
        hosts_in_group(INVENTORY, "none")


def test_groups_with_their_hosts():
    found = group_hosts(INVENTORY)
    assert found["all"] == ("alone", "a", "b", "c")
    assert found["db"] == ("b", "c")
    assert list(found) == list(INVENTORY.groups)


def test_hosts_are_found_and_localhost_is_made_up():
    assert find_host(INVENTORY, "a") is INVENTORY.hosts["a"]
    assert find_host(INVENTORY, "none") is None
    found = find_host(INVENTORY, "localhost")
    assert found is not None
    assert found == implicit_localhost()
    assert found.vars["ansible_connection"] == "local"
    assert found.vars["ansible_python_interpreter"]
    assert found.groups == ()


def test_localhost_under_another_name():
    inventory = ini("127.0.0.1 x=1\n")
    assert find_host(inventory, "localhost") is inventory.hosts["127.0.0.1"]
