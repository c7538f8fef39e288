import pytest

from confman.errors import InventoryError
from confman.inventory.options import InventoryOptions, is_plain_name


@pytest.mark.parametrize(
    ("kind", "name"), [("never", "a-b.c"), ("ignore", "a-b.c"), ("always", "a_b_c"), ("silently", "a_b_c")]
)
def test_names_of_groups(kind, name):
    assert InventoryOptions(group_names=kind).group_name("a-b.c") == name


def test_a_leading_digit_is_changed():
    assert InventoryOptions(group_names="always").group_name("1a") == "_a"


@pytest.mark.parametrize(("name", "plain"), [("a_b", True), ("ä", True), ("1a", False), ("a-b", False), ("a b", False)])
def test_plain_names(name, plain):
    assert is_plain_name(name) is plain


@pytest.mark.parametrize("name", [".git", "host_vars", "group_vars", "x.pyc", "x~", "README.md", "a.retry", "skip"])
def test_entries_that_are_passed_over(name):
    assert InventoryOptions(ignored_patterns=("^skip$",)).ignores().search(name)


@pytest.mark.parametrize("name", ["hosts", "host_vars2", "x.pyc.yml", "skipper"])
def test_entries_that_are_read(name):
    assert not InventoryOptions(ignored_patterns=("^skip$",)).ignores().search(name)


def test_bad_expressions_are_refused():
    with pytest.raises(InventoryError):
        InventoryOptions(ignored_patterns=("[",)).ignores()
