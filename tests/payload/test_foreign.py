"""What travels for modules of Ansible's contract."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.collections import Collections
from confman.catalogue.installed import core_folder
from confman.errors import ConfmanError, LanguageError, TargetError
from confman.model.call import Call, Foreign
from confman.payload.bundle import Bundle
from confman.payload.foreign import Shipments
from confman.payload.imports import Import, imports_of

CORE = core_folder()
BASE = "ansible_collections.ns.coll.plugins.module_utils"


def put(root: Path, name: str, text: str | bytes = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# -- what a source imports


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import ansible.module_utils.basic", [("ansible.module_utils.basic", False, False)]),
        ("import ansible.module_utils.a.b as c, os", [("ansible.module_utils.a.b", False, False)]),
        ("from ansible.module_utils import urls", [("ansible.module_utils.urls", False, True)]),
        ("from ansible.module_utils.basic import *", [("ansible.module_utils.basic", False, False)]),
        (
            "from ansible.module_utils.basic import A, B as C",
            [("ansible.module_utils.basic.A", False, True), ("ansible.module_utils.basic.B", False, True)],
        ),
        (
            "try:\n    import ansible.module_utils.x\nexcept ImportError: pass",
            [("ansible.module_utils.x", True, False)],
        ),
        ("def f():\n    from ansible.module_utils.x import y", [("ansible.module_utils.x.y", True, True)]),
        (f"import {BASE}.a", [(f"{BASE}.a", False, False)]),
        (f"from {BASE} import a", [(f"{BASE}.a", False, True)]),
        ("from ..module_utils.a import b", [(f"{BASE}.a.b", False, True)]),
        ("from ..module_utils import a", [(f"{BASE}.a", False, True)]),
        ("from ansible_collections.ns.coll.plugins.lookup import a", []),
        ("import os\nfrom ansible.release import x\nimport ansible", []),
        ("from . import x", []),
    ],
)
def test_imports(text: str, expected: list[tuple[str, bool, bool]]):
    found = imports_of(text, "ansible_collections.ns.coll.plugins.modules.m", "m.py")
    assert [(each.name, each.optional, each.ambiguous) for each in found] == expected


def test_relative_imports_of_a_package():
    found = imports_of("from . import a\nfrom .b import c\nfrom ..d import e", f"{BASE}.p", "x", package=True)
    assert [each.name for each in found] == [f"{BASE}.d.e", f"{BASE}.p.a", f"{BASE}.p.b.c"]


@pytest.mark.parametrize("text", ["def", "\0", "x = (" * 300])
def test_what_is_no_python(text: str):
    with pytest.raises(LanguageError, match="Unable to compile 'm'") as caught:
        imports_of(text, "m", "m.py")
    assert caught.value.source
    assert caught.value.source.path == "m.py"


@given(st.text(alphabet="import from as.\n _*ansible()", max_size=40))
def test_any_text_gives_imports_or_a_fault(text: str):
    try:
        found = imports_of(text, "ansible.legacy.m", "m.py")
    except LanguageError:
        return
    assert all(isinstance(each, Import) for each in found)


# -- shipments


class World:
    """A collection, folders of utils, and what is shipped for a module."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.collection = root / "c/ansible_collections/ns/coll"
        self.collection.mkdir(parents=True)
        self.folders: list[Path] = []
        self.core: Path | None = CORE

    def ship(self, text: str | bytes, entry: str = "ansible_collections.ns.coll.plugins.modules.m", name: str = "m.py"):
        path = put(self.root, name, text)
        self.maker = Shipments(Collections([self.root / "c"], self.core), lambda: self.folders)
        return self.maker.make(Foreign(path, "ns.coll.m", entry))

    def names(self, text: str) -> dict[str, str]:
        """The names that travel, with their texts."""
        shipment = self.ship(text)
        table = json.loads(shipment.pieces[shipment.closure][2])
        return {name: shipment.pieces[key][2] for name, key in table.items()}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


ANSIBLE = "from ansible.module_utils.basic import AnsibleModule\n"


def test_the_common_code_travels_with_all_it_needs(world: World):
    found = world.names(ANSIBLE)
    for name in ("ansible", "ansible.module_utils", "ansible.module_utils.basic", "ansible.module_utils.common.text"):
        assert name in found
    assert "ansible.module_utils._internal._ansiballz._loader" in found
    assert "ansible.module_utils.urls" not in found
    assert "__version__ = " in found["ansible"]
    assert found["ansible_collections.ns.coll.plugins.modules.m"] == ANSIBLE
    assert found["ansible_collections.ns"] == ""


def test_names_that_are_objects_are_told_from_modules(world: World):
    found = world.names(
        "from ansible.module_utils.common import process\nfrom ansible.module_utils.urls import open_url"
    )
    assert "ansible.module_utils.common.process" in found
    assert "ansible.module_utils.urls" in found
    assert "ansible.module_utils.urls.open_url" not in found


def test_utils_of_a_collection(world: World):
    put(world.collection, "plugins/module_utils/a.py", "from .sub import b\n")
    put(world.collection, "plugins/module_utils/sub/__init__.py", "HERE = 1\n")
    put(world.collection, "plugins/module_utils/sub/b.py", "from ..c import x\n")
    put(world.collection, "plugins/module_utils/c.py", "x = 1\n")
    found = world.names("from ..module_utils.a import anything\n")
    assert found[f"{BASE}.sub"] == "HERE = 1\n"
    assert {f"{BASE}.a", f"{BASE}.sub.b", f"{BASE}.c", BASE} <= set(found)


def test_a_folder_without_init_is_a_package(world: World):
    put(world.collection, "plugins/module_utils/sub/b.py", "x = 1\n")
    found = world.names("from ..module_utils.sub import b\n")
    assert found[f"{BASE}.sub"] == ""


def test_a_module_in_a_folder_of_a_collection(world: World):
    put(world.collection, "plugins/module_utils/a.py", "x = 1\n")
    shipment = world.ship("from ...module_utils.a import x\n", "ansible_collections.ns.coll.plugins.modules.deep.m")
    names = json.loads(shipment.pieces[shipment.closure][2])
    assert f"{BASE}.a" in names
    assert shipment.pieces[names["ansible_collections.ns.coll.plugins.modules.deep"]][0] is True


def test_folders_nearby_win_over_the_core(world: World):
    world.folders = [world.root / "near", world.root / "far"]
    put(world.root, "far/basic.py", "far = 1\n")
    put(world.root, "near/own/__init__.py", "own = 1\n")
    put(world.root, "near/basic.py", "near = 1\n")
    found = world.names("from ansible.module_utils.basic import near\nfrom ansible.module_utils.own import own\n")
    assert found["ansible.module_utils.basic"] == "near = 1\n"
    assert found["ansible.module_utils.own"] == "own = 1\n"


def test_redirects_of_utils(world: World):
    runtime = """
plugin_routing:
  module_utils:
    old: {redirect: ns.coll.new}
    core: {redirect: ansible.builtin.urls}
    gone: {tombstone: {warning_text: No more.}}
    lost: {redirect: nobody.knows.it}
"""
    put(world.collection, "meta/runtime.yml", runtime)
    put(world.collection, "plugins/module_utils/new.py", "x = 1\n")
    found = world.names("from ..module_utils.old import x\nfrom ..module_utils.core import y\n")
    assert f"import_module('{BASE}.new')" in found[f"{BASE}.old"]
    assert f"{BASE}.new" in found
    assert "ansible.module_utils.urls" in found
    with pytest.raises(LanguageError, match=r"'ns\.coll\.gone' module_utils plugin has been removed\. No more\."):
        world.ship("from ..module_utils.gone import x\n")
    with pytest.raises(TargetError, match=r"unable to locate collection nobody\.knows, where ns\.coll\.lost is said"):
        world.ship("from ..module_utils.lost import x\n")
    assert world.ship("try:\n    from ..module_utils.lost import x\nexcept ImportError:\n    x = None\n")


def test_what_is_not_there(world: World):
    world.names("try:\n    from ansible.module_utils.nothing import x\nexcept ImportError:\n    x = None\n")
    with pytest.raises(TargetError) as caught:
        world.ship("from ..module_utils import basic\nfrom ..module_utils.nothing import x\n")
    assert caught.value.message.startswith(
        "Could not find imported module support code for ansible_collections.ns.coll.plugins.modules.m. Looked for ("
    )


def test_without_ansible_core(world: World):
    world.core = None
    with pytest.raises(TargetError, match=r"pip install 'confman\[ansible\]'"):
        world.ship(ANSIBLE)
    assert world.ship(b"#!/bin/sh\n").style == "words"


@pytest.mark.parametrize(
    ("data", "style"),
    [
        (b"#!/bin/sh\necho\n", "words"),
        (b"#!/usr/bin/perl\n# WANT_JSON\n", "json"),
        (b"#!/usr/bin/ruby\nx = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'\n", "jsonargs"),
        (b"\x7fELF\x00\x01", "binary"),
    ],
)
def test_programs_travel_as_they_are(world: World, data: bytes, style: str):
    shipment = world.ship(data, name="m")
    assert (shipment.style, shipment.closure) == (style, "")
    assert base64.b64decode(shipment.pieces[shipment.entry][2]) == data


@pytest.mark.parametrize(
    ("data", "name", "problem"),
    [
        (b"echo hi\n", "m", r"module \(ns\.coll\.m\) is missing interpreter line"),
        (b"#Requires -Module Ansible.X\n", "m.ps1", "PowerShell"),
        (b"#!/bin/sh\n", "m.ps1", "PowerShell"),
        (b"# -*- coding: nonsense -*-\nimport ansible.module_utils.basic\n", "m.py", "cannot read the module"),
        (b"import ansible.module_utils.basic\n\xff\n", "m.py", "cannot read the module"),
        (b"import ansible.module_utils.basic\ndef\n", "m.py", "Unable to compile"),
    ],
)
def test_what_cannot_be_shipped(world: World, data: bytes, name: str, problem: str):
    with pytest.raises(ConfmanError, match=problem):
        world.ship(data, name=name)


def test_a_file_that_is_gone(world: World):
    maker = Shipments(Collections())
    with pytest.raises(TargetError, match="cannot read the module"):
        maker.make(Foreign(world.root / "none.py", "x", "ansible.legacy.x"))


def test_encodings(world: World):
    text = "# -*- coding: latin-1 -*-\nfrom ansible.module_utils.basic import x\nname = 'caf\xe9'\n"
    shipment = world.ship(text.encode("latin-1"))
    names = json.loads(shipment.pieces[shipment.closure][2])
    assert "'café'" in shipment.pieces[names[shipment.entry]][2]


def test_the_same_is_made_once_and_keys_follow_content(world: World):
    first = world.ship(ANSIBLE)
    module = Foreign(world.root / "m.py", "ns.coll.m", first.entry)
    assert world.maker.make(module) is world.maker.make(module)
    second = world.ship(ANSIBLE + "x = 1\n")
    shared = set(first.pieces) & set(second.pieces)
    assert len(shared) == len(first.pieces) - 2
    assert first.closure != second.closure


def test_a_call_of_a_foreign_module(world: World):
    path = put(world.root, "m.py", "#!/usr/bin/python\n" + ANSIBLE)
    foreign = Foreign(path, "m", "ansible.legacy.m", settings={"_ansible_diff": True}, interpreter=("python",))
    bundle = Bundle(shipments=Shipments(Collections(core=CORE)))
    closure = bundle.closure(Call("m", {}, foreign=foreign))
    assert (closure.entry, closure.function) == ("confman.agent.foreign", "run")
    assert closure.plan
    assert closure.plan["settings"] == {"_ansible_diff": True}
    assert closure.plan["interpreter"] == []
    names = {piece.name for piece in closure.pieces}
    assert {"confman.agent.foreign", "confman.agent.foreign_results"} <= names
    assert "confman.agent.main" not in names


def test_a_bundle_that_ships_nothing_foreign(world: World):
    with pytest.raises(TargetError, match="there is no module 'm'"):
        Bundle().closure(Call("m", {}, foreign=Foreign(world.root, "m", "ansible.legacy.m")))


def test_a_module_of_ours_in_another_folder(world: World):
    path = put(world.root, "lib/mine.py", "def mine():\n    yield\n")
    closure = Bundle().closure(Call("ns.coll.mine", {}, path=path))
    assert closure.function == "mine"
    assert closure.entry.startswith("confman.library.mine_")
