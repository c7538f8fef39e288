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
