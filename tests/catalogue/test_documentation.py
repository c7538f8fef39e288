"""What modules of Ansible's contract say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.catalogue.collections import Collections
from confman.catalogue.documentation import read_documentation
from confman.catalogue.installed import core_folder
from confman.errors import LanguageError

SOURCE = '''
DOCUMENTATION = r"""
module: thing
short_description: does a thing
options:
  name: {type: str, required: true, description: Whose.}
  mode: {description: [My own.]}
notes: [mine]
extends_documentation_fragment: %s
"""
EXAMPLES = "- thing:\\n"
RETURN = """
said: {description: What was said., type: str}
"""
raise RuntimeError("this is not run")
'''
FRAGMENT = '''
class ModuleDocFragment(object):
    DOCUMENTATION = """
options:
  mode: {type: raw, description: The fragment's.}
  owner: {type: str}
notes: [of the fragment]
"""
    EXTRA = """
options: {extra: {type: int}}
"""
'''


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def collections(tmp_path: Path) -> Collections:
    put(tmp_path, "c/ansible_collections/ns/coll/plugins/doc_fragments/common.py", FRAGMENT)
    put(tmp_path, "c/ansible_collections/ns/coll/plugins/doc_fragments/broken.py", "def")
    return Collections([tmp_path / "c"], core_folder())


def test_everything_is_read_and_fragments_merged(tmp_path: Path, collections: Collections):
    path = put(tmp_path, "thing.py", SOURCE % "[ns.coll.common, ns.coll.common.extra, files]")
    found = read_documentation(path, collections)
    options = found["doc"]["options"]
    assert options["mode"] == {**options["mode"], "type": "raw", "description": ["My own."]}
    assert {"name", "owner", "extra", "selevel"} <= set(options)
    assert found["doc"]["notes"] == ["mine", "of the fragment"]
    assert "extends_documentation_fragment" not in found["doc"]
    assert found["examples"] == "- thing:\n"
    assert found["return"]["said"]["type"] == "str"


def test_a_file_beside_the_module(tmp_path: Path, collections: Collections):
    path = put(tmp_path, "thing.sh", "#!/bin/sh\n")
    put(tmp_path, "thing.yml", "DOCUMENTATION: {module: thing, short_description: x}\nEXAMPLES: text\n")
    assert read_documentation(path, collections) == {
        "doc": {"module": "thing", "short_description": "x"},
        "examples": "text",
        "return": {},
    }


@pytest.mark.parametrize("text", ["x = 1\n", "def\n", "DOCUMENTATION = 1\n", "EXAMPLES = 'x'\n"])
def test_nothing_said(tmp_path: Path, collections: Collections, text: str):
    assert read_documentation(put(tmp_path, "thing.py", text), collections) == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("DOCUMENTATION = '- a list'\n", "is no mapping"),
        ("DOCUMENTATION = 'a: ['\n", "not valid YAML"),
        ("DOCUMENTATION = 'extends_documentation_fragment: none'\n", "unknown doc_fragment 'none'"),
        ("DOCUMENTATION = 'extends_documentation_fragment: ns.coll.none'\n", r"fragment 'ns\.coll\.none'"),
        ("DOCUMENTATION = 'extends_documentation_fragment: ns.coll.common.no'\n", r"fragment 'ns\.coll\.common\.no'"),
        ("DOCUMENTATION = 'extends_documentation_fragment: ns.coll.broken'\n", "cannot read the documentation fragm"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, collections: Collections, text: str, problem: str):
    with pytest.raises(LanguageError, match=problem):
        read_documentation(put(tmp_path, "thing.py", text), collections)


def test_every_module_of_the_core_is_documented(collections: Collections):
    names = [name for name in collections.plugins("modules", "ansible.builtin") if not name.startswith("_")]
    assert len(names) > 60
    for name in names:
        path = collections.plugin("modules", f"ansible.builtin.{name}")
        assert path
        if name != "async_wrapper":
            assert read_documentation(path, collections)["doc"]["short_description"], name
