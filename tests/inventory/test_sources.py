from dataclasses import replace
from pathlib import Path

import pytest

from confman.errors import ConfmanError, InventoryError
from confman.inventory.options import InventoryOptions
from confman.inventory.sources import SYSTEM_INVENTORY, read_inventory
from confman.inventory.statements import AddHost
from confman.model.source import Source

from .helpers import collected, own


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(data)
        if data.startswith(b"#!"):
            path.chmod(0o755)
    return folder


LISTING = '#!/bin/sh\necho \'{"web": ["scripted"], "_meta": {"hostvars": {}}}\'\n'

FORMATS = [
    ("hosts", "[web]\na\n"),
    ("hosts.ini", "[web]\na\n"),
    ("web.example", "a\n"),
    ("hosts.yml", "web: {hosts: {a: }}\n"),
    ("hosts.yaml", "---\nweb:\n  hosts:\n    a:\n"),
    ("hosts", "---\nweb:\n  hosts:\n    a:\n"),
    ("hosts.json", '{"web": {"hosts": {"a": {}}}}'),
    ("hosts.toml", "[web.hosts]\na = {}\n"),
    ("hosts.yml", "[web]\na\n"),
]


@pytest.mark.parametrize(("name", "text"), FORMATS)
def test_the_format_is_found(tmp_path, name, text):
    path = write(tmp_path, {name: text}) / name
    inventory = read_inventory([str(path)])
    assert list(inventory.hosts) == ["a"]
    assert inventory.sources == (str(path),)
    variables = inventory.hosts["a"].vars
    assert (variables["inventory_file"], variables["inventory_dir"]) == (str(path), str(tmp_path))


def test_scripts_are_run(tmp_path):
    path = write(tmp_path, {"inv": LISTING}) / "inv"
    assert list(read_inventory([str(path)]).hosts) == ["scripted"]


def test_an_executable_file_that_is_no_script_is_read(tmp_path):
    path = write(tmp_path, {"hosts": "[web]\na\n"}) / "hosts"
    path.chmod(0o755)
    assert list(read_inventory([str(path)]).hosts) == ["a"]


def test_several_sources_and_host_lists(tmp_path):
    write(tmp_path, {"one": "[web]\na x=1\n", "two": "[web]\na x=2\nb\n"})
    inventory = read_inventory([str(tmp_path / "one"), str(tmp_path / "two"), "c,d[1:2],", ""])
    assert list(inventory.hosts) == ["a", "b", "c", "d1", "d2"]
    assert own(inventory.hosts["a"].vars) == {"x": 2}
    assert inventory.sources == (str(tmp_path / "one"), str(tmp_path / "two"))
    assert inventory.hosts["c"].vars["inventory_dir"] is None


def test_a_path_with_a_comma_is_a_path(tmp_path):
    write(tmp_path, {"a,b": "x\n"})
    assert list(read_inventory([str(tmp_path / "a,b")]).hosts) == ["x"]


def test_directories_are_read_in_order_and_some_entries_are_not(tmp_path):
    write(
        tmp_path,
        {
            "20-web": "[web]\nb\n",
            "10-db.yml": "db: {hosts: {a: }}\n",
            "30-dir/hosts": "c\n",
            "README.md": "read me: now\n",
            "hosts.bak": "zz\n",
            "hosts~": "zz\n",
            ".hidden": "zz\n",
            "old.retry": "zz\n",
            "skip-this": "zz\n",
            "group_vars/web.yml": "x: 1\n",
            "host_vars/a": "x: 1\n",
        },
    )
    inventory = read_inventory([str(tmp_path)], InventoryOptions(ignored_patterns=("^skip",)))
    assert list(inventory.hosts) == ["a", "b", "c"]
    assert inventory.sources == (str(tmp_path),)
    assert inventory.hosts["c"].vars["inventory_dir"] == str(tmp_path / "30-dir")


def test_paths_are_made_absolute_and_links_stay(tmp_path, monkeypatch):
    write(tmp_path, {"real/hosts": "a\n"})
    (tmp_path / "link").symlink_to("real/hosts")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WHERE", "real")
    assert read_inventory(["link"]).sources == (str(tmp_path / "link"),)
    assert read_inventory(["~/real/../real/hosts"]).sources == (str(tmp_path / "real/hosts"),)
    assert read_inventory(["$WHERE/hosts"]).sources == (str(tmp_path / "real/hosts"),)


def test_a_vaulted_inventory_is_opened(tmp_path):
    path = write(tmp_path, {"hosts": "$ANSIBLE_VAULT;1.1;AES256\n6162\n"}) / "hosts"
    opened = read_inventory([str(path)], InventoryOptions(vault=lambda text: "[web]\na\n"))
    assert list(opened.hosts) == ["a"]
    with pytest.raises(InventoryError, match="no vault password"):
        read_inventory([str(path)])


@pytest.mark.parametrize("name", ["hosts", "hosts.yml"])
def test_an_empty_file_is_an_empty_inventory(tmp_path, name):
    assert read_inventory([str(write(tmp_path, {name: ""}) / name)]).hosts == {}


def test_no_source_is_an_empty_inventory():
    inventory = read_inventory([])
    assert inventory.hosts == {}
    assert list(inventory.groups) == ["all", "ungrouped"]


@pytest.mark.skipif(Path(SYSTEM_INVENTORY).exists(), reason="this machine has one")
def test_the_systems_inventory_may_be_missing():
    assert read_inventory([SYSTEM_INVENTORY]).hosts == {}


ERRORS = [
    ("hosts", "[web\na b\n", "range|brackets|key=value", 1),
    ("hosts", "a\nb c\n", "key=value", 2),
    ("hosts", "all:\n  hosts: [a]\n", "must be a mapping", 2),
    ("hosts", "# note\n---\nall:\n  hosts: [a]\n", "must be a mapping", 4),
    ("hosts.yml", "all:\n  hosts:\n - a: {\n", "YAML", 3),
    ("hosts.yml", "plugin: amazon.aws.aws_ec2\n", "amazon.aws.aws_ec2", 1),
    ("hosts.json", '{"all": ]', "YAML", 1),
    ("hosts.toml", "[all\n", "TOML", 1),
    ("hosts", b"a\nb caf\xe9\n", "UTF-8", 2),
]


@pytest.mark.parametrize(("name", "text", "fault", "line"), ERRORS)
def test_the_error_is_that_of_the_format_that_was_meant(tmp_path, name, text, fault, line):
    path = write(tmp_path, {name: text}) / name
    with pytest.raises(ConfmanError, match=fault) as caught:
        read_inventory([str(path)])
    assert caught.value.source is not None
    assert (caught.value.source.path, caught.value.source.line) == (str(path), line)


def test_a_failing_script_is_the_error(tmp_path):
    path = write(tmp_path, {"inv": "#!/bin/sh\necho broken >&2\nexit 4\n"}) / "inv"
    with pytest.raises(InventoryError, match="exit code 4"):
        read_inventory([str(path)])


def test_a_missing_source_is_an_error(tmp_path):
    with pytest.raises(InventoryError, match="does not exist") as caught:
        read_inventory([str(tmp_path / "none")])
    assert caught.value.source == Source(str(tmp_path / "none"))


def test_errors_can_be_warnings(tmp_path):
    write(tmp_path, {"bad": "a b\n", "good": "c\n"})
    warnings = []
    inventory = read_inventory([str(tmp_path), str(tmp_path / "none")], collected(warnings, strict=False))
    assert list(inventory.hosts) == ["c"]
    assert [str(tmp_path / "bad") in warnings[0], str(tmp_path / "none") in warnings[1]] == [True, True]


def test_formats_can_be_chosen(tmp_path):
    path = write(tmp_path, {"hosts.yml": "web: {hosts: {a: }}\n"}) / "hosts.yml"
    with pytest.raises(InventoryError, match="any enabled format"):
        read_inventory([str(path)], InventoryOptions(enabled=("toml",)))
    with pytest.raises(InventoryError, match="'nothing'"):
        read_inventory([str(path)], InventoryOptions(enabled=("nothing",)))


def test_other_plugins_are_asked_with_what_is_known_so_far(tmp_path):
    first = write(tmp_path, {"a.yml": "web: {hosts: {a: {x: 1}}}\n"}) / "a.yml"
    second = write(tmp_path, {"b.yml": "plugin: some.owner.mine\n"}) / "b.yml"
    asked = []

    def plugin(name, path, so_far):
        asked.append((name, path, dict(so_far.hosts["a"].vars)["x"], so_far.groups["web"].hosts))
        return [AddHost("b", Source(path), "web")]

    inventory = read_inventory([str(first), str(second)], InventoryOptions(plugin=plugin))
    assert asked == [("some.owner.mine", str(second), 1, ("a",))]
    assert inventory.groups["web"].hosts == ("a", "b")
    with pytest.raises(InventoryError, match=r"'some\.owner\.mine'") as caught:
        read_inventory([str(second)])
    assert caught.value.source.line == 1


def test_a_plugin_of_the_list_is_asked_for_every_source(tmp_path):
    path = write(tmp_path, {"x": "[web]\na\n"}) / "x"
    options = InventoryOptions(enabled=("mine", "ini"), plugin=lambda name, _path, _so_far: None)
    assert list(read_inventory([str(path)], options).hosts) == ["a"]


def test_what_is_left_out_is_told(tmp_path):
    faults, warnings = [], []
    write(tmp_path, {"bad.yml": "a: b: c\n"})
    options = InventoryOptions(
        strict=False, warn=warnings.append, fault=lambda text, error: faults.append((text, error.message))
    )
    assert read_inventory([str(tmp_path / "bad.yml")], options).hosts == {}
    assert [text for text, _message in faults] == [
        "Failed to parse inventory with 'auto' plugin",
        "Failed to parse inventory with 'yaml' plugin",
        "Failed to parse inventory with 'ini' plugin",
    ]
    assert warnings[-2:] == [
        f"Unable to parse {tmp_path / 'bad.yml'} as an inventory source",
        "No inventory was parsed, only implicit localhost is available",
    ]
    with pytest.raises(InventoryError, match="No inventory was parsed"):
        read_inventory([str(tmp_path / "bad.yml")], replace(options, unparsed_fails=True))


def test_bad_patterns_to_ignore_are_refused(tmp_path):
    with pytest.raises(InventoryError, match="regular expressions"):
        read_inventory([str(tmp_path)], InventoryOptions(ignored_patterns=("(",)))


def test_a_directory_in_a_circle_is_refused(tmp_path):
    write(tmp_path, {"inv/hosts": "a\n"})
    (tmp_path / "inv/again").symlink_to(".")
    with pytest.raises(InventoryError, match="nested deeper"):
        read_inventory([str(tmp_path / "inv")])


def test_a_device_is_not_read_forever():
    with pytest.raises(InventoryError, match="larger"):
        read_inventory(["/dev/zero"])


def test_a_directory_with_nothing_in_it(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/hosts").write_text("a\n")
    (tmp_path / "full/empty").mkdir()
    for folder in ("full/empty", "full"):
        with pytest.raises(InventoryError, match="Nothing in this inventory directory is an inventory") as caught:
            read_inventory([str(tmp_path / folder)], InventoryOptions(strict=True))
        assert str(caught.value.source) == str(tmp_path / "full/empty")
    assert list(read_inventory([str(tmp_path / "full")], InventoryOptions(strict=False)).hosts) == ["a"]
    assert list(read_inventory([str(tmp_path / "full/empty")], InventoryOptions(strict=False)).hosts) == []
