import pytest

from confman.errors import InventoryError
from confman.inventory.host_list import parse_host_list


def names(text):
    return [(statement.name, statement.port) for statement in parse_host_list(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,", [("a", None)]),
        ("a, b:22 ,", [("a", None), ("b", 22)]),
        ("web[1:2],x", [("web1", None), ("web2", None), ("x", None)]),
        ("::1,", [("::1", None)]),
        (",", []),
    ],
)
def test_host_lists(text, expected):
    assert names(text) == expected


def test_bad_ranges_are_refused():
    with pytest.raises(InventoryError) as caught:
        parse_host_list("a[2:1],")
    assert str(caught.value.source) == "<host list>"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a[1:],b", "has no end: a host range must specify end value"),
        ("a[1],b", "is not begin:end or begin:end:step"),
        ("a[01:100],b", "begins with a zero, so both ends must be equally long"),
        ("a[f:b],b", "ends before it begins"),
    ],
)
def test_what_is_no_range_can_be_a_name(text, fault):
    remarks = []
    statements = parse_host_list(text, remarks.append)
    name = text.split(",")[0]
    assert [statement.name for statement in statements] == [name, "b"]
    assert remarks == [f"Unable to parse address from hostname, leaving unchanged: The range in {name!r} {fault}"]
    with pytest.raises(InventoryError):
        parse_host_list(text)


@pytest.mark.parametrize("text", ["a[1:j],", "a[3:1],", "a[1:9:x],", "a[1:9:0],", "a[0:9999999],"])
def test_ranges_without_sense_are_errors_for_everybody(text):
    remarks = []
    for remark in (None, remarks.append):
        with pytest.raises(InventoryError):
            parse_host_list(text, remark)
    assert remarks == []
