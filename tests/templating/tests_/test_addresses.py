"""Tests of addresses in expressions."""

import pytest

from confman.errors import TemplateError

from ..helpers import World

TRUE = [
    "'10.0.0.1' is ansible.utils.ip",
    "'10.0.0.0/8' is ip",
    "'10.0.0.1/8' is not ip",
    "'10.0.0.0/8' is not ip_address",
    "'::1' is ip_address",
    "'10.0.0.0/8' is ansible.utils.ipv4",
    "'::/8' is not ipv4",
    "'::/8' is ipv6",
    "'10.0.0.1' is ipv4_address",
    "'::1' is not ipv4_address",
    "'::1' is ipv6_address",
    "'x' is not ipv6_address",
    "'255.255.255.0' is ipv4_netmask",
    "'255.0.255.0' is not ipv4_netmask",
    "'0.0.0.255' is ipv4_hostmask",
    "'::ffff:1.2.3.4' is ipv6_ipv4_mapped",
    "'2002:c0a8::1' is ipv6_sixtofour",
    "'2001::1' is ipv6_teredo",
    "'1.2.3.4' is not ipv6_teredo",
    "'127.0.0.1' is loopback",
    "'224.0.0.1' is multicast",
    "'10.1.1.1' is private",
    "'8.8.8.8' is public",
    "'253.0.0.1' is reserved",
    "'0.0.0.0' is unspecified",
    "'10.1.1.1' is in_network('10.0.0.0/8')",
    "'10.1.1.1' is not in_network('::/0')",
    "'10.1.1.1' is in_any_network(['10.0.0.0/8', '10.1.0.0/16'])",
    "'10.1.1.1' is not in_one_network(['10.0.0.0/8', '10.1.0.0/16'])",
    "'10.1.1.1' is in_one_network(['10.0.0.0/8', '11.0.0.0/8'])",
    "'10.1.0.0/16' is subnet_of('10.0.0.0/8')",
    "'10.0.0.0/8' is supernet_of('10.1.0.0/16')",
    "'2001:db8::/48' is subnet_of('2001:db8::/32')",
    "'02:16:3e:e4:16:f3' is mac",
    "'0216.3ee4.16f3' is mac",
    "'02163ee416f3' is mac",
    "'02:16' is not mac",
    "5 is not mac",
    "'127.0.0.1' is ansible.utils.resolvable or true",
    "'no such name' is not resolvable",
]


@pytest.mark.parametrize("expression", TRUE)
def test_true(expression):
    assert World().value(expression) is True


def test_networks_must_be_a_list():
    with pytest.raises(TemplateError, match="expected a list"):
        World().value("'10.0.0.1' is in_any_network('10.0.0.0/8')")
