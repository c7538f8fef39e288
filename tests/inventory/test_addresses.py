import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import InventoryError
from confman.inventory.addresses import MOST_HOSTS, expand_hosts, parse_address

from .helpers import RELAXED, outcome

ADDRESSES = [
    ("web", ("web", None)),
    ("web:22", ("web", 22)),
    ("web.example.org:2222", ("web.example.org", 2222)),
    ("web_1", ("web_1", None)),
    ("10.0.0.1", ("10.0.0.1", None)),
    ("10.0.0.1:22", ("10.0.0.1", 22)),
    ("[10.0.0.1]:22", ("10.0.0.1", 22)),
    ("[web]:22", ("web", 22)),
    ("2001:db8::1", ("2001:db8::1", None)),
    ("::1", ("::1", None)),
    ("::ffff:192.0.2.3", ("::ffff:192.0.2.3", None)),
    ("[2001:db8::1]:22", ("2001:db8::1", 22)),
    ("2001:db8::[a:f]", ("2001:db8::[a:f]", None)),
    ("web[01:10]", ("web[01:10]", None)),
    ("web[01:10:2]:22", ("web[01:10:2]", 22)),
    ("db-[a:f].example.org", ("db-[a:f].example.org", None)),
    ("10.0.[0:3].[1:9]", ("10.0.[0:3].[1:9]", None)),
    ("münchen", ("münchen", None)),
    ("web:0", ("web", 0)),
    ("fe80::[0:f]1", None),
    ("", None),
    ("web-", None),
    ("a b", None),
    (".web", None),
    ("web:", None),
    ("web:x", None),
    ("a:b:c", None),
    ("1:2:3:4:5:6:7:8:9", None),
    ("/srv/chroot", None),
    ("web[x]", None),
    ("web*", None),
]


@pytest.mark.parametrize(("text", "expected"), ADDRESSES)
def test_an_address_is_split(text, expected):
    assert parse_address(text) == expected


def test_a_port_beyond_the_last_is_refused():
    with pytest.raises(InventoryError, match="65535"):
        parse_address("web:65536")


EXPANSIONS = [
    ("web", ["web"], None),
    ("web[1:3]", ["web1", "web2", "web3"], None),
    ("web[01:03]", ["web01", "web02", "web03"], None),
    ("web[08:10]:22", ["web08", "web09", "web10"], 22),
    ("web[9:10]", ["web9", "web10"], None),
    ("web[1:10:4]", ["web1", "web5", "web9"], None),
    ("web[:2]", ["web0", "web1", "web2"], None),
    ("db-[a:c]", ["db-a", "db-b", "db-c"], None),
    ("db-[a:e:2].org", ["db-a.org", "db-c.org", "db-e.org"], None),
    ("[a:b][1:2]", ["a1", "a2", "b1", "b2"], None),
    ("n[1:1]", ["n1"], None),
    ("/srv/chroot", ["/srv/chroot"], None),
    ("a b", ["a b"], None),
]


@pytest.mark.parametrize(("text", "names", "port"), EXPANSIONS)
def test_ranges_are_expanded(text, names, port):
    assert expand_hosts(text) == (names, port)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("web[3]", "begin:end"),
        ("web[1:2:3:4]", "begin:end"),
        ("web[1:]", "no end"),
        ("web[1:3:0]", "step"),
        ("web[1:3:x]", "step"),
        ("web[01:100]", "equally long"),
        ("web[3:1]", "ends before"),
        ("web[c:a]", "ends before"),
        ("web[a:3]", "letter"),
        ("web[aa:cc]", "letter"),
        ("web[1:2", "not a range"),
        ("web]1[1:2]", "not a range"),
        ("web[0:999999999]", str(MOST_HOSTS)),
        ("[0:999][0:999]", str(MOST_HOSTS)),
        ("[0:0]" * 5000, "more than 20 ranges"),
    ],
)
def test_bad_ranges_are_refused(text, fault):
    with pytest.raises(InventoryError, match=fault):
        expand_hosts(text)


@RELAXED
@given(st.integers(0, 500), st.integers(0, 60), st.integers(1, 7))
def test_numeric_ranges_are_pythons_ranges_with_both_ends(first, count, step):
    last = first + count
    names, _ = expand_hosts(f"n[{first}:{last}:{step}]")
    assert names == [f"n{number}" for number in range(first, last + 1, step)]


@RELAXED
@given(st.text(alphabet=string.ascii_lowercase + "0123456789[]:-._,|é \t\x00", max_size=40))
def test_any_text_is_expanded_or_refused(text):
    found, error = outcome(lambda: expand_hosts(text))
    if error is None:
        names, port = found
        assert all("[" not in name for name in names)
        assert port is None or 0 <= port <= 65535
