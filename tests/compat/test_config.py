"""Configuration: which files count, what wins, what values become, where faults are."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.compat.config import Config, load_config, origins, settings_of
from confman.compat.config_files import read_ini, read_toml
from confman.compat.config_values import setting_value
from confman.compat.settings_known import KNOWN
from confman.compat.settings_table import EFFECTIVE, REFUSED, SETTINGS, Setting
from confman.errors import ConfmanError, ErrorGroup, UsageError
from confman.inventory.options import InventoryOptions
from confman.model.settings import Settings
from confman.sinks.view import View


def load(folder: Path, ini: str | None = None, toml: str | None = None, **environ: str) -> Config:
    """The configuration of a folder with these files."""
    if ini is not None:
        (folder / "ansible.cfg").write_text(ini)
    if toml is not None:
        (folder / "confman.toml").write_text(toml)
    return load_config({"HOME": str(folder / "home"), **environ}, folder)


# -- the table


def test_names_are_listed_once():
    names = [setting.name for setting in EFFECTIVE] + [row[0] for row in KNOWN]
    assert len(names) == len(set(names)) == len(SETTINGS)


def test_variables_belong_to_one_setting():
    seen: dict[str, str] = {}
    for setting in SETTINGS.values():
        for name in setting.env:
            assert seen.setdefault(name, setting.name) == setting.name


@pytest.mark.parametrize("setting", EFFECTIVE, ids=lambda setting: setting.name)
def test_what_a_setting_decides_exists(setting: Setting):
    room, _, field = setting.to.partition(".")
    fields = {
        "settings": {each.name for each in dataclasses.fields(Settings)},
        "inventory": {each.name for each in dataclasses.fields(InventoryOptions)},
        "view": {each.name for each in dataclasses.fields(View)},
    }
    assert room in {*fields, "become", "cache", "cli", "connection", "module"}
    assert field
    if room in fields:
        assert field in fields[room]


@pytest.mark.parametrize("setting", [each for each in EFFECTIVE if each.to.startswith("cli.")], ids=lambda s: s.name)
def test_what_the_command_line_decides_is_read_there(setting: Setting):
    rooms = Path(__file__).resolve().parents[2] / "confman"
    sources = "".join(path.read_text() for room in ("cli", "sinks") for path in (rooms / room).glob("*.py"))
    sources += "".join((rooms / name).read_text() for name in ("app.py", "compat/plugins.py"))
    assert f'"{setting.name}"' in sources


# -- which file counts


@pytest.mark.parametrize(
    ("places", "environ", "counts"),
    [
        ({}, {}, None),
        ({"home/.ansible.cfg": 1}, {}, "home/.ansible.cfg"),
        ({"home/.ansible.cfg": 1, "ansible.cfg": 2}, {}, "ansible.cfg"),
        ({"ansible.cfg": 2, "x.cfg": 3}, {"ANSIBLE_CONFIG": "x.cfg"}, "x.cfg"),
        ({"ansible.cfg": 2, "d/ansible.cfg": 3}, {"ANSIBLE_CONFIG": "d"}, "d/ansible.cfg"),
        ({"ansible.cfg": 2}, {"ANSIBLE_CONFIG": "gone.cfg"}, "ansible.cfg"),
        ({"home/my.cfg": 4}, {"ANSIBLE_CONFIG": "~/my.cfg"}, "home/my.cfg"),
    ],
)
def test_search_order(tmp_path: Path, places: dict[str, int], environ: dict[str, str], counts: str | None):
    for name, forks in places.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"[defaults]\nforks = {forks}\n")
    config = load(tmp_path, **environ)
    assert config.ini == (str(tmp_path / counts) if counts else None)
    assert config["DEFAULT_FORKS"] == (places[counts] if counts else 5)


@pytest.mark.parametrize("name", ["ansible.cfg", "confman.toml"])
def test_a_folder_that_everybody_may_write_to(tmp_path: Path, name: str):
    (tmp_path / name).write_text("[settings]\nforks = 9\n" if name.endswith("toml") else "[defaults]\nforks = 9\n")
    tmp_path.chmod(0o1777)
    config = load(tmp_path)
    assert config["DEFAULT_FORKS"] == 5
    assert name in config.warnings[0]
    tmp_path.chmod(0o755)
    assert load(tmp_path)["DEFAULT_FORKS"] == 9


def test_precedence(tmp_path: Path):
    ini, toml = "[defaults]\nforks = 2\ntimeout = 2\nverbosity = 2\n", "[settings]\nforks = 3\ntimeout = 3\n"
    config = load(tmp_path, ini, toml, ANSIBLE_FORKS="4").overlaid({"TASK_TIMEOUT": ("--task-timeout", 7)})
    names = ("DEFAULT_FORKS", "DEFAULT_TIMEOUT", "DEFAULT_VERBOSITY", "TASK_TIMEOUT", "DEFAULT_STRATEGY")
    assert [config[name] for name in names] == [4, 3, 2, 7, "linear"]
    assert [config.origins[name] for name in names] == [
        "env: ANSIBLE_FORKS", f"{tmp_path}/confman.toml:3", f"{tmp_path}/ansible.cfg:4",
        "option: --task-timeout", "default",
    ]  # fmt: skip
    assert not config.changed("DEFAULT_STRATEGY")


def test_toml_takes_keys_and_names(tmp_path: Path):
    text = '[settings]\nroles_path = ["a", "/b"]\nDEFAULT_TIMEOUT = 4\nhost_key_checking = false\n'
    text += 'default_strategy = "free"\n'
    config = load(tmp_path, None, text)
    assert config["DEFAULT_ROLES_PATH"] == [f"{tmp_path}/a", "/b"]
    assert (config["DEFAULT_TIMEOUT"], config["HOST_KEY_CHECKING"], config["DEFAULT_STRATEGY"]) == (4, False, "free")


def test_toml_of_the_user(tmp_path: Path):
    path = tmp_path / "home/.config/confman/confman.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[settings]\nforks = 6\n")
    assert load(tmp_path)["DEFAULT_FORKS"] == 6
    (tmp_path / "other.toml").write_text("[settings]\nforks = 7\n")
    assert load(tmp_path, CONFMAN_CONFIG="other.toml")["DEFAULT_FORKS"] == 7


# -- values


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DEFAULT_FORKS", " 12 ", 12),
        ("DEFAULT_FORKS", "'12'", 12),
        ("DEFAULT_BECOME", "Yes", True),
        ("DEFAULT_BECOME", "off", False),
        ("DEFAULT_BECOME", "", False),
        ("DEFAULT_REMOTE_USER", '"me"', "me"),
        ("DEFAULT_REMOTE_USER", "None", None),
        ("TAGS_RUN", "a, b ,,c", ["a", "b", "c"]),
        ("DEFAULT_PRIVATE_KEY_FILE", "keys/id", "/cfg/keys/id"),
        ("DEFAULT_PRIVATE_KEY_FILE", "~/id", "/home/me/id"),
        ("DEFAULT_PRIVATE_KEY_FILE", "../id", "/id"),
        ("DEFAULT_PRIVATE_KEY_FILE", "$CONFMAN_TEST_FOLDER/id", "/from/env/id"),
        ("DEFAULT_ROLES_PATH", "roles:~/r:/abs", ["/cfg/roles", "/home/me/r", "/abs"]),
        ("DEFAULT_HOST_LIST", "a,b/", ["/cfg/a", "/cfg/b"]),
        ("DEFAULT_HOST_LIST", "h1,h2,", ["h1,h2,"]),
        ("DEFAULT_GATHERING", "smart", "smart"),
    ],
)
def test_values(name: str, text: str, value: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONFMAN_TEST_FOLDER", "/from/env")
    assert setting_value(SETTINGS[name], text, Path("/cfg"), "/home/me") == value


@pytest.mark.parametrize(
    ("name", "text"),
    [("DEFAULT_FORKS", "1.5"), ("DEFAULT_FORKS", "x"), ("DEFAULT_FORKS", True), ("DEFAULT_FORKS", "inf"),
     ("DEFAULT_BECOME", "maybe"), ("DEFAULT_GATHERING", "Smart"), ("DEFAULT_FORKS", [1])],
)  # fmt: skip
def test_wrong_values(name: str, text: Any):
    with pytest.raises(UsageError, match=name):
        setting_value(SETTINGS[name], text, Path("/"), "/")


@given(st.sampled_from(sorted(SETTINGS)), st.text())
def test_any_text_is_a_value_or_a_usage_error(name: str, text: str):
    try:
        value = setting_value(SETTINGS[name], text, Path("/"), "/h")
    except UsageError:
        return
    kinds = {"bool": bool, "int": int, "float": float, "str": str, "path": str}
    assert value is None or isinstance(value, kinds.get(SETTINGS[name].kind, list))


# -- files


def test_ini_as_ansible_reads_it(tmp_path: Path):
    path = tmp_path / "a.cfg"
    path.write_text("# c\n[defaults]\nforks: 3 ; many\nremote_user = a%b # kept\nlog =\n  one\n  two\n[x]\nKEY=v\n")
    entries = read_ini(str(path)).entries
    assert {key: entry.value for key, entry in entries.items()} == {
        ("defaults", "forks"): "3", ("defaults", "remote_user"): "a%b # kept",
        ("defaults", "log"): "\none\ntwo", ("x", "key"): "v",
    }  # fmt: skip
    assert [entry.line for entry in entries.values()] == [3, 4, 5, 9]


@given(st.text(alphabet=st.sampled_from(list("[]=:;#ab \n\t\"'\\%")) | st.characters(), max_size=80))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.getbasetemp() / "any.cfg"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    for read in (read_ini, read_toml):
        found: UsageError | None = None
        try:
            read(str(path))
        except UsageError as error:
            found = error
        assert found is None or (found.source is not None and found.source.path == str(path))


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[defaults]\nx=" + b"a" * (1024 * 1024)])
def test_files_that_are_no_configuration(tmp_path: Path, data: bytes):
    (tmp_path / "ansible.cfg").write_bytes(data)
    with pytest.raises(UsageError):
        load(tmp_path)


def test_every_fault_is_told(tmp_path: Path):
    with pytest.raises(ErrorGroup) as caught:
        load(tmp_path, "[defaults]\nforks = x\ntimeout = y\n", None, ANSIBLE_BECOME="z")
    assert [str(error.source or "") for error in caught.value.errors] == [
        f"{tmp_path}/ansible.cfg:2", f"{tmp_path}/ansible.cfg:3", ""
    ]  # fmt: skip
    assert "(env: ANSIBLE_BECOME)" in caught.value.errors[2].message


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_change_a_playbook_silently_is_refused(tmp_path: Path, name: str):
    section, key = SETTINGS[name].ini[0]
    with pytest.raises(ConfmanError, match=name) as caught:
        load(tmp_path, f"[{section}]\n{key} = {REFUSED[name][0]}\n")
    assert re.search(r"ansible\.cfg:2$", str(caught.value.source))


def test_unknown_keys_are_warned_about_where_all_are_known(tmp_path: Path):
    config = load(tmp_path, "[defaults]\nfork = 1\n[my_plugin]\nanything = 1\n")
    assert config.warnings == (
        f"{tmp_path}/ansible.cfg:2: there is no setting 'fork' in [defaults]; did you mean 'forks'?",
    )


# -- settings of a run


def test_defaults_are_those_of_settings(tmp_path: Path):
    made = settings_of(load(tmp_path))
    plain = Settings()
    differ = {
        each.name for each in dataclasses.fields(Settings) if getattr(made, each.name) != getattr(plain, each.name)
    }
    assert differ == {"role_paths", "collection_paths", "inventory_sources", "module_options"}


def test_settings_of(tmp_path: Path):
    ini = "[defaults]\nforks=7\ninventory=i\n"
    ini += "[ssh_connection]\nssh_common_args=-J gate\n[tags]\nrun=a,b\n[diff]\nalways=1\n"
    made = settings_of(load(tmp_path, ini), check=True)
    assert (made.forks, made.tags, made.diff, made.check) == (7, ("a", "b"), True, True)
    assert made.inventory_sources == (f"{tmp_path}/i",)
    assert made.connection_options == {"ssh_common_args": "-J gate"}
    assert made.config_file == f"{tmp_path}/ansible.cfg"


@pytest.mark.parametrize(("key", "value"), [("forks", 0), ("timeout", -1), ("task_timeout", -1), ("verbosity", -1)])
def test_impossible_numbers(tmp_path: Path, key: str, value: int):
    with pytest.raises(UsageError, match=key):
        settings_of(load(tmp_path, f"[defaults]\n{key} = {value}\n"))


# -- becoming another user


@pytest.mark.parametrize(
    ("ini", "environ", "held"),
    [
        ("", {}, {}),
        ("[sudo_become_plugin]\nuser = a\nflags = -n\nexecutable = /s\npassword = p\n", {},
         {"sudo_user": "a", "sudo_flags": "-n", "sudo_exe": "/s", "sudo_password": "p"}),
        ("[sudo_become_plugin]\nuser = a\n", {"ANSIBLE_SUDO_USER": "b"}, {"sudo_user": "b"}),
        ("", {"ANSIBLE_BECOME_PASS": "p", "ANSIBLE_SU_PASS": "q"}, {"password": "p", "su_password": "q"}),
        ("[su_become_plugin]\nlocalized_prompts = Eins, Zwei\n", {}, {"su_prompt_l10n": ["Eins", "Zwei"]}),
        ("", {"ANSIBLE_SUDO_CHDIR": "/srv"}, {"sudo_chdir": "/srv"}),
        ("", {"ANSIBLE_DOAS_EXE": "/d", "ANSIBLE_RUNUSER_USER": "u"}, {"doas_exe": "/d", "runuser_user": "u"}),
    ],
)  # fmt: skip
def test_each_way_to_become_somebody_has_settings(tmp_path, ini, environ, held):
    config = load(tmp_path, ini, **environ)
    assert settings_of(config).become_options == held
    assert not config.warnings


def test_passwords_of_the_configuration_are_masked(tmp_path):
    config = load(tmp_path, "[su_become_plugin]\npassword = hunter2\n", ANSIBLE_BECOME_PASS="hunter2")
    shown = {setting.name: value for setting, value, _ in origins(config)}
    assert shown["SU_BECOME_PASSWORD"] == shown["BECOME_PASSWORD"] == "********"
    assert shown["SUDO_BECOME_PASSWORD"] is None
    assert "hunter2" not in str(shown)


@pytest.mark.parametrize(
    ("ini", "environ", "seconds"),
    [
        ("", {}, 10),
        ("[ssh_connection]\ntimeout = 4\n", {}, 4),
        ("[defaults]\ntimeout = 3\n[ssh_connection]\ntimeout = 4\n", {}, 4),
        ("", {"ANSIBLE_TIMEOUT": "5", "ANSIBLE_SSH_TIMEOUT": "6"}, 6),
    ],
)
def test_the_time_for_connecting(tmp_path, ini, environ, seconds):
    assert settings_of(load(tmp_path, ini, **environ)).timeout == seconds


def test_retries_of_connections(tmp_path):
    assert settings_of(load(tmp_path, "[ssh_connection]\nretries = 3\n")).connection_options == {"ssh_retries": 3}
