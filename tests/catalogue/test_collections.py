"""Collections: found by root, read by kind, routed by their runtime files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.collections import Collections, plugin_file, split
from confman.catalogue.installed import core_folder, python_roots
from confman.errors import LanguageError


def put(root: Path, name: str, text: str = "") -> Path:
    """A file with its folders."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path / "first" / "ansible_collections"
    for name in ("one.py", "sub/deep.py", "shelly.sh", "shelly.yml", "__init__.py", "both", "both.py", "win.ps1"):
        put(base, f"ns/coll/plugins/modules/{name}")
    put(base, "ns/coll/plugins/filter/sieve.py")
    put(base, "ns/coll/plugins/filter/sieve.yml")
    put(tmp_path / "second", "ansible_collections/ns/coll/plugins/modules/one.py")
    put(tmp_path / "second", "ansible_collections/ns/other/plugins/modules/two.py")
    put(tmp_path / "second", "ansible_collections/not-a-name/x/plugins/modules/two.py")
    return tmp_path


def test_the_first_root_with_a_collection_counts(root: Path):
    known = Collections([root / "first", root / "second" / "ansible_collections"])
    assert known.folder("ns.coll") == root / "first/ansible_collections/ns/coll"
    assert known.folder("ns.other") == root / "second/ansible_collections/ns/other"
    assert known.names() == ["ns.coll", "ns.other"]


@pytest.mark.parametrize("name", ["ns.none", "ns", "", "ns.coll.one", "../x.coll", "ns.co/ll", "not-a-name.x"])
def test_what_is_no_collection_has_no_folder(root: Path, name: str):
    assert Collections([root / "first", root / "second"]).folder(name) is None


@pytest.mark.parametrize(
    ("kind", "name", "file"),
    [
        ("modules", "ns.coll.one", "plugins/modules/one.py"),
        ("modules", "ns.coll.sub.deep", "plugins/modules/sub/deep.py"),
        ("modules", "ns.coll.shelly", "plugins/modules/shelly.sh"),
        ("modules", "ns.coll.both", "plugins/modules/both.py"),
        ("modules", "ns.coll.win", "plugins/modules/win.ps1"),
        ("modules", "ns.coll.__init__", None),
        ("modules", "ns.coll.deep", None),
        ("modules", "ns.coll", None),
        ("modules", "one", None),
        ("modules", "ns.missing.one", None),
        ("filter", "ns.coll.sieve", "plugins/filter/sieve.py"),
        ("lookup", "ns.coll.sieve", None),
    ],
)
def test_a_plugin_by_its_full_name(root: Path, kind: str, name: str, file: str | None):
    known = Collections([root / "first"])
    expected = root / "first/ansible_collections/ns/coll" / file if file else None
    assert known.plugin(kind, name) == expected


def test_all_plugins_of_a_kind(root: Path):
    known = Collections([root / "first"])
    assert sorted(known.plugins("modules", "ns.coll")) == ["both", "one", "shelly", "sub.deep", "win"]
    assert list(known.plugins("filter", "ns.coll")) == ["sieve"]
    assert known.plugins("lookup", "ns.coll") == {}
    assert known.plugins("modules", "no.such") == {}


RUNTIME = """
plugin_routing:
  modules:
    old: {redirect: ns.coll.one}
    older: {redirect: ns.coll.old, deprecation: {removal_version: 3.0.0, warning_text: Use one.}}
    abroad: {redirect: ns.other.two}
    round: {redirect: ns.coll.about}
    about: {redirect: ns.coll.round}
    gone: {tombstone: {removal_date: 2020-01-01, warning_text: It was bad.}}
    vanished: {tombstone: {}}
    short: {redirect: one}
    acting: {action_plugin: ns.coll.act}
    dated: {deprecation: {removal_date: "2030-01-01"}}
    sub.moved: {redirect: ns.coll.sub.deep}
    broken: just text
  module_utils:
    helper: {redirect: ansible_collections.ns.other.plugins.module_utils.helper}
action_groups:
  all: [one, ns.coll.old, {metadata: {extend_group: [more]}}]
"""


@pytest.fixture
def routed(root: Path) -> Collections:
    put(root, "first/ansible_collections/ns/coll/meta/runtime.yml", RUNTIME)
    return Collections([root / "first", root / "second"])


@pytest.mark.parametrize(
    ("name", "target", "told"),
    [
        ("one", "ns.coll.one", []),
        ("old", "ns.coll.one", []),
        (
            "older",
            "ns.coll.one",
            [
                "ns.coll.older has been deprecated. Use one. This feature will be removed from collection 'ns.coll' version 3.0.0."
            ],
        ),
        ("abroad", "ns.other.two", []),
        ("sub.moved", "ns.coll.sub.deep", []),
        ("broken", "ns.coll.broken", []),
        (
            "dated",
            "ns.coll.dated",
            [
                "ns.coll.dated has been deprecated. This feature will be removed from collection 'ns.coll' in a release after 2030-01-01."
            ],
        ),
    ],
)
def test_routes(routed: Collections, name: str, target: str, told: list[str]):
    route = routed.route("modules", f"ns.coll.{name}")
    assert (route.name, list(route.deprecations)) == (target, told)


def test_a_module_may_ask_for_an_action(routed: Collections):
    assert routed.route("modules", "ns.coll.acting").action == "ns.coll.act"
    assert not routed.route("modules", "ns.coll.one").action


def test_module_utils_redirect_by_package(routed: Collections):
    assert routed.route("module_utils", "ns.coll.helper").name == "ns.other.helper"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone", "'ns.coll.gone' module has been removed. It was bad. This feature was removed from collection 'ns.coll' in a release after 2020-01-01."),
        ("vanished", "The 'ns.coll.vanished' module has been removed."),
        ("round", "plugin redirect loop resolving ns.coll.round"),
        ("short", "contains invalid redirect for ns.coll.short: one"),
    ],
)  # fmt: skip
def test_routes_that_lead_nowhere(routed: Collections, name: str, message: str):
    with pytest.raises(LanguageError) as caught:
        routed.route("modules", f"ns.coll.{name}")
    assert message in caught.value.message


def test_groups(routed: Collections):
    assert routed.groups("ns.coll")["all"][:2] == ["one", "ns.coll.old"]
    assert routed.groups("ns.other") == {}


def test_a_runtime_file_is_read_once(routed: Collections, root: Path):
    first = routed.runtime("ns.coll")
    put(root, "first/ansible_collections/ns/coll/meta/runtime.yml", "plugin_routing: {}")
    assert routed.runtime("ns.coll") is first


@pytest.mark.parametrize(("text", "problem"), [("- a list", "must hold a mapping"), ("a: [", "not valid YAML")])
def test_a_broken_runtime_file_is_an_error(root: Path, text: str, problem: str):
    put(root, "first/ansible_collections/ns/coll/meta/runtime.yml", text)
    with pytest.raises(LanguageError, match=problem):
        Collections([root / "first"]).route("modules", "ns.coll.one")


def test_an_empty_runtime_file(root: Path):
    put(root, "first/ansible_collections/ns/coll/meta/runtime.yml")
    assert Collections([root / "first"]).runtime("ns.coll") == {}


def test_ansible_core_is_the_builtin_collection():
    core = core_folder()
    assert core is not None
    known = Collections(core=core)
    assert known.plugin("modules", "ansible.builtin.ping") == core / "modules/ping.py"
    assert known.plugin("module_utils", "ansible.builtin.basic") == core / "module_utils/basic.py"
    assert known.plugin("lookup", "ansible.builtin.env") == core / "plugins/lookup/env.py"
    assert known.route("modules", "ansible.builtin.docker_container").name == "community.docker.docker_container"
    assert Collections().plugin("modules", "ansible.builtin.ping") is None


def test_a_module_without_suffix_and_with_others(tmp_path: Path):
    for name in ("x.txt", "x.yml", "x~", "x"):
        put(tmp_path, name)
    assert plugin_file(tmp_path, "x") is None
    assert plugin_file(tmp_path, "x", any_kind=True) == tmp_path / "x"
    assert plugin_file(tmp_path / "none", "x", any_kind=True) is None


def test_python_roots_hold_collections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "with" / "ansible_collections").mkdir(parents=True)
    (tmp_path / "without").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "without"))
    monkeypatch.syspath_prepend(str(tmp_path / "with"))
    found = python_roots()
    assert tmp_path / "with" in found
    assert tmp_path / "without" not in found


def test_collections_of_the_activated_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    site = tmp_path / "lib" / "python3.9" / "site-packages"
    (site / "ansible_collections").mkdir(parents=True)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert site not in python_roots()
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    assert python_roots()[-1] == site
    monkeypatch.syspath_prepend(str(site))
    assert python_roots().count(site) == 1


@given(st.text(alphabet="ab./\\ -_\0é", max_size=12))
def test_names_are_split_or_refused(name: str):
    collection, parts = split(name)
    if parts:
        assert ".".join((collection, *parts)) == name
        assert collection.count(".") == 1
    else:
        assert name.count(".") < 2 or "" in name.split(".")
