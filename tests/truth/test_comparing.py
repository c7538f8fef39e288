"""What moved since a plan was made, and plans for fewer and for more hosts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from confman.model.inventory import Group, Host, Inventory
from confman.model.values import Sealed
from confman.truth.comparing import Moved, inventory_digests, moved, with_hosts, without_hosts
from confman.truth.plan import Plan, Seen
from tests.truth.making import FULL, made, plan, step, work

HOSTS = ("h1", "h2", "h3", "h4", "h5")
FILE = {"state": "file", "owner": "root", "group": "root", "mode": "0644", "sha256": "00"}
SEEN = tuple(
    Seen(host, number, kind, name, state)
    for number, host in enumerate(HOSTS)
    for kind, name, state in (
        ("path", "/etc/app.conf", FILE),
        ("path", "/etc/gone", None),
        ("package", "nginx", {"version": "1.2"}),
        ("unit", "nginx.service", {"active": "active", "boot": "enabled"}),
        ("user", "app", {"uid": 3, "shell": "/bin/sh"}),
    )
)
VALUES = st.text(max_size=4) | st.integers(0, 3)
STATES = st.none() | st.dictionaries(st.sampled_from(["mode", "sha256", "version", "uid"]), VALUES, max_size=3)


def test_nothing_moved() -> None:
    assert moved(SEEN, reversed(SEEN)) == []


@given(st.lists(st.tuples(st.integers(0, len(SEEN) - 1), STATES), min_size=1, max_size=6))
@settings(max_examples=200)
def test_every_edit_is_seen_and_nothing_else(edits: list[tuple[int, Any]]) -> None:
    now = list(SEEN)
    for place, state in edits:
        now[place] = replace(now[place], state=state)
    wanted = {(a.host, a.kind, a.id) for a, b in zip(SEEN, now) if a.state != b.state}
    found = moved(SEEN, now)
    assert {(each.host, each.kind, each.id) for each in found} == wanted


def test_what_was_not_looked_at_again_has_moved() -> None:
    (found,) = moved(SEEN, SEEN[1:])
    assert found == Moved("h1", "path", "/etc/app.conf", FILE, {"looked at": "no"})


def test_only_what_differs_is_told() -> None:
    assert Moved("h1", "path", "/x", FILE, {**FILE, "mode": "0600"}).differing == ({"mode": "0644"}, {"mode": "0600"})
    assert Moved("h1", "path", "/x", None, FILE).differing == (None, FILE)


TWO = plan(
    step(1, {"a": work(), "b": work()}),
    step(2, {"b": work(after=(1,))}),
    seen=(Seen("a", 0, "path", "/x"), Seen("b", 1, "path", "/x")),
)


def test_a_plan_without_some_hosts() -> None:
    found = without_hosts(TWO, {"b"})
    assert found.hosts == ("a",)
    assert [(each.round, tuple(each.hosts)) for each in found.plays[0].steps] == [(1, ("a",))]
    assert [each.host for each in found.seen] == ["a"]
    assert without_hosts(TWO, {"a", "b"}).plays[0].batches == ()


def test_a_plan_with_more_hosts() -> None:
    more = replace(without_hosts(TWO, {"a"}), made=made(inventory={"b": "11"}))
    found = with_hosts(without_hosts(TWO, {"b"}), more)
    assert found.hosts == ("a", "b")
    last = found.plays[1].steps[-1]
    assert (last.round, last.hosts["b"].after) == (3, (2,)) or last.round == 3
    assert last.hosts["b"].items[0].sends[0].way == 2
    assert found.ways[2:] == TWO.ways
    assert [each.way for each in found.seen] == [0, 3]
    assert found.made.inventory == {"a": "00", "b": "11"}


def test_what_changes_something() -> None:
    assert TWO.changes_anything
    assert FULL.changes_anything
    quiet = replace(work(), status="ok")
    assert not plan(step(1, {"a": quiet})).changes_anything
    assert plan(step(1, {"a": replace(quiet, grade="unknown")})).changes_anything
    assert Plan(made(), ()).hosts == ()


def inventory(**variables: Any) -> Inventory:
    hosts = {"a": Host("a", variables, ("web",)), "b": Host("b", {}, ("web",))}
    return Inventory(
        hosts, {"all": Group("all", children=("web",)), "web": Group("web", {"port": 1}, ("a", "b"), depth=1)}
    )


def digests(hosts: list[str], *folders: dict[str, Any], **variables: Any) -> dict[str, str]:
    told = inventory(**variables)
    return inventory_digests(told, hosts, lambda host: (*folders, told.hosts[host].vars, told.groups["web"].vars))


def test_what_an_inventory_says_of_hosts() -> None:
    one = digests(["a", "b", "c"], x=1)
    assert one.keys() == {"a", "b"}
    two = digests(["a", "b"], x=2)
    assert one["a"] != two["a"]
    assert one["b"] == two["b"]
    sealed = [Sealed(lambda: "x", ciphertext=text) for text in ("1", "1", "2")]
    first, same, other = (digests(["a"], x=each)["a"] for each in sealed)
    assert first == same != other


def test_what_folders_beside_an_inventory_say_counts() -> None:
    first, same, other = (digests(["a"], *folders)["a"] for folders in ([{"x": 1}], [{"x": 1}, {}], [{"x": 2}]))
    assert first == same != other
    assert digests(["a"], {"inventory_dir": "/one"}) == digests(["a"], {"inventory_dir": "/two"})
