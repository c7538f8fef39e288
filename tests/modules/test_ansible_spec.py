"""Parameters, against those that the reference implementation documents (where it is installed)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from confman.catalogue.signature import read_spec

MODULES = Path(__file__).parents[2] / "modules"
NAMES = (
    "assemble", "blockinfile", "command", "copy", "file", "find", "get_url", "lineinfile", "replace", "shell", "slurp",
    "stat", "tempfile", "unarchive", "uri", "expect", "mount_facts", "subversion", "yum_repository",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_option_and_alias_is_known(name):
    reference = pytest.importorskip("ansible.modules")
    text = (Path(reference.__path__[0]) / f"{name}.py").read_text()
    constants = {node.targets[0].id: node.value for node in ast.parse(text).body if isinstance(node, ast.Assign)}
    documented = yaml.safe_load(ast.literal_eval(constants["DOCUMENTATION"]))["options"]
    ours = read_spec(MODULES / f"{name}.py", name).parameters
    names = set(ours) | {alias for parameter in ours.values() for alias in parameter.aliases}
    missing = {option for option in documented if option not in names}
    missing |= {alias for option in documented.values() for alias in option.get("aliases", ()) if alias not in names}
    assert missing - {"free_form", "async"} == set()  # no names for parameters of functions
