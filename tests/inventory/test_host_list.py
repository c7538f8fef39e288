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
