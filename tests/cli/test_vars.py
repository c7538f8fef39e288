"""`confman vars`: what a host's variables are and where they come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.helpers import invoke, write

FILES = {
    "inv": "[web]\nh1 pool=80\n[web:vars]\npool=81\n",
    "group_vars/all.yml": 'pool: "{{ base + 1 }}"\nbase: 8000\n',
    "host_vars/h1.yml": 'title: "{{ pool }} on {{ inventory_hostname }}"\n',
    "roles/web/defaults/main.yml": "pool: 1\nlevel: low\n",
    "roles/web/vars/main.yml": "forced: true\n",
    "roles/web/tasks/main.yml": "- ping:\n",
    "more.yml": "level: file\n",
    "site.yml": "- hosts: web\n  vars: {level: high}\n  roles: [web]\n- hosts: all\n  vars_files: [more.yml]\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an inventory, variables at every level and a playbook."""
    write(tmp_path, FILES)
    return tmp_path


def explain(folder: Path, *argv: str) -> list[str]:
    """The lines of an explanation, paths without the folder."""
    done = invoke(folder, "vars", "h1", "-i", "inv", *argv)
    assert (done.err, done.code) == ("", 0)
    return done.out.replace(f"{folder}/", "").splitlines()


def test_all_of_them(folder: Path):
    assert explain(folder) == [
        "base  = 8000  (group_vars/all.yml:2:1)",
        "pool  = 80  (inv:2:1)",
        'title = "80 on h1"  (host_vars/h1.yml:1:1)',
    ]
    assert json.loads("\n".join(explain(folder, "--json"))) == {"base": 8000, "pool": 80, "title": "80 on h1"}


def test_every_candidate_and_the_winner(folder: Path):
    assert explain(folder, "-p", "site.yml", "--explain", "pool") == [
        "pool = 80",
        "  wins    inv:2:1 (the host in the inventory): 80",
        "  hidden  group_vars/all.yml:1:1 (group_vars of all beside the playbook): '{{ base + 1 }}'",
        "  hidden  inv:4:1 (the group web in the inventory): 81",
        "  hidden  roles/web/defaults/main.yml:1:1 (defaults of the role web): 1",
    ]


@pytest.mark.parametrize(
    ("argv", "first"),
    [
        (("--explain", "level"), "  wins    site.yml:2:10 (vars of the play): 'high'"),
        (("--explain", "level", "--play", "2"), "  wins    more.yml:1:1 (vars_files of the play): 'file'"),
        (("--explain", "forced"), "  wins    roles/web/vars/main.yml:1:1 (vars of the role web): True"),
        (("--explain", "pool", "-e", "pool=5"), "  wins    <extra variables> (extra variables): '5'"),
    ],
)
def test_levels_of_a_play(folder: Path, argv: tuple[str, ...], first: str):
    assert explain(folder, "-p", "site.yml", *argv)[1] == first


def test_what_a_value_is_made_of(folder: Path):
    write(folder, {"host_vars/h1.yml": 'title: "{{ pool | default(\'base\') }}"\npool: "{{ base }}"\n'})
    lines = explain(folder, "--explain", "title")
    assert lines[0] == "title = 8000"
    assert lines[2:] == [
        "    uses pool = 8000  (host_vars/h1.yml:2:1 (host_vars beside the playbook))",
        "      uses base = 8000  (group_vars/all.yml:2:1 (group_vars of all beside the playbook))",
    ]


def test_as_json(folder: Path):
    data = json.loads("\n".join(explain(folder, "--json", "--explain", "title", "--explain", "nothing")))
    assert data["title"]["value"] == "80 on h1"
    assert data["title"]["candidates"][0]["source"] == "host_vars/h1.yml:1:1"
    assert data["title"]["uses"] == ["pool", "inventory_hostname"]
    assert data["nothing"] == {"value": None, "defined": False, "candidates": [], "uses": []}


def test_what_cannot_be_computed_is_said(folder: Path):
    write(folder, {"host_vars/h1.yml": 'broken: "{{ gone }}"\nround: "{{ round }}"\n'})
    text = "\n".join(explain(folder))
    assert "broken = \"(cannot be computed: 'gone' is undefined)\"" in text
    assert "Recursive loop" in text
    assert explain(folder, "--explain", "round")[0].startswith("round = ")
    assert explain(folder, "--explain", "nothing") == ["nothing is not defined for h1"]


def test_a_vaulted_value_is_not_shown(folder: Path):
    vaulted = (
        "secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n"
        "  33363965326261303234626463623963633531343539616138316433353830356566396130353436\n"
    )
    write(folder, {"host_vars/h1.yml": vaulted})
    lines = explain(folder, "--explain", "secret")
    assert lines[0] == 'secret = "(vaulted)"'
    assert lines[1].endswith(": (vaulted)")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("nobody",), "There is no host 'nobody'"),
        (("h1", "-p", "site.yml", "--play", "3"), "there is no play 3"),
        (("h1", "-p", "gone.yml"), "gone.yml"),
    ],
)
def test_wrong_input(folder: Path, argv: tuple[str, ...], says: str):
    done = invoke(folder, "vars", "-i", "inv", *argv)
    assert says in done.err
    assert done.code != 0
    assert "Traceback" not in done.all
