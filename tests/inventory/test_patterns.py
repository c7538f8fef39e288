import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import InventoryError
from confman.inventory.patterns import ORDERS, order_hosts, select, split_patterns
from confman.inventory.queries import hosts_in_group

from .helpers import RELAXED, ini, outcome

INVENTORY = ini("""
alone
[web]
web1
web2
web3
[db]
db1
db2
web3
[prod:children]
web
db
[staging]
stage.example.org
2001:db8::1
""")
EVERYBODY = ("alone", "web1", "web2", "web3", "db1", "db2", "stage.example.org", "2001:db8::1")

CASES = [
    ("web1", ("web1",)),
    ("web", ("web1", "web2", "web3")),
    ("prod", ("web1", "web2", "web3", "db1", "db2")),
    ("ungrouped", ("alone",)),
    ("web:db", ("web1", "web2", "web3", "db1", "db2")),
    ("db,web", ("db1", "db2", "web3", "web1", "web2")),
    ("web1,web1", ("web1",)),
    (["web1", "db"], ("web1", "db1", "db2", "web3")),
    ("web2 web1", ("web2", "web1")),
    ("prod:!db", ("web1", "web2")),
    ("!db:prod", ("web1", "web2")),
    ("web:&db", ("web3",)),
    ("&db:web", ("web3",)),
    ("prod:&web:!web1", ("web2", "web3")),
    ("!prod", ("alone", "stage.example.org", "2001:db8::1")),
    ("&web", ("web1", "web2", "web3")),
    ("all:!all", ()),
    ("!all", ()),
    ("web:!*", ()),
    ("web*", ("web1", "web2", "web3")),
    ("w?b1", ("web1",)),
    ("[wd]*1", ("web1", "db1")),
    ("*.example.org", ("stage.example.org",)),
    ("stage.example.org", ("stage.example.org",)),
    ("2001:db8::1", ("2001:db8::1",)),
    ("~web[12]", ("web1", "web2")),
    ("~^(web|db)1", ("web1", "db1")),
    ("~.*b$", ("web1", "web2", "web3", "db1", "db2")),
    ("web[0]", ("web1",)),
    ("web[-1]", ("web3",)),
    ("web[1:2]", ("web2", "web3")),
    ("web[1:]", ("web2", "web3")),
    ("web[0:0]", ("web1",)),
    ("web[1-2]", ("web2", "web3")),
    ("web[1:9]", ("web2", "web3")),
    ("web[7:9]", ()),
    ("prod[0],db[0]", ("web1", "db1")),
    ("prod:!web[0]", ("web2", "web3", "db1", "db2")),
    ("localhost", ("localhost",)),
    ("127.0.0.1", ("127.0.0.1",)),
    ("localhost,127.0.0.1", ("localhost",)),
    ("web1,localhost", ("web1", "localhost")),
]


@pytest.mark.parametrize(("pattern", "hosts"), CASES)
def test_patterns(pattern, hosts):
    selection = select(INVENTORY, pattern)
    assert selection.hosts == hosts
    assert selection.warnings == ()


@pytest.mark.parametrize("pattern", ["all", "*"])
def test_everybody(pattern):
    assert select(INVENTORY, pattern).hosts == hosts_in_group(INVENTORY, "all")
    assert set(select(INVENTORY, pattern).hosts) == set(EVERYBODY)


def test_localhost_is_not_part_of_all():
    assert "localhost" not in select(INVENTORY, "all").hosts


def test_localhost_is_what_the_inventory_calls_it():
    assert select(ini("127.0.0.1\n"), "localhost").hosts == ("127.0.0.1",)
    assert select(ini("localhost\n"), "all").hosts == ("localhost",)


LIMITS = [
    ("prod", "db", ("web3", "db1", "db2")),
    ("prod", "!db", ("web1", "web2")),
    ("prod", "web1,db1", ("web1", "db1")),
    ("localhost", "localhost", ("localhost",)),
    ("localhost", "127.0.0.1", ("localhost",)),
    ("localhost", "web", ()),
    ("web", "db1", ()),
    ("all", "web:&db", ("web3",)),
]


@pytest.mark.parametrize(("pattern", "limit", "hosts"), LIMITS)
def test_limits(pattern, limit, hosts):
    assert select(INVENTORY, pattern, limit).hosts == hosts


def test_a_limit_may_come_from_a_file(tmp_path):
    path = tmp_path / "retry"
    path.write_text("web1\n\n  db\n")
    assert select(INVENTORY, "prod", f"@{path}").hosts == ("web1", "web3", "db1", "db2")
    assert select(INVENTORY, "prod", f"@{path},!db2").hosts == ("web1", "web3", "db1")


@pytest.mark.parametrize("limit", ["", " ", ",", ":"])
def test_an_empty_limit_is_refused(limit):
    with pytest.raises(InventoryError, match="names no host"):
        select(INVENTORY, "all", limit)


def test_a_limit_from_an_empty_file_limits_nothing_and_says_so(tmp_path):
    (tmp_path / "empty").write_text("\n \n")
    selection = select(INVENTORY, "all", f"@{tmp_path}/empty")
    assert selection.hosts == select(INVENTORY, "all").hosts
    assert "empty" in selection.warnings[-1]


@pytest.mark.parametrize(
    ("name", "fault"), [("none", "No such file"), (".", "directory"), ("latin", "UTF-8"), ("/dev/zero", "larger")]
)
def test_a_limits_file_that_cannot_be_read(tmp_path, name, fault):
    (tmp_path / "latin").write_bytes(b"caf\xe9\n")
    with pytest.raises(InventoryError, match=fault) as caught:
        select(INVENTORY, "all", f"@{tmp_path / name}")
    assert caught.value.source is not None


NOBODY = [
    ("", "empty"),
    (",", "empty"),
    ([], "empty"),
    ("nobody", "'nobody' matches no host"),
    ("nobody[0]", "'nobody' matches no host"),
    ("nobody*", "'nobody*' matches no host"),
    ("~nobody", "'~nobody' matches no host"),
]


@pytest.mark.parametrize(("pattern", "warning"), NOBODY)
def test_what_matches_nothing_names_no_host_and_says_so(pattern, warning):
    selection = select(INVENTORY, pattern)
    assert selection.hosts == ()
    assert len(selection.warnings) == 1
    assert warning in selection.warnings[0]


def test_excluding_what_does_not_exist_is_not_everybody():
    selection = select(INVENTORY, "!wbe1")
    assert selection.hosts == ()
    assert "'wbe1' matches no host" in selection.warnings[0]
    assert "only excludes" in selection.warnings[1]


def test_excluding_an_empty_group_is_no_mistake():
    selection = select(ini("a\n[none]\n"), "all", "!none")
    assert selection.hosts == ("a",)
    assert selection.warnings == ()


@pytest.mark.parametrize("pattern", ["!wbe[0]", "!~wbe", "!wbe*,!dbb"])
def test_excluding_what_does_not_exist_in_other_forms(pattern):
    assert select(INVENTORY, "all", pattern).hosts == ()


def test_excluding_leaves_the_rest_if_some_of_it_exists():
    assert select(INVENTORY, "web", "!wbe1,!web1").hosts == ("web2", "web3")


def test_excluding_what_does_not_exist_leaves_what_was_named():
    selection = select(INVENTORY, "web:!wbe1")
    assert selection.hosts == ("web1", "web2", "web3")
    assert len(selection.warnings) == 1


def test_an_empty_group_is_no_mistake():
    assert select(ini("[none]\n"), "none").warnings == ()


def test_all_of_an_empty_inventory_is_nobody():
    assert select(ini(""), "all").hosts == ()


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("web[3]", "counts beyond the 3 hosts"),
        ("web[-4]", "counts beyond"),
        ("~(", "regular expression"),
        ("web:!", "nothing behind"),
        ("&", "nothing behind"),
        (3, "must be text"),
        (["web", 3], "must be text"),
        (None, "must be text"),
    ],
)
def test_bad_patterns_are_refused(pattern, fault):
    with pytest.raises(InventoryError, match=fault):
        select(INVENTORY, pattern)


SPLITS = [
    ("a:b:c", ["a", "b", "c"]),
    ("a,b, c", ["a", "b", "c"]),
    ("a b", ["a", "b"]),
    ("a[1:3]:b", ["a[1:3]", "b"]),
    ("a[1:3]", ["a[1:3]"]),
    ("a,b:c", ["a", "b:c"]),
    ("::1", ["::1"]),
    ("10.0.0.1:22", ["10.0.0.1:22"]),
    ("a:!b:&c", ["a", "!b", "&c"]),
    ("~a.*,b", ["~a.*", "b"]),
    (["a:b", "c"], ["a", "b", "c"]),
    ("", []),
]


@pytest.mark.parametrize(("pattern", "parts"), SPLITS)
def test_patterns_are_split(pattern, parts):
    assert split_patterns(pattern) == parts


def test_orders():
    hosts = ("b", "c", "a")
    assert order_hosts(hosts) == order_hosts(hosts, "inventory") == hosts
    assert order_hosts(hosts, "reverse_inventory") == ("a", "c", "b")
    assert order_hosts(hosts, "sorted") == ("a", "b", "c")
    assert order_hosts(hosts, "reverse_sorted") == ("c", "b", "a")
    assert sorted(order_hosts(hosts, "shuffle")) == ["a", "b", "c"]
    with pytest.raises(InventoryError, match="sideways"):
        order_hosts(hosts, "sideways")
    assert all(order_hosts((), order) == () for order in ORDERS)


ITEMS = st.sampled_from(
    ["web", "db", "prod", "web1", "db*", "all", "nobody", "web[0]", "~b", "ungrouped", "[", "localhost"]
)
PATTERNS = st.lists(st.tuples(st.sampled_from(["", "", "!", "&"]), ITEMS).map("".join), max_size=4).map(",".join)


@RELAXED
@given(PATTERNS, st.none() | PATTERNS)
def test_a_selection_has_each_host_once_and_only_what_the_limit_names(pattern, limit):
    try:
        hosts = select(INVENTORY, pattern, limit).hosts
    except InventoryError:
        return
    assert len(set(hosts)) == len(hosts)
    assert set(hosts) <= {*EVERYBODY, "localhost"}
    if limit is not None:
        assert set(hosts) == set(select(INVENTORY, pattern).hosts) & set(select(INVENTORY, limit).hosts)


@RELAXED
@given(st.text(alphabet="web1[]:-!&~*?,.()\\ \x00é", max_size=30))
def test_any_text_is_evaluated_or_refused(text):
    selection, error = outcome(lambda: select(INVENTORY, text))
    assert error or selection.hosts or selection.warnings or any(mark in text for mark in "!&[")
