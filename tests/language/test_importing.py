"""Where playbooks of collections are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.language.importing import collection_playbook

HERE = ("one.yml", "deep/two.yaml", "bare", "yml.yml")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("ns.coll.one", "one.yml"),
        ("ns.coll.one.yml", "one.yml"),
        ("ns.coll.one.yaml", None),
        ("ns.coll.deep.two", "deep/two.yaml"),
        ("ns.coll.deep.two.yaml", "deep/two.yaml"),
        ("ns.coll.bare", "bare"),
        ("ns.coll.yml", "yml.yml"),
        ("ns.coll.gone", None),
        ("ns.coll", None),
        ("ns.coll.yml.one", None),
        ("./ns.coll.one", None),
        ("ns.coll.../one", None),
        ("one.yml", None),
    ],
)
def test_names_of_playbooks(tmp_path: Path, name: str, file: str | None) -> None:
    folder = tmp_path / "second/ansible_collections/ns/coll/playbooks"
    for each in HERE:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).touch()
    found = collection_playbook(name, (str(tmp_path / "first"), str(tmp_path / "second")))
    assert found == (None if file is None else folder / file)
