"""Playbooks that are imported from other folders: what lies beside them is theirs."""

from __future__ import annotations

from pathlib import Path

from tests.cli.helpers import invoke, write

SAYS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - include_tasks: tasks/more.yml
    - include_role: {name: inner}
    - import_role: {name: inner}
"""
MORE = """
- include_vars: beside.yml
- debug: {msg: "{{ lookup('file', 'text') }} {{ lookup('template', 'page.j2') }} {{ beside }}"}
- include_tasks: tasks/last.yml
- include_role: {name: inner}
"""


def test_files_tasks_and_roles_are_looked_for_beside_the_imported_one(tmp_path: Path) -> None:
    files = {
        "site.yml": "- import_playbook: sub/play.yml\n",
        "sub/play.yml": SAYS,
        "sub/tasks/more.yml": MORE,
        "sub/tasks/last.yml": "- debug: {msg: last}\n",
        "sub/files/text": "from sub\n",
        "sub/templates/page.j2": "in {{ playbook_dir | basename }}",
        "sub/vars/beside.yml": "beside: its own\n",
        "sub/roles/inner/tasks/main.yml": "- debug: {msg: inner}\n",
    }
    write(tmp_path, files)
    done = invoke(tmp_path, "play", "site.yml")
    assert done.code == 0, done.all
    assert done.out.count('"msg": "from sub in sub its own"') == 1
    assert (done.out.count('"msg": "last"'), done.out.count('"msg": "inner"')) == (1, 3)
