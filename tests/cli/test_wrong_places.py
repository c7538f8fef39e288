"""Wrong playbooks, inventories and files of variables: each is told with its place, the line, and what to do.

wrong.yml holds them: the files, the exit code, and what must be said (`says`, `place`, `hint`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.helpers import invoke, write

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "wrong.yml").read_text())
INVENTORIES = ("inv.yml", "inv.toml", "c.yml")
STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}


def is_inventory(case: dict[str, Any]) -> bool:
    """Whether it is the inventory that is wrong."""
    return bool({"inv", *INVENTORIES} & set(case["files"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"].replace(" ", "-"))
def test_what_is_wrong_is_told_with_its_place(case: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"inv": "h ansible_connection=local\n", **case["files"]})
    inventory = next((name for name in INVENTORIES if name in case["files"]), "inv")
    done = invoke(tmp_path, "play", "-i", inventory, "site.yml", env=STRICT if is_inventory(case) else {})
    said = done.all.replace(f"{tmp_path}/", "")
    path, line, _column = case["place"].rsplit(":", 2)
    text = case["files"][path].splitlines()
    assert case["says"] in said
    assert f"Origin: {case['place']}\n" in said
    if int(line) <= len(text):
        assert f"{line} {text[int(line) - 1]}"[:117].replace("\t", " ").rstrip() in said
    assert f"Hint: {case['hint']}" in said or not case["hint"]
    assert done.code == case["code"]
    assert "Traceback" not in said
    assert "bug in confman" not in said


def test_most_have_a_hint() -> None:
    assert len(CASES) >= 150
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert sum(not case["hint"] for case in CASES) < len(CASES) / 10


def test_the_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    tasks = "    - debugg: msg=x\n    - debug:\n      when: {a: b}\n    - debug: {msg: x}\n      resuce: 1\n"
    write(tmp_path, {"inv": "h\n", "site.yml": f"- hosts: all\n  ordr: sorted\n  tasks:\n{tasks}"})
    done = invoke(tmp_path, "play", "-i", "inv", "site.yml")
    places = [line.rpartition("/")[2] for line in done.err.splitlines() if line.startswith("Origin: ")]
    assert sorted(places) == ["site.yml:2:3", "site.yml:4:7", "site.yml:6:13", "site.yml:8:7"]
    assert done.code == 4
    assert not done.out


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("a: '{{ b }} x'\nb: '{{ c }}'\n", "b (group_vars/all.yml:2:4) <- a (group_vars/all.yml:1:4) <- site.yml:4:20"),
        ("a: '{{ b }}'\nb: '{{ a }}'\n", "b (group_vars/all.yml:2:4) <- a (group_vars/all.yml:1:4) <- site.yml:4:20"),
        ("a: {x: '{{ c }}'}\n", ""),
        ("a: ['{{ b }}']\nb: '{{ c.d }}'\n", "b (group_vars/all.yml:2:4) <- site.yml:4:20"),
        ("a: \"{{ 'x' | nosuch }}\"\n", "a (group_vars/all.yml:1:4) <- site.yml:4:20"),
    ],
)
def test_who_refers_to_what_is_undefined(tmp_path: Path, variables: str, said: str) -> None:
    play = "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: '{{ a }}'}\n"
    write(tmp_path, {"inv": "h ansible_connection=local\n", "site.yml": play, "group_vars/all.yml": variables})
    done = invoke(tmp_path, "play", "-i", "inv", "site.yml")
    told = [line for line in done.all.replace(f"{tmp_path}/", "").splitlines() if "referenced by " in line]
    assert [line.partition("referenced by ")[2] for line in told] == ([said] if said else [])
    assert done.code == 2


def test_a_condition_tells_who_refers_to_what_is_undefined(tmp_path: Path) -> None:
    play = "- hosts: all\n  gather_facts: false\n  vars: {a: '{{ b }}'}\n  tasks:\n    - debug:\n      when: a\n"
    write(tmp_path, {"inv": "h ansible_connection=local\n", "site.yml": play})
    done = invoke(tmp_path, "play", "-i", "inv", "site.yml")
    assert "referenced by a (" in done.all
