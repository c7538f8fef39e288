import pytest

from confman.errors import InventoryError
from confman.inventory.builder import Builder, merged
from confman.inventory.ini import parse_ini
from confman.inventory.options import InventoryOptions
from confman.model.values import SourcedDict, Template

from .helpers import collected, effective, ini, own


def two(first, second, **options):
    settings = InventoryOptions(**options)
    builder = Builder(settings)
    for number, text in enumerate([first, second]):
        builder.apply(parse_ini(text, f"f{number}", builder.groups, settings), f"/i/f{number}", "/i")
    return builder.finish(())


def test_later_sources_win_and_add():
    inventory = two("[web]\na x=1 y=1\n[web:vars]\nv=1\n", "[web]\na x=2\nb\n[web:vars]\nv=2\n")
    assert own(inventory.hosts["a"].vars) == {"x": 2, "y": 1}
    assert inventory.groups["web"].hosts == ("a", "b")
    assert inventory.groups["web"].vars == {"v": 2}


def test_a_host_knows_the_file_of_its_first_mention():
    variables = two("a\n", "a\nb\n").hosts["a"].vars
    assert (variables["inventory_file"], variables["inventory_dir"]) == ("/i/f0", "/i")


def test_hashes_are_replaced_or_merged():
    first, second = "a x=\"{'p':1,'q':{'r':1}}\"\n", "a x=\"{'q':{'s':2}}\"\n"
    assert two(first, second).hosts["a"].vars["x"] == {"q": {"s": 2}}
    assert two(first, second, merge_hashes=True).hosts["a"].vars["x"] == {"p": 1, "q": {"r": 1, "s": 2}}


def test_merging_does_not_touch_what_is_merged_and_keeps_templates_in_sight():
    below, above = SourcedDict({"a": {"b": 1}}), {"a": {"c": Template("{{ x }}")}}
    result = merged(below, above)
    assert result == {"a": {"b": 1, "c": "{{ x }}"}}
    assert result.dynamic
    assert below == {"a": {"b": 1}}


def test_a_host_leaves_ungrouped_when_a_later_source_groups_it():
    inventory = two("a\nb\n", "[web]\na\n")
    assert inventory.groups["ungrouped"].hosts == ("b",)
    assert inventory.hosts["a"].groups == ("web",)


def test_a_host_of_all_alone_is_ungrouped():
    inventory = ini("[all]\na\n")
    assert inventory.hosts["a"].groups == ("all", "ungrouped")
    assert inventory.groups["ungrouped"].hosts == ("a",)


def test_every_group_is_below_all():
    inventory = ini("[a]\n[b]\n[c:children]\nb\n")
    assert inventory.groups["all"].children == ("ungrouped", "a", "c")


def test_depth_is_the_longest_way():
    inventory = ini("[top:children]\na\nb\n[a:children]\nb\n[b]\nh\n")
    assert {name: group.depth for name, group in inventory.groups.items()} == {
        "all": 0,
        "ungrouped": 1,
        "top": 1,
        "a": 2,
        "b": 3,
    }


def test_deeper_groups_override_and_priority_decides_between_equals():
    text = "[top:children]\na\nb\n[a]\nh\n[b]\nh\n[a:vars]\nx=a\n[b:vars]\nx=b\n[top:vars]\nx=top\ny=top\n"
    assert effective(ini(text), "h") == {"x": "b", "y": "top"}
    assert effective(ini(text + "[a:vars]\nansible_group_priority=9\n"), "h") == {"x": "a", "y": "top"}


def test_odd_names_are_reported_once():
    warnings = []
    settings = collected(warnings)
    builder = Builder(settings)
    builder.apply(parse_ini("[a-b]\nh 1x=1 class=2\ni 1x=1\n[c.d]\n[e]\n", "f", options=settings), "f", None)
    builder.finish(())
    assert len(warnings) == 3
    assert "a-b, c.d" in warnings[0]
    assert "'1x'" in warnings[1]
    assert "'class'" in warnings[2]


@pytest.mark.parametrize("kind", ["ignore", "silently"])
def test_odd_names_of_groups_can_be_quiet(kind):
    warnings = []
    settings = collected(warnings, group_names=kind)
    builder = Builder(settings)
    builder.apply(parse_ini("[a-b]\nh\n", "f", options=settings), "f", None)
    builder.finish(())
    assert warnings == []


def test_a_name_for_both_is_reported_and_its_variables_are_the_groups():
    warnings = []
    settings = collected(warnings)
    builder = Builder(settings)
    builder.apply(parse_ini("[web]\nweb x=1\n", "f", options=settings), "f", None)
    inventory = builder.finish(())
    assert warnings == ["'web' is the name of a group and of a host"]
    assert inventory.groups["web"].vars["x"] == 1


def test_a_second_name_of_the_controller_is_reported():
    warnings = []
    settings = collected(warnings)
    builder = Builder(settings)
    builder.apply(parse_ini("localhost\n127.0.0.1\n", "f", options=settings), "f", None)
    assert len(warnings) == 1
    assert "127.0.0.1" in warnings[0]


def test_loops_over_several_sources_are_refused():
    with pytest.raises(InventoryError, match="above it already") as caught:
        two("[a:children]\nb\n[b:children]\nc\n[c]\n", "[c:children]\na\n")
    assert str(caught.value.source) == "f1:2:1"
