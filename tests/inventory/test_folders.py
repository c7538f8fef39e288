from pathlib import Path

import pytest

from confman.documents.yaml import load_yaml_file
from confman.errors import LanguageError
from confman.inventory.folders import Folders, variable_paths, variable_roots
from confman.inventory.sources import read_inventory
from confman.model.values import Template


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def paths(root, name, kind="group_vars"):
    return [str(path.relative_to(root / kind)) for path in variable_paths(root, kind, name)]


FINDS = [
    (["web"], ["web"]),
    (["web.yml"], ["web.yml"]),
    (["web.yaml"], ["web.yaml"]),
    (["web.json"], ["web.json"]),
    (["web.txt"], []),
    (["web", "web.yml"], ["web"]),
    (["web.yml", "web.yaml", "web.json"], ["web.yml"]),
    (["web/b.yml", "web/a", "web.yml"], ["web/a", "web/b.yml"]),
    (["web/10/z.yml", "web/20.yml", "web/05.yaml"], ["web/05.yaml", "web/10/z.yml", "web/20.yml"]),
    (["web/.hidden", "web/a.yml~", "web/b.txt", "web/c.json", "web/d.d/e.yml"], ["web/c.json"]),
    (["webs.yml"], []),
]


@pytest.mark.parametrize(("files", "found"), FINDS)
def test_files_are_found(tmp_path, files, found):
    write(tmp_path, dict.fromkeys((f"group_vars/{name}" for name in files), ""))
    assert paths(tmp_path, "web") == found


@pytest.mark.parametrize("name", ["../web", "/etc/passwd", "", ".", "..", "a\0b"])
def test_names_do_not_lead_out_of_the_folder(tmp_path, name):
    write(tmp_path, {"group_vars/x": "", "web.yml": ""})
    assert paths(tmp_path, name) == []


def test_a_folder_that_is_missing_or_a_file(tmp_path):
    assert paths(tmp_path, "web") == []
    (tmp_path / "host_vars").write_text("")
    assert paths(tmp_path, "web", "host_vars") == []


def test_a_circle_of_directories_is_refused(tmp_path):
    write(tmp_path, {"group_vars/web/a.yml": ""})
    (tmp_path / "group_vars/web/again").symlink_to(".")
    with pytest.raises(LanguageError, match="nested deeper"):
        paths(tmp_path, "web")


def test_files_keep_their_order_and_places(tmp_path):
    write(tmp_path, {"host_vars/h/1.yml": "a: 1\nb: {x: 1}\n", "host_vars/h/2.yml": "b: {y: '{{ z }}'}\n"})
    first, second = Folders(load_yaml_file).files(tmp_path, "host_vars", "h")
    assert (first.vars, second.vars) == ({"a": 1, "b": {"x": 1}}, {"b": {"y": "{{ z }}"}})
    assert isinstance(second.vars["b"]["y"], Template)
    assert second.vars["b"]["y"].source.path == str(tmp_path / "host_vars/h/2.yml")


def test_each_file_keeps_its_own(tmp_path):
    write(tmp_path, {"group_vars/all/1.yml": "a: 1\n", "group_vars/all/2.yml": "", "group_vars/all/3.yml": "b: 2\n"})
    files = Folders(load_yaml_file).files(tmp_path, "group_vars", "all")
    assert [(file.path.name, file.vars) for file in files] == [("1.yml", {"a": 1}), ("3.yml", {"b": 2})]


def test_files_are_read_once(tmp_path):
    write(tmp_path, {"group_vars/web.yml": "a: 1\n"})
    read = []

    def load(path):
        read.append(path)
        return {"a": 1}

    folders = Folders(load)
    for _ in range(3):
        assert [file.vars for file in folders.files(tmp_path, "group_vars", "web")] == [{"a": 1}]
        assert not list(folders.files(tmp_path, "group_vars", "db"))
        assert not list(folders.files(tmp_path, "host_vars", "web"))
    assert len(read) == 1


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("- a\n", "a list", 1),
        ("text\n", "mapping, not ", 1),
        ("3\n", "int", 0),
        ("1: x\n", "1 is not text", 1),
        ("false\n", "bool", 0),
    ],
)
def test_what_is_no_mapping_is_refused(tmp_path, text, fault, line):
    write(tmp_path, {"group_vars/web.yml": text})
    with pytest.raises(LanguageError, match=fault) as caught:
        list(Folders(load_yaml_file).files(tmp_path, "group_vars", "web"))
    assert caught.value.source is not None
    assert (caught.value.source.path, caught.value.source.line) == (str(tmp_path / "group_vars/web.yml"), line)


def test_roots_lie_beside_the_sources(tmp_path):
    write(tmp_path, {"one/hosts": "a\n", "one/more": "b\n", "two/hosts": "c\n", "two/group_vars/all": "x: 1\n"})
    sources = [str(tmp_path / "one/hosts"), str(tmp_path / "one/more"), str(tmp_path / "two"), "d,"]
    assert variable_roots(read_inventory(sources)) == (Path(tmp_path, "one"), Path(tmp_path, "two"))
