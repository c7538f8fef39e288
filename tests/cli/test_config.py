"""`confman config`: what is shown of settings."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from confman.compat.settings_table import SETTINGS
from tests.cli.helpers import invoke, write


def test_dump(tmp_path: Path):
    write(tmp_path, {"ansible.cfg": "[defaults]\nforks = 7\n"})
    cfg = f"{tmp_path}/ansible.cfg"
    done = invoke(tmp_path, "config", "dump", "--only-changed", env={"ANSIBLE_TIMEOUT": "3"})
    assert done.out.splitlines() == [
        f"CONFIG_FILE() = {cfg}", f"DEFAULT_FORKS({cfg}) = 7", "DEFAULT_TIMEOUT(env: ANSIBLE_TIMEOUT) = 3"
    ]  # fmt: skip
    exact = invoke(tmp_path, "config", "dump", "default_forks", "--origin")
    assert f"DEFAULT_FORKS({cfg}:2) = 7" in exact.out
    rows = json.loads(invoke(tmp_path, "config", "dump", "--only-changed", "-f", "json").out)
    assert rows[1] == {"name": "DEFAULT_FORKS", "origin": cfg, "value": 7}
    assert yaml.safe_load(invoke(tmp_path, "config", "dump", "--only-changed", "-f", "yaml").out) == rows


def test_dump_shows_every_setting(tmp_path: Path):
    shown = {line.split("(")[0] for line in invoke(tmp_path, "config", "dump").out.splitlines()}
    assert shown == {"CONFIG_FILE", *SETTINGS}


def test_list(tmp_path: Path):
    data = json.loads(invoke(tmp_path, "config", "list", "-f", "json").out)
    assert data["DEFAULT_FORKS"]["env"] == [{"name": "ANSIBLE_FORKS"}]
    assert data["DEFAULT_FORKS"]["effect"] == "settings.forks"
    assert data["LOG_VERBOSITY"]["effect"] == "none"
    assert data["DEFAULT_GATHERING"]["choices"] == ["implicit", "explicit", "smart"]


def test_view(tmp_path: Path):
    write(tmp_path, {"ansible.cfg": "[defaults]\nforks = 7\n", "confman.toml": "[settings]\nforks = 8\n"})
    assert invoke(tmp_path, "config", "view").out == "[defaults]\nforks = 7\n[settings]\nforks = 8\n"


def test_another_file(tmp_path: Path):
    write(tmp_path, {"other.cfg": "[defaults]\nforks = 9\n"})
    assert "DEFAULT_FORKS" in invoke(tmp_path, "config", "dump", "-c", "other.cfg", "--only-changed").out


@pytest.mark.parametrize("form", ["ini", "toml"])
def test_what_init_writes_changes_nothing(tmp_path: Path, form: str):
    name = {"ini": "ansible.cfg", "toml": "confman.toml"}[form]
    before = invoke(tmp_path, "config", "dump", "-f", "json").out
    (tmp_path / name).write_text(invoke(tmp_path, "config", "init", "-f", form).out)
    after = invoke(tmp_path, "config", "dump", "-f", "json")
    assert after.code == 0, after.err
    values = [{row["name"]: row["value"] for row in json.loads(text)} for text in (before, after.out)]
    different = {name for name in values[0] if (values[0][name] or None) != (values[1][name] or None)}
    assert different <= {"CONFIG_FILE"}


def test_init_disabled(tmp_path: Path):
    assert tomllib.loads(invoke(tmp_path, "config", "init", "-f", "toml", "--disabled").out) == {"settings": {}}
    text = invoke(tmp_path, "config", "init", "--disabled").out
    assert all(line.startswith(("[", "#", ";")) or not line for line in text.splitlines())
    assert "ANSIBLE_FORKS=" in invoke(tmp_path, "config", "init", "-f", "env").out


def test_validate(tmp_path: Path):
    assert invoke(tmp_path, "config", "validate").code == 0
    write(tmp_path, {"ansible.cfg": "[defaults]\nfork = 7\n"})
    done = invoke(tmp_path, "config", "validate", env={"ANSIBLE_FROKS": "1"})
    assert done.code == 1
    assert "ansible.cfg:2: there is no setting 'fork' in [defaults]; did you mean 'forks'?" in done.err
    assert "ANSIBLE_FROKS" in done.err


GALAXY = """[galaxy]
server_list = hub, other
[galaxy_server.hub]
url=https://hub.example.org/
username=me
[galaxy_server.other]
token=word
"""


def test_galaxy_servers_are_shown(tmp_path: Path):
    write(tmp_path, {"ansible.cfg": GALAXY})
    env = {"ANSIBLE_GALAXY_SERVER_HUB_PASSWORD": "typed"}
    data = json.loads(invoke(tmp_path, "config", "dump", "-f", "json", env=env).out)
    servers = next(row["GALAXY_SERVERS"] for row in data if "GALAXY_SERVERS" in row)
    hub, other = ({row["name"]: (row["value"], row["origin"]) for row in servers[name]} for name in ("hub", "other"))
    cfg = f"{tmp_path}/ansible.cfg"
    assert hub["url"] == ("https://hub.example.org/", cfg)
    assert hub["username"] == ("me", cfg)
    assert hub["password"] == ("typed", "env: ANSIBLE_GALAXY_SERVER_HUB_PASSWORD")
    assert hub["api_version"] == (None, "default")
    assert hub["timeout"] == (60, "default")
    assert other["url"] == (None, "REQUIRED")
    assert other["token"] == ("word", cfg)
    shown = invoke(tmp_path, "config", "dump", env=env).out
    assert f"\nGALAXY_SERVERS: hub\nurl({cfg}) = https://hub.example.org/\n" in shown
    assert "GALAXY_SERVERS" not in invoke(tmp_path, "config", "dump", "default_forks").out


def test_validate_one_of_both(tmp_path: Path):
    write(tmp_path, {"ansible.cfg": "[defaults]\nfork = 7\n"})
    wrong = {"ANSIBLE_COW_DESTRUCTION": "1"}
    right = {"ANSIBLE_COW_SELECTION": "1", "ANSIBLE_TEST_CI": "x", "ANSIBLE_GALAXY_SERVER_A_URL": "x"}
    assert "cow" not in invoke(tmp_path, "config", "validate", "-f", "ini", env=wrong).err.lower()
    assert invoke(tmp_path, "config", "validate", "-f", "ini").code == 1
    assert invoke(tmp_path, "config", "validate", "-f", "env", env=right).code == 0
    done = invoke(tmp_path, "config", "validate", "-f", "env", env=wrong)
    assert (done.code, done.err) == (1, "[WARNING]: There is no setting for the variable ANSIBLE_COW_DESTRUCTION\n")


@pytest.mark.parametrize(
    ("kind", "there", "not_there"),
    [
        ("become", "DEFAULT_BECOME_METHOD", "DEFAULT_FORKS"),
        ("connection", "SSH_COMMON_ARGS", "DEFAULT_BECOME_METHOD"),
        ("inventory", "INVENTORY_ENABLED", "DEFAULT_FORKS"),
    ],
)
def test_settings_of_one_kind(tmp_path: Path, kind: str, there: str, not_there: str):
    for command in (("list",), ("dump", "-f", "yaml")):
        data = yaml.safe_load(invoke(tmp_path, "config", *command, "-t", kind).out)
        names = set(data) if isinstance(data, dict) else {row["name"] for row in data}
        assert there in names
        assert not_there not in names


def test_internal_settings_are_shown_and_test_settings_are_not(tmp_path: Path):
    data = json.loads(invoke(tmp_path, "config", "dump", "-t", "all", "-f", "json").out)
    names = [row["name"] for row in data if "name" in row]
    assert [name for name in names if name.startswith("_")]
    assert not [name for name in names if name.startswith("_Z_")]
