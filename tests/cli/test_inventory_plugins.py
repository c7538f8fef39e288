"""Inventory plugins of ansible-core over our command line: what they see of extra variables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import invoke

CONSTRUCTED = """plugin: ansible.builtin.constructed
strict: true
{use}
compose:
  example: "'hello' ~ (word | default('nobody'))"
  lazy: other is defined
"""
REFERENCE = Path(sys.executable).parent / "ansible-inventory"


def listed(folder: Path, *options: str, use: str = "use_extra_vars: true", env: dict[str, str] | None = None) -> Any:
    """What `confman inventory --list` says of h1; ansible-inventory has to say the same."""
    (folder / "made.yml").write_text(CONSTRUCTED.format(use=use))
    words = ["-i", "h1,", "-i", "made.yml", "--list", *options]
    done = invoke(folder, "inventory", *words, env=env)
    assert done.code == 0, done.all
    data = json.loads(done.out)
    if REFERENCE.exists():
        environ = {**os.environ, **(env or {}), "HOME": str(folder)}
        other = subprocess.run([REFERENCE, *words], cwd=folder, env=environ, capture_output=True, check=True)
        assert data == json.loads(other.stdout)
    return data["_meta"]["hostvars"]["h1"]


@pytest.mark.parametrize(
    ("options", "example"),
    [
        ((), "hellonobody"),
        (("-e", "word=you"), "helloyou"),
        (("-e", "word=me", "-e", '{"word": "you"}'), "helloyou"),
        (("-e", "word='{{ 1 + 1 }}'"), "hello2"),
    ],
)
def test_extra_variables_are_seen_where_the_plugin_asks_for_them(tmp_path: Path, options, example):
    assert listed(tmp_path, *options)["example"] == {"__ansible_unsafe": example}
    assert listed(tmp_path, *options, use="")["example"] == {"__ansible_unsafe": "hellonobody"}


def test_the_environment_asks_for_them_too(tmp_path: Path):
    seen = listed(tmp_path, "-e", "word=you", use="", env={"ANSIBLE_INVENTORY_USE_EXTRA_VARS": "1"})
    assert seen["example"] == {"__ansible_unsafe": "helloyou"}


def test_extra_variables_of_one_run_are_not_there_in_the_next(tmp_path: Path):
    assert listed(tmp_path, "-e", "other=1")["lazy"] is True
    assert listed(tmp_path)["lazy"] is False


def test_what_a_script_says_is_shown(tmp_path: Path):
    script = tmp_path / "made.sh"
    script.write_text('#!/bin/sh\necho \'cache is cold\' >&2\necho \'{"web": {"hosts": ["a"]}, "_meta": {}}\'\n')
    script.chmod(0o755)
    done = invoke(tmp_path, "inventory", "-i", "made.sh", "--graph")
    assert "cache is cold" in done.err
    assert "cache is cold" not in done.out
    quiet = invoke(
        tmp_path, "inventory", "-i", "made.sh", "--graph", env={"ANSIBLE_INVENTORY_PLUGIN_SCRIPT_STDERR": "0"}
    )
    assert quiet.out == done.out
    assert "cache is cold" not in quiet.all


PLUGIN = """
DOCUMENTATION = 'name: mine\\noptions: {plugin: {description: which}}'
from ansible.plugins.inventory import BaseInventoryPlugin

class InventoryModule(BaseInventoryPlugin):
    NAME = "mine"

    def verify_file(self, path):
        return path.endswith("mine.yml")

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path)
        inventory.add_host("made")
"""


@pytest.mark.parametrize("name", ["mine", "ansible.legacy.mine"])
@pytest.mark.parametrize(
    ("options", "env", "there"),
    [
        ((), {}, False),
        (("--playbook-dir", "plays"), {}, True),
        ((), {"ANSIBLE_PLAYBOOK_DIR": "plays"}, True),
    ],
)
def test_plugins_beside_playbooks_are_found_where_their_folder_is_named(tmp_path: Path, name, options, env, there):
    (tmp_path / "plays/inventory_plugins").mkdir(parents=True)
    (tmp_path / "plays/inventory_plugins/mine.py").write_text(PLUGIN)
    (tmp_path / "mine.yml").write_text(f"plugin: {name}\n")
    done = invoke(tmp_path, "inventory", "-i", "mine.yml", "--graph", *options, env=env)
    assert ("--made" in done.out) is there, done.all
