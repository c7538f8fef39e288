import pytest

from confman.errors import InventoryError
from confman.inventory.names import CONNECTION_VARIABLES, check_host_name, check_variable
from confman.model.source import Source
from confman.model.values import Template

PLACE = Source("hosts", 3, 1)


@pytest.mark.parametrize("name", ["-a", "--", "-oProxyCommand=touch x", "a\nb", "a\x00", "\x1b[1m", "a\x9bb", "", " "])
def test_bad_names_are_refused(name):
    with pytest.raises(InventoryError) as caught:
        check_host_name(name, PLACE)
    assert caught.value.source is PLACE


@pytest.mark.parametrize("name", ["a", "a-b", "a b", "/srv/x", "2001:db8::1", "ünï", "$(touch x)"])
def test_good_names_pass(name):
    check_host_name(name, PLACE)


@pytest.mark.parametrize("key", sorted(CONNECTION_VARIABLES))
def test_connection_variables_are_checked(key):
    for value in ("-x", "a\nb", -1):
        with pytest.raises(InventoryError, match=key):
            check_variable(key, value, PLACE)
    for value in ("x", 22, Template("-{{ x }}"), None, True):
        check_variable(key, value, PLACE)


def test_other_variables_may_hold_anything():
    check_variable("options", "-x\n", PLACE)
