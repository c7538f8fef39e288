"""`confman inventory`: lists, one host, drawings."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.cli.helpers import Done, invoke, write

FILES = {
    "inv": 'h1 a=1\n[g]\nh2 b="{{ a }}"\n[g:vars]\nx=1\n',
    "group_vars/g.yml": "y: 2\n",
    "host_vars/h2.yml": "b: 3\n",
    "there/group_vars/g.yml": "y: 9\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an inventory."""
    write(tmp_path, FILES)
    return tmp_path


def show(folder: Path, *argv: str) -> Done:
    """Run the command."""
    done = invoke(folder, "inventory", "-i", "inv", *argv)
    assert (done.err, done.code) == ("", 0)
    return done


def test_list(folder: Path):
    data = json.loads(show(folder, "--list").out)
    assert data["_meta"]["hostvars"] == {"h1": {"a": 1}, "h2": {"b": 3, "x": 1, "y": 2}}
    assert data["g"] == {"hosts": ["h2"]}
    assert data["all"] == {"children": ["ungrouped", "g"]}


def test_export(folder: Path):
    data = json.loads(show(folder, "--list", "--export").out)
    assert data["_meta"]["hostvars"] == {"h1": {"a": 1}, "h2": {"b": 3}}
    assert data["g"] == {"hosts": ["h2"], "vars": {"x": 1, "y": 2}}
    again = json.loads(invoke(folder, "inventory", "-i", "inv", "--list", env={"ANSIBLE_INVENTORY_EXPORT": "1"}).out)
    assert again == data


@pytest.mark.parametrize(("option", "load"), [("--yaml", yaml.safe_load), ("--toml", tomllib.loads)])
def test_other_formats(folder: Path, option: str, load):
    data = load(show(folder, "--list", option).out)
    assert not show(folder, "--list", option).out.endswith("\n\n")
    group = data["all"]["children"]["g"] if option == "--yaml" else data["g"]
    assert group["hosts"]["h2"] == {"b": 3, "x": 1, "y": 2}


def test_what_is_vaulted_stays_so_and_can_be_read_again(tmp_path: Path):
    vaulted = "$ANSIBLE_VAULT;1.1;AES256\n6162\n6364\n"
    write(tmp_path, {"hosts.yml": 'all: {hosts: {h: {secret: !vault "' + vaulted.replace("\n", "\\n") + '"}}}\n'})
    for name in ("hosts.yml", "again.yml"):
        listed = json.loads(invoke(tmp_path, "inventory", "-i", name, "--list").out)
        assert listed["_meta"]["hostvars"]["h"] == {"secret": {"__ansible_vault": vaulted}}
        in_yaml = invoke(tmp_path, "inventory", "-i", name, "--list", "--yaml").out
        assert "secret: !vault |\n" in in_yaml
        write(tmp_path, {"again.yml": in_yaml})
    assert 'secret = "<vaulted>"' in invoke(tmp_path, "inventory", "-i", "again.yml", "--list", "--toml").out


def test_host(folder: Path):
    assert json.loads(show(folder, "--host", "h2").out) == {"b": 3, "x": 1, "y": 2}
    assert yaml.safe_load(show(folder, "--host", "h2", "-y").out) == {"b": 3, "x": 1, "y": 2}
    assert json.loads(show(folder, "--host", "h1", "-e", "a=5").out) == {"a": "5"}


def test_limit(folder: Path):
    data = json.loads(show(folder, "--list", "--limit", "h1").out)
    assert list(data["_meta"]["hostvars"]) == ["h1"]


def test_graph(folder: Path):
    assert show(folder, "--graph").out == "@all:\n  |--@ungrouped:\n  |  |--h1\n  |--@g:\n  |  |--h2\n"
    drawn = "@g:\n  |--h2\n  |  |--{b = 3}\n  |  |--{x = 1}\n  |  |--{y = 2}\n  |--{x = 1}\n  |--{y = 2}\n"
    assert show(folder, "--graph", "g", "--vars").out == drawn


def test_output_into_a_file(folder: Path):
    assert show(folder, "--list", "--output", "out.json").out == ""
    assert "_meta" in json.loads((folder / "out.json").read_text())


def test_playbook_dir(folder: Path):
    data = json.loads(show(folder, "--host", "h2", "--playbook-dir", "there").out)
    assert data["y"] == 9


def test_inventory_of_the_configuration(folder: Path):
    write(folder, {"ansible.cfg": "[defaults]\ninventory = inv\n"})
    assert "h1" in invoke(folder, "inventory", "--list").out


def test_a_host_that_is_none(folder: Path):
    done = invoke(folder, "inventory", "-i", "inv", "--host", "invalid")
    assert done.code == 5
    assert "[WARNING]: Could not match supplied host pattern, ignoring: invalid" in done.err
    assert "There is no host 'invalid'" in done.err
