"""`confman doc`: manual pages, lists, snippets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confman.catalogue.find import Catalogue
from confman.cli.manual import as_data, page, parse_manual, snippet
from tests.cli.helpers import invoke, write

CATALOGUE = Catalogue()

TEXT = """Keep a thing.

More of it,
on two lines.

Args:
    path: Where it is.
    a, b: Two at once,
        on two lines.

Returns:
    dest: The place.

Examples:
    - thing:
        path: /x
"""


def test_parse_manual():
    manual = parse_manual(TEXT)
    assert manual.summary == "Keep a thing."
    assert manual.description == "More of it,\non two lines."
    assert manual.arguments == {
        "path": "Where it is.",
        "a": "Two at once, on two lines.",
        "b": "Two at once, on two lines.",
    }
    assert manual.returns == {"dest": "The place."}
    assert yaml.safe_load(manual.examples) == [{"thing": {"path": "/x"}}]


@given(st.text())
def test_any_docstring_can_be_parsed(text: str):
    manual = parse_manual(text)
    assert manual.summary == " ".join(manual.summary.split())


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_every_module_has_a_manual(name: str):
    spec = CATALOGUE.spec(name)
    text = page(name, spec, 79)
    public = [parameter for parameter in spec.parameters if not parameter.startswith("_")]
    documented = parse_manual(spec.doc).arguments
    assert [parameter for parameter in public if parameter not in documented] == []
    assert all(f"- {parameter}\n" in text or f"= {parameter}\n" in text for parameter in public)
    task = yaml.safe_load(snippet(name, spec))
    assert set(task[0][name] or {}) == set(public)
    json.dumps(as_data(name, spec))


def test_page(tmp_path: Path):
    done = invoke(tmp_path, "doc", "ansible.builtin.ping")
    assert done.code == 0
    assert done.out.startswith("> MODULE ping (")
    assert "        default: pong\n" in done.out


def test_json(tmp_path: Path):
    data = json.loads(invoke(tmp_path, "doc", "-j", "file").out)
    options = data["file"]["doc"]["options"]
    assert options["path"]["required"] is True
    assert "directory" in options["state"]["choices"]


def test_lists(tmp_path: Path):
    lines = invoke(tmp_path, "doc", "-l").out.splitlines()
    names = [line.split()[0] for line in lines]
    assert {"copy", "debug", "file", "include_tasks"} <= set(names)
    assert names == sorted(names)
    assert [line.split()[0] for line in invoke(tmp_path, "doc", "-l", "ping").out.splitlines()] == ["ping"]
    assert "/ping.py" in invoke(tmp_path, "doc", "-F", "ping").out
    assert "ping" in json.loads(invoke(tmp_path, "doc", "-l", "-j").out)


def test_snippet(tmp_path: Path):
    assert "ping:" in invoke(tmp_path, "doc", "-s", "ping").out


@pytest.mark.parametrize(("kind", "name"), [("filter", "to_json"), ("test", "defined"), ("lookup", "file")])
def test_functions(tmp_path: Path, kind: str, name: str):
    assert name in invoke(tmp_path, "doc", "-t", kind, "-l").out
    done = invoke(tmp_path, "doc", "-t", kind, name)
    assert done.code == 0
    assert done.out.startswith(f"> {kind.upper()} {name}")
    json.loads(invoke(tmp_path, "doc", "-t", kind, "-j", name).out)


def test_ones_own_modules(tmp_path: Path):
    write(
        tmp_path, {"lib/mine.py": 'def mine(name: str):\n    """Do it.\n\n    Args:\n        name: whose.\n    """\n'}
    )
    assert "Do it." in invoke(tmp_path, "doc", "mine", "-M", "lib").out


# -- modules written for Ansible

FOREIGN = '''#!/usr/bin/python
DOCUMENTATION = """
module: thing
short_description: Does C(a) thing, see L(here, https://x.y)
description: [First., "Second O(name=x)."]
options:
  name: {type: str, required: true, description: Whose., aliases: [who], choices: [a, b]}
  deep: {type: dict, suboptions: {low: {type: int, default: 3}}}
notes: [Beware.]
"""
EXAMPLES = "- ns.coll.thing:"
RETURN = "said: {description: What B(was) said.}"
from ansible.module_utils.basic import AnsibleModule
'''


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    base = "collections/ansible_collections/ns/coll/plugins/modules"
    silent = "#!/usr/bin/python\nfrom ansible.module_utils.basic import x\n"
    write(tmp_path, {f"{base}/thing.py": FOREIGN, f"{base}/silent.py": silent, "library/near.py": FOREIGN})
    return tmp_path


def test_a_page_of_a_foreign_module(foreign: Path):
    done = invoke(foreign, "doc", "--playbook-dir", ".", "ns.coll.thing")
    assert done.code == 0, done.all
    assert done.out.startswith("> MODULE ns.coll.thing (")
    for text in ("Does `a' thing, see here <https://x.y>", "Second `name=x'.", "= name", "aliases: [who]", "- low",
                 "default: 3", "NOTES:", "Beware.", "EXAMPLES:", "What was said."):  # fmt: skip
        assert text in done.out


def test_a_snippet_of_a_foreign_module(foreign: Path):
    done = invoke(foreign, "doc", "--playbook-dir", ".", "-s", "near")
    assert "near:" in done.out
    assert "name:" in done.out


def test_data_of_a_foreign_module(foreign: Path):
    done = invoke(foreign, "doc", "--playbook-dir", ".", "-j", "ns.coll.thing")
    entry = json.loads(done.out)["ns.coll.thing"]
    assert set(entry) == {"doc", "examples", "metadata", "return"}
    assert (entry["doc"]["collection"], entry["doc"]["module"]) == ("ns.coll", "thing")
    assert entry["doc"]["options"]["deep"]["suboptions"]["low"]["default"] == 3
    assert entry["return"] == {"said": {"description": "What B(was) said."}}


def test_lists_with_collections(foreign: Path):
    done = invoke(foreign, "doc", "--playbook-dir", ".", "-l", "ns.coll")
    assert [line.split()[0] for line in done.out.splitlines()] == ["ns.coll.silent", "ns.coll.thing"]
    assert "(it has no documentation)" in done.out
    assert "near" in invoke(foreign, "doc", "--playbook-dir", ".", "-l").out


def test_a_foreign_module_that_says_nothing(foreign: Path):
    done = invoke(foreign, "doc", "--playbook-dir", ".", "ns.coll.silent")
    assert done.code == 5
    assert "The module ns.coll.silent has no documentation" in done.all
