"""Names that variables should not have."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.language.reserved import RESERVED, reserved
from confman.model.source import Source
from confman.model.values import SourcedDict
from tests.cli.helpers import invoke, write

PLAY = "- hosts: localhost\n  gather_facts: false\n"


def test_names_and_their_places() -> None:
    names = SourcedDict({"query": 1, "mine": 2, "vars": 3, 5: 4}, source=Source("f.yml", 1, 1))
    names.keys_at = {"query": (2, 3)}
    assert list(reserved(names)) == [("Found variable using reserved name 'query'.", Source("f.yml", 2, 3))]
    place = Source("g.yml", 7)
    assert list(reserved(["name"], place)) == [("Found variable using reserved name 'name'.", place)]


@pytest.mark.parametrize("name", ["vars", "gather_subset", "listen", "inventory_hostname", "item", "x"])
def test_what_is_free(name: str) -> None:
    assert name not in RESERVED


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("  vars: {query: 1}\n  tasks: [{debug: }]\n", "site.yml:3:10"),
        ("  tasks:\n    - debug:\n      vars: {query: 1}\n", "site.yml:5:14"),
        ("  tasks:\n    - block: [{debug: }]\n      vars: {query: 1}\n", "site.yml:5:14"),
        ("  tasks:\n    - set_fact: {a: 1, query: 1}\n", "site.yml:4:24"),
        ("  tasks:\n    - debug:\n      register: query\n", "site.yml:4:7"),
        ("  tasks:\n    - include_vars: v.yml\n", "site.yml:4:7"),
        ("  roles: [r]\n", "roles/r/vars/main.yml:1:1"),
    ],
)
def test_who_sets_one_is_warned_once(tmp_path: Path, text: str, place: str) -> None:
    files = {"v.yml": "query: 1\n", "roles/r/vars/main.yml": "query: 1\n"}
    write(tmp_path, {"site.yml": PLAY + text, **files})
    done = invoke(tmp_path, "play", "-i", "localhost,", "-c", "local", "site.yml")
    said = done.err.replace(f"{tmp_path}/", "")
    assert said.count("[WARNING]: Found variable using reserved name 'query'.") == 1
    assert f"Origin: {place}\n" in said
    assert done.code == 0
