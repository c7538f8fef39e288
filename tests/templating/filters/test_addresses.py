"""Filters of IP and hardware addresses: what they tell, and how they fail."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import TemplateError
from confman.templating.filters.addresses import address_text, is_global, parse

from ..helpers import World, typed

HOST, NET, SIX, LIST = "'192.168.1.5/24'", "'192.168.1.0/24'", "'2001:db8::5/64'", "['x', '10.1.1.1', '2001:db8::1', 5]"

CASES = [
    ("'192.168.1.1' | ipaddr", "192.168.1.1"),
    ("'192.168.1.1' | ansible.utils.ipaddr", "192.168.1.1"),
    ("'192.168.1.1' | ansible.netcommon.ipaddr", "192.168.1.1"),
    (f"{HOST} | ipaddr", "192.168.1.5/24"),
    *(
        (f"{value} | ipaddr", False)
        for value in ("'x'", "''", "'1.2.3'", "'1.2.3.4/33'", "true", "0", "'fe80::1%eth0'")
    ),
    ("'2001:DB8:0:0::1' | ipaddr", "2001:db8::1"),
    ("3232235777 | ipaddr", "192.168.1.1"),
    ("'3232235777/24' | ipaddr", "192.168.1.1/24"),
    ("42540766411282592856903984951653826561 | ipaddr", "2001:db8::1"),
    ("'1.2.3.4/255.255.0.0' | ipaddr", "1.2.3.4/16"),
    (f"{LIST} | ipaddr", ["10.1.1.1", "2001:db8::1", "0.0.0.5"]),
    (f"{LIST} | ipv4", ["10.1.1.1", "0.0.0.5"]),
    (f"{LIST} | ipv6", ["2001:db8::1", "::5"]),
    ("'10.1.1.1' | ipv6", False),
    ("'::1' | ipv4", False),
    *(
        (f"{HOST} | ipaddr('{query}')", expected)
        for query, expected in {
            "address": "192.168.1.5",
            "ip": "192.168.1.5",
            "address/prefix": "192.168.1.5/24",
            "gateway": "192.168.1.5/24",
            "bool": True,
            "broadcast": "192.168.1.255",
            "cidr": "192.168.1.5/24",
            "first_usable": "192.168.1.1",
            "host": "192.168.1.5/24",
            "host/prefix": "192.168.1.5/24",
            "hostmask": "0.0.0.255",
            "wildcard": "0.0.0.255",
            "int": "3232235781/24",
            "ip/prefix": "192.168.1.5/24",
            "ip_netmask": "192.168.1.5 255.255.255.0",
            "ipv4": "192.168.1.5/24",
            "ipv6": "::ffff:192.168.1.5/120",
            "last_usable": "192.168.1.254",
            "link-local": None,
            "loopback": None,
            "multicast": None,
            "net": None,
            "netmask": "255.255.255.0",
            "network": "192.168.1.0",
            "network/prefix": "192.168.1.0/24",
            "network_id": "192.168.1.0",
            "network_netmask": "192.168.1.0 255.255.255.0",
            "network_wildcard": "192.168.1.0 0.0.0.255",
            "next_usable": "192.168.1.6",
            "prefix": 24,
            "previous_usable": "192.168.1.4",
            "private": "192.168.1.5/24",
            "public": None,
            "range_usable": "192.168.1.1-192.168.1.254",
            "revdns": "5.1.168.192.in-addr.arpa.",
            "size": 256,
            "size_usable": 254,
            "subnet": "192.168.1.0/24",
            "type": "address",
            "unicast": "192.168.1.5/24",
            "version": 4,
            "wrap": "192.168.1.5/24",
            "6to4": "2002:c0a8:0105::1/48",
            "192.168.0.0/16": "192.168.1.5/24",
            "10.0.0.0/8": None,
            "2001:db8::/32": None,
            "1": "192.168.1.1/24",
            "-1": "192.168.1.255/24",
            "300": False,
        }.items()
    ),
    (f"{NET} | ipaddr('net')", "192.168.1.0/24"),
    (f"{NET} | ipaddr('type')", "network"),
    (f"{NET} | ipaddr('address')", None),
    (f"{NET} | ipaddr('host/prefix')", False),
    (f"{NET} | ipaddr('ip/prefix')", None),
    (f"{NET} | ipaddr(5)", "192.168.1.5/24"),
    ("'10.0.0.0/31' | ipaddr('first_usable')", "10.0.0.0"),
    ("'10.0.0.0/31' | ipaddr('peer')", "10.0.0.1"),
    ("'10.0.0.1/30' | ipaddr('peer')", "10.0.0.2"),
    ("'10.0.0.254/24' | ipaddr('next_usable')", None),
    ("'10.0.0.1' | ipaddr('size_usable')", 0),
    ("'10.0.0.1' | ipaddr('int')", 167772161),
    ("'10.0.0.1' | ipaddr('prefix')", 32),
    ("'10.0.0.1' | ipaddr('0')", "10.0.0.1"),
    ("'8.8.8.8' | ipaddr('public')", "8.8.8.8"),
    ("'8.8.8.8' | ipaddr('private')", None),
    ("'100.64.1.1' | ipaddr('private')", "100.64.1.1"),
    ("'127.0.0.1' | ipaddr('lo')", "127.0.0.1"),
    ("'169.254.7.7' | ipaddr('link-local')", "169.254.7.7"),
    ("'224.0.0.1' | ipaddr('multicast')", "224.0.0.1"),
    ("'224.0.0.1' | ipaddr('unicast')", None),
    (f"{SIX} | ipaddr('address')", "2001:db8::5"),
    (f"{SIX} | ipaddr('network')", "2001:db8::"),
    (f"{SIX} | ipaddr('broadcast')", "2001:db8::ffff:ffff:ffff:ffff"),
    (f"{SIX} | ipaddr('wrap')", "[2001:db8::5]/64"),
    (f"{SIX} | ipaddr('ipv4')", False),
    (f"{SIX} | ipaddr('size')", 2**64),
    ("'::ffff:1.2.3.4' | ipaddr('ipv4')", "1.2.3.4/32"),
    ("'2002:c0a8:101::1' | ipaddr('6to4')", "2002:c0a8:101::1"),
    ("'2001:db8::1' | ipwrap", "[2001:db8::1]"),
    ("'10.0.0.1' | ipwrap", "10.0.0.1"),
    ("'host.example.org' | ipwrap", "host.example.org"),
    ("['::1', 'x', '1.2.3.4'] | ipwrap", ["[::1]", "x", "1.2.3.4"]),
    ("'10.0.0.0/8' | nthhost(305)", "10.0.1.49"),
    ("'10.0.0.0/8' | nthhost(-1)", "10.255.255.255"),
    ("'10.0.0.0/30' | nthhost(9)", False),
    ("'10.0.0.0/30' | nthhost('x')", False),
    ("'x' | nthhost(1)", False),
    ("'192.168.1.5' | ipmath(5)", "192.168.1.10"),
    ("'192.168.1.1/24' | ipmath(-2)", "192.168.0.255"),
    ("'2001::1' | ipmath(10)", "2001::b"),
    ("'192.168.122.1/24' | next_nth_usable(2)", "192.168.122.3"),
    ("'192.168.122.254/24' | next_nth_usable(2)", None),
    ("'192.168.122.10/24' | previous_nth_usable(2)", "192.168.122.8"),
    ("'x' | next_nth_usable(2)", False),
    ("'192.168.144.5' | ipsubnet", "192.168.144.5/32"),
    ("'192.168.0.0/16' | ipsubnet(20)", "16"),
    ("'192.168.0.0/16' | ipsubnet(20, 0)", "192.168.0.0/20"),
    ("'192.168.0.0/16' | ipsubnet(20, -1)", "192.168.240.0/20"),
    ("'192.168.0.0/16' | ipsubnet(20, 16)", False),
    ("'192.168.144.5' | ipsubnet(20)", "192.168.144.0/20"),
    ("'192.168.144.5' | ipsubnet(18, 0)", "192.168.128.0/18"),
    ("'192.168.144.5' | ipsubnet(18, -1)", "192.168.144.4/31"),
    ("'192.168.144.16/30' | ipsubnet('192.168.0.0/16')", "9221"),
    ("'192.168.0.0/16' | ipsubnet(33)", False),
    ("'x' | ipsubnet(20)", False),
    ("'2001:db8::/32' | ipsubnet(64, 1)", "2001:db8:0:1::/64"),
    ("'1.2.3.4' | ipcut(16)", "1.2"),
    ("'2001:db8::1' | ipcut(32)", "2001:db8"),
    ("'2001:db8::1' | ipcut(-16)", "1"),
    ("'192.168.1.5' | ip4_hex", "c0a80105"),
    ("'192.168.1.5' | ip4_hex(':')", "c0:a8:01:05"),
    ("'2001:db8::1' | ipv6form('expand')", "2001:0db8:0000:0000:0000:0000:0000:0001"),
    ("'2001:0db8:0:0::1' | ipv6form('compress')", "2001:db8::1"),
    ("'2001:db8::1' | ipv6form('x509')", "2001:db8:0:0:0:0:0:1"),
    ("'10.0.0.0/8' | network_in_network('10.1.0.0/16')", True),
    ("'10.0.0.0/8' | network_in_network('11.1.0.0/16')", False),
    ("'10.0.0.0/8' | network_in_network('::1')", False),
    ("'10.0.0.0/24' | network_in_usable('10.0.0.1')", True),
    ("'10.0.0.0/24' | network_in_usable('10.0.0.255')", False),
    ("['10.0.0.1', '10.1.0.1', 'x'] | reduce_on_network('10.0.0.0/24')", ["10.0.0.1"]),
    ("['10.0.0.0/25', '10.0.0.128/25', '::/127', '::2/127'] | cidr_merge", ["10.0.0.0/24", "::/126"]),
    ("['10.0.0.1', '10.0.0.9'] | cidr_merge('span')", "10.0.0.0/28"),
    ("['10.0.0.1/24'] | cidr_merge('span')", "10.0.0.1/24"),
    ("[] | cidr_merge('span')", None),
    ("('10.0.0.0/30' | usable_range).usable_ips", ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]),
    ("('2001:db8::/126' | usable_range).number_of_ips", 4),
    *(
        (f"'1a:2b:3c:04:05:06' | hwaddr('{query}')", expected)
        for query, expected in {
            "": "1a:2b:3c:04:05:06",
            "bare": "1A2B3C040506",
            "bool": True,
            "int": 28772992812294,
            "cisco": "1a2b.3c04.0506",
            "eui48": "1A-2B-3C-04-05-06",
            "win": "1A-2B-3C-04-05-06",
            "linux": "1a:2b:3c:04:05:06",
            "unix": "1a:2b:3c:4:5:6",
            "pgsql": "1a2b3c:040506",
        }.items()
    ),
    *((f"'{form}' | macaddr('int')", 28772992812294) for form in ("1A-2B-3C-4-5-6", "1a2b.3c04.0506", "1a2b3c040506")),
    ("'1a2b3c-040506' | hwaddr('linux')", "1a:2b:3c:04:05:06"),
    ("'x' | hwaddr", None),
    ("'x' | hwaddr('bool')", None),
    ("'2001:db8::/64' | slaac('1a:2b:3c:4d:5e:6f')", "2001:db8::182b:3cff:fe4d:5e6f"),
    ("'10.0.0.0/8' | slaac('1a:2b:3c:4d:5e:6f')", False),
    ("'2001:db8::/64' | slaac('x')", False),
]

ERRORS = [
    ("{'a': 1} | ipaddr", "Unrecognized type dict"),
    ("none | ipv4", "Unrecognized type"),
    ("5 | ipwrap", "Unrecognized type"),
    ("'10.0.0.1' | ipaddr('nope')", "unknown filter type: nope"),
    ("'10.0.0.1' | ipv4('nope')", "ipv4: unknown"),
    ("'10.0.0.1' | ipaddr('first_usable')", "Not a network address"),
    ("'10.0.0.1' | ipaddr('peer')", "Not a network address"),
    ("'10.0.0.0/30' | ipaddr('peer')", "Network address of /30"),
    ("'10.0.0.3/30' | ipaddr('peer')", "Broadcast address of /30"),
    ("'10.0.0.3/24' | ipaddr('peer')", "point-to-point"),
    ("'x' | ipmath(1)", "valid IP address"),
    ("'10.0.0.1' | ipmath('1')", "integer"),
    ("'255.255.255.255' | ipmath(1)", "out of range"),
    ("'10.0.0.0/8' | next_nth_usable('x')", "integer"),
    ("'10.0.0.0/16' | ipsubnet(8)", "Requested subnet size"),
    ("'10.0.0.0/16' | ipsubnet('11.0.0.0/8')", "not in the subnet"),
    ("'10.0.0.0/16' | ipsubnet('x')", "valid IP address"),
    ("'::1' | ip4_hex", "IPv4 address"),
    ("'10.0.0.1/24' | ip4_hex", "is a network"),
    ("'::1' | ipv6form('x')", "valid format"),
    ("'10.0.0.1' | reduce_on_network('10.0.0.0/8')", "expects a list"),
    ("['x'] | cidr_merge", "valid IP address"),
    ("['10.0.0.1'] | cidr_merge('x')", "invalid action"),
    ("['10.0.0.1', '::1'] | cidr_merge('span')", "in common"),
    ("'10.0.0.0/8' | usable_range", "more than"),
    ("'10.0.0.1/8' | usable_range", "host bits"),
    ("'x' | hwaddr('linux')", "not a hardware address"),
    ("'x' | macaddr('nope')", "unknown filter type"),
]


@pytest.mark.parametrize(("expression", "expected"), CASES, ids=[case[0] for case in CASES])
def test_value(expression, expected):
    assert typed(World().value(expression)) == typed(expected)


@pytest.mark.parametrize(("expression", "message"), ERRORS, ids=[case[0] for case in ERRORS])
def test_error(expression, message):
    with pytest.raises(TemplateError) as caught:
        World().value(expression)
    assert message in caught.value.message


@given(st.ip_addresses(), st.integers(0, 128))
def test_what_is_parsed_is_what_the_library_means(address, prefix):
    prefix = min(prefix, address.max_prefixlen)
    parsed = parse(f"{address}/{prefix}")
    assert parsed.interface == ipaddress.ip_interface(
        (int(address), prefix) if address.version == 4 else f"{address}/{prefix}"
    )
    assert parse(str(parsed)) == parsed
    assert ipaddress.ip_address(parsed.ip) == address
    assert parsed.first <= parsed.usable[0] <= parsed.usable[1] <= parsed.last


@given(st.one_of(st.text(), st.integers(), st.from_regex(r"[0-9a-f:./]{1,40}", fullmatch=True)))
def test_anything_parses_to_an_address_or_nothing(value):
    parsed = parse(value)
    assert parsed is None or parse(str(parsed)).number == parsed.number


@given(st.ip_addresses(v=4))
def test_addresses_as_text(address):
    assert address_text(int(address), 4) == str(address)


@pytest.mark.parametrize("text", ["1.1.1.1", "192.0.0.9", "2a00::1", "2001:4:112::1"])
def test_global_addresses(text):
    assert is_global(ipaddress.ip_address(text))
