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
    assert data["CACHE_PLUGIN"]["effect"] == "none"
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
