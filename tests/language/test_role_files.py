"""What is read of roles, and how often."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from confman.catalogue.find import Catalogue
from confman.documents.yaml import load_yaml_file
from confman.language.playbook import load_playbook
from confman.model.play import Block, Play
from tests.engine.stage import make_engine, make_reading

FILES = {
    "defaults/main.yml": "a: 1\n",
    "defaults/other.yml": "a: 2\n",
    "vars/main/one.yml": "b: 3\n",
    "vars/main/two.yml": "c: 4\n",
    "tasks/main.yml": "- debug:\n",
}


def lay(folder: Path, files: dict[str, str]) -> None:
    """Lay files down in a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def read(folder: Path, playbook: str) -> tuple[tuple[Play, ...], Counter[str]]:
    """The plays of a playbook, and how often each file was read, by its path."""
    seen: Counter[str] = Counter()

    def load(path: Path) -> Any:
        seen[str(path.relative_to(folder))] += 1
        return load_yaml_file(path)

    (folder / "site.yml").write_text(playbook)
    reading = replace(make_reading(make_engine(), Catalogue()), load=load)
    return load_playbook(folder / "site.yml", reading), seen


def test_variables_of_a_role_that_is_used_again_are_read_once(tmp_path: Path) -> None:
    lay(tmp_path / "roles/r", FILES)
    plays, seen = read(
        tmp_path,
        "- hosts: all\n  roles: [{role: r, x: 1}, {role: r, x: 2}]\n"
        "- hosts: all\n  tasks:\n"
        "    - import_role: {name: r}\n"
        "    - import_role: {name: r, defaults_from: other}\n",
    )
    files = ("defaults/main.yml", "defaults/other.yml", "vars/main/one.yml", "vars/main/two.yml")
    assert [seen[f"roles/r/{name}"] for name in files] == [1, 1, 1, 1]
    uses = [item.role for play in plays for item in (*play.roles, *play.tasks) if isinstance(item, Block)]
    assert [use and (use.defaults, use.vars, use.params) for use in uses] == [
        ({"a": 1}, {"b": 3, "c": 4}, {"x": 1}),
        ({"a": 1}, {"b": 3, "c": 4}, {"x": 2}),
        ({"a": 1}, {"b": 3, "c": 4}, {}),
        ({"a": 2}, {"b": 3, "c": 4}, {}),
    ]
