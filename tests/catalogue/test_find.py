"""Modules by name: folders, roles, collections, ansible-core; how they run; groups of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.collections import Collections
from confman.catalogue.find import Catalogue
from confman.catalogue.groups import exists, members
from confman.catalogue.installed import core_folder
from confman.catalogue.programs import first_line, read_program, style_of
from confman.errors import LanguageError

FOREIGN = "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"
OWN = "def {name}():\n    yield\n"


def put(root: Path, name: str, text: str = FOREIGN) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    coll = tmp_path / "c/ansible_collections/ns/coll"
    put(coll, "plugins/modules/thing.py")
    put(coll, "plugins/modules/copy.py")
    put(coll, "plugins/modules/mine.py", OWN.format(name="mine"))
    put(coll, "plugins/action/acting.py")
    put(coll, "meta/runtime.yml", "plugin_routing: {modules: {old: {redirect: ns.coll.thing}, "
        "ours: {redirect: ansible.builtin.copy}, gone: {tombstone: {}}}}\n"
        "action_groups: {all: [thing, ns.coll.mine, {metadata: {extend_group: [more, ns.coll.all]}}], more: [extra]}\n")  # fmt: skip
    put(tmp_path, "lib/thing.py")
    put(tmp_path, "lib/deep/er/hidden.py")
    put(tmp_path, "lib/shelly.sh", "#!/bin/sh\n")
    put(tmp_path, "lib/_aged.py")
    put(tmp_path, "lib/ping.py")
    put(tmp_path, "play/library/near.py")
    put(tmp_path, "play/library/thing.py")
    put(tmp_path, "role/library/of_role.py")
    put(tmp_path, "role/library/near.py")
    return Catalogue([tmp_path / "lib"], collections=Collections([tmp_path / "c"], core_folder()))


@pytest.mark.parametrize(
    ("written", "collections", "path", "entry"),
    [
        ("thing", (), "lib/thing.py", "ansible.legacy.thing"),
        ("ansible.legacy.thing", (), "lib/thing.py", "ansible.legacy.thing"),
        ("shelly", (), "lib/shelly.sh", "ansible.legacy.shelly"),
        ("hidden", (), "lib/deep/er/hidden.py", "ansible.legacy.hidden"),
        ("aged", (), "lib/_aged.py", "ansible.legacy._aged"),
        ("ping", (), "lib/ping.py", "ansible.legacy.ping"),
        ("thing", ("no.such", "ns.coll"), "c/ansible_collections/ns/coll/plugins/modules/thing.py", None),
        ("copy", ("ns.coll",), "c/ansible_collections/ns/coll/plugins/modules/copy.py", None),
        ("ns.coll.old", (), "c/ansible_collections/ns/coll/plugins/modules/thing.py", None),
    ],
)
def test_foreign_modules(catalogue: Catalogue, tmp_path: Path, written, collections, path, entry):
    found = catalogue.find(written, collections)
    assert found
    assert (found.path, found.own) == (tmp_path / path, False)
    assert found.entry == (entry or f"ansible_collections.ns.coll.plugins.modules.{found.path.stem}")
    assert found.program


@pytest.mark.parametrize(
    ("written", "collections", "name"),
    [
        ("copy", (), "copy"),
        ("ansible.builtin.ping", (), "ping"),
        ("ansible.builtin.copy", ("ns.coll",), "copy"),
        ("copy", ("ansible.builtin", "no.such"), "copy"),
        ("ns.coll.ours", (), "copy"),
        ("ansible.posix.mount", (), "mount"),
        ("ns.coll.mine", (), "ns.coll.mine"),
    ],
)
def test_modules_of_our_contract(catalogue: Catalogue, written, collections, name):
    found = catalogue.find(written, collections)
    assert found
    assert (found.name, found.own, found.program) == (name, True, None)
    assert catalogue.spec(found).parameters is not None


@pytest.mark.parametrize(
    "written", ["nothing", "ns.coll.none", "no.such.thing", "ns.coll", "ansible.builtin.thing", ""]
)
def test_no_such_module(catalogue: Catalogue, written: str):
    assert catalogue.find(written) is None


def test_what_the_core_has_and_we_lack(catalogue: Catalogue):
    found = catalogue.find("service")
    assert found
    assert found.entry.startswith("ansible.modules.")
    assert not found.own


def test_old_names_lead_into_collections(catalogue: Catalogue, tmp_path: Path):
    assert catalogue.find("docker_login") is None
    docker = put(tmp_path, "c/ansible_collections/community/docker/plugins/modules/docker_login.py")
    again = Catalogue(collections=Collections([tmp_path / "c"], core_folder()))
    found = again.find("docker_login")
    assert found
    assert (found.path, found.name) == (docker, "community.docker.docker_login")


def test_folders_of_playbooks_and_roles_are_known_once_they_are_read(catalogue: Catalogue, tmp_path: Path):
    assert catalogue.find("near") is None
    catalogue.add_folder(tmp_path / "play")
    catalogue.add_folder(tmp_path / "role")
    assert catalogue.find("of_role")
    near, thing = catalogue.find("near"), catalogue.find("thing")
    assert near
    assert thing
    assert near.path == tmp_path / "play/library/near.py"
    assert thing.path == tmp_path / "play/library/thing.py"
    assert catalogue.utils == (tmp_path / "play/module_utils", tmp_path / "role/module_utils")
    assert {"near", "of_role", "copy", "shelly"} <= set(catalogue.names())


def test_what_comes_into_a_folder_later_is_not_looked_for(tmp_path: Path):
    catalogue = Catalogue()
    (tmp_path / "play").mkdir()
    catalogue.add_folder(tmp_path / "play")
    put(tmp_path, "play/library/late.py")
    catalogue.add_folder(tmp_path / "play")
    assert catalogue.find("late") is None
    assert "late" not in catalogue.names()


def test_a_folder_may_bring_what_was_not_found_before(tmp_path: Path):
    catalogue = Catalogue()
    assert (catalogue.find("late"), catalogue.find("ns.coll.late")) == (None, None)
    put(tmp_path, "role/library/late.py")
    put(tmp_path, "play/collections/ansible_collections/ns/coll/plugins/modules/late.py")
    catalogue.add_folder(tmp_path / "role")
    catalogue.add_folder(tmp_path / "play")
    assert catalogue.find("late")
    assert catalogue.find("ns.coll.late")


def test_collections_beside_a_playbook(catalogue: Catalogue, tmp_path: Path):
    path = put(tmp_path, "play/collections/ansible_collections/ns/coll/plugins/modules/thing.py")
    catalogue.add_folder(tmp_path / "play")
    found = catalogue.find("ns.coll.thing")
    assert found
    assert found.path == path


def test_removed_modules_are_errors(catalogue: Catalogue):
    with pytest.raises(LanguageError, match=r"'ns\.coll\.gone' module has been removed"):
        catalogue.find("ns.coll.gone")


def test_identities(catalogue: Catalogue):
    assert catalogue.identity("ns.coll.old") == catalogue.identity("thing", ("ns.coll",)) == "ns.coll.thing"
    assert catalogue.identity("copy") == catalogue.identity("ansible.legacy.copy") == "ansible.builtin.copy"
    assert catalogue.identity("debug") == catalogue.identity("ansible.builtin.debug") == "ansible.builtin.debug"
    assert catalogue.identity("no.such.one") == "no.such.one"


def test_actions_of_collections(catalogue: Catalogue):
    assert catalogue.has_action("ns.coll.acting")
    assert not catalogue.has_action("ns.coll.none")
    assert not catalogue.has_action("acting")


# -- groups


@pytest.mark.parametrize(
    ("group", "names"),
    [
        ("ns.coll.all", {"ns.coll.thing", "ns.coll.mine", "ns.coll.extra"}),
        ("ns.coll.more", {"ns.coll.extra"}),
        ("ns.coll.none", set()),
        ("no.such.all", set()),
        ("none", set()),
    ],
)
def test_groups(catalogue: Catalogue, group: str, names: set[str]):
    assert members(catalogue.collections, group) == names


def test_groups_of_the_core():
    assert "ansible.builtin.ping" in members(Collections(core=core_folder()), "testgroup")


# -- programs


@pytest.mark.parametrize(
    ("data", "name", "style"),
    [
        (FOREIGN.encode(), "x.py", "python"),
        (b"from ..module_utils.x import y\n", "x.py", "python"),
        (b"from ...module_utils import y\n", "x.py", "python"),
        (b"import ansible_collections.ns.coll.plugins.module_utils.x\n", "x.py", "python"),
        (b"#<<INCLUDE_ANSIBLE_MODULE_COMMON>>\n", "x.py", "python"),
        (b"import ansible.module_utils\n", "x.py", "words"),
        (b"# POWERSHELL_COMMON\n", "x", "powershell"),
        (b"#AnsibleRequires -CSharpUtil X\n", "x", "powershell"),
        (b"WANT_JSON", "x", "json"),
        (b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>> WANT_JSON", "x", "jsonargs"),
        (b"\0", "x", "binary"),
        ("#!/bin/sh\n# café\n".encode(), "x", "words"),
    ],
)
def test_styles(data: bytes, name: str, style: str):
    assert style_of(data, name) == style


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"#!/usr/bin/python -tt\nx", ("/usr/bin/python", "-tt")),
        (b"#! /usr/bin/env  python3 \n", ("/usr/bin/env", "python3")),
        (b"#!'/a b/sh' \"-x y\"\n", ("/a b/sh", "-x y")),
        (b"#!/bin/it's\n", ("/bin/it's",)),
        (b"#!\n", ()),
        (b"\n#!/bin/sh\n", ()),
        (b"", ()),
    ],
)
def test_first_lines(data: bytes, words: tuple[str, ...]):
    assert first_line(data) == words


@given(st.binary(max_size=60))
def test_any_content_has_a_style_and_a_first_line(data: bytes):
    assert style_of(data) in {"python", "json", "jsonargs", "words", "binary", "powershell"}
    assert all(isinstance(word, str) for word in first_line(b"#!" + data))


def test_whether_a_program_knows_of_dry_runs(tmp_path: Path):
    assert read_program(put(tmp_path, "a", FOREIGN)).checks
    assert not read_program(put(tmp_path, "b", "#!/bin/sh\n")).checks
    assert read_program(put(tmp_path, "c", "#!/bin/sh\necho $_ansible_check_mode\n")).checks
    assert read_program(tmp_path / "none").style == "python"


@pytest.mark.parametrize(
    ("group", "there"),
    [("testgroup", True), ("ansible.builtin.testgroup", True), ("aws", True), ("nothere", False), ("a.b.c", False)],
)
def test_groups_of_actions_that_exist(group: str, there: bool) -> None:
    assert exists(Collections(core=core_folder()), group) is there
    assert exists(Collections(core=None), group) is (group != "a.b.c")  # nobody knows what an absent core has
