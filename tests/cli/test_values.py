"""Settings that decide what variables are worth, as ansible-core has them (recorded from 2.19)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.helpers import invoke, write

SITE = {
    "hosts.yml": """
        all:
          vars: {app: {a: {x: 1, l: [1]}, from: all, t: "{{ word }}"}}
          children:
            web:
              vars: {app: {a: {y: 2}, from: web}}
              hosts:
                h: {ansible_connection: local, app: {a: {z: 3, l: [2]}}, word: hello}
        """,
    "group_vars/all.yml": "app: {group_all: 1, from: file}\n",
    "host_vars/h.yml": "app: {host_file: '{{ word }} 2'}\n",
    "roles/r/defaults/main.yml": "app: {default: 1, from: defaults}\n",
    "roles/r/vars/main.yml": "app: {rolevars: 1}\n",
    "roles/r/vars/one.yml": "app: {read: {one: 1}}\n",
    "roles/r/vars/two.yml": "app: {read: {two: 2}}\n",
    "roles/r/tasks/main.yml": """
        - debug: {var: app}
        - include_vars: one.yml
        - include_vars: two.yml
        - set_fact: {app: {fact: 1, a: {x: 9}}}
        - debug: {var: app}
          vars: {app: {task: 1}}
        - debug: {var: hostvars.h.app}
        - set_fact: {app: text}
        - debug: {var: app}
        """,
    "site.yml": """
        - hosts: all
          gather_facts: false
          vars: {app: {play: 1}}
          vars_files: [file.yml]
          roles: [{role: r, app: {param: 1}}]
        """,
    "file.yml": "app: {vars_file: 1}\n",
}
OF_HOST = {
    "a": {"x": 1, "y": 2, "z": 3, "l": [2]},
    "from": "file", "t": "hello", "group_all": 1, "host_file": "hello 2", "extra": 1,
}  # fmt: skip
OF_ROLE = {**OF_HOST, "default": 1, "play": 1, "vars_file": 1, "rolevars": 1, "param": 1}
READ = {"fact": 1, "a": {**OF_HOST["a"], "x": 9}, "read": {"one": 1, "two": 2}}


def shown(folder: Path, *argv: str, **env: str) -> list[object]:
    """What `debug: var` shows, task by task."""
    done = invoke(folder, "play", "-i", "hosts.yml", "-o", "jsonl", *argv, "site.yml", env=env)
    assert done.code == 0, done.all
    events = [json.loads(line) for line in done.out.splitlines()]
    results = [
        event["result"] for event in events if event["event"] == "host_done" and event["task"]["action"] == "debug"
    ]
    return [value for result in results for name, value in result.items() if name in {"app", "hostvars.h.app", "msg"}]


def test_mappings_are_merged_over_all_levels(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    found = shown(tmp_path, "-e", '{"app": {"extra": 1}}', ANSIBLE_HASH_BEHAVIOUR="merge")
    assert found == [OF_ROLE, {**OF_ROLE, **READ, "task": 1}, {**OF_HOST, **READ}, {"param": 1, "extra": 1}]


def test_the_highest_wins_otherwise(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    assert shown(tmp_path)[0] == {"param": 1}


def test_inventories_are_listed_merged(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    done = invoke(tmp_path, "inventory", "-i", "hosts.yml", "--host", "h", env={"ANSIBLE_HASH_BEHAVIOUR": "merge"})
    assert json.loads(done.out)["app"] == {
        **{name: value for name, value in OF_HOST.items() if name != "extra"}, "t": "{{ word }}",
        "host_file": "{{ word }} 2",
    }  # fmt: skip


def test_another_behaviour_is_refused(tmp_path: Path) -> None:
    write(tmp_path, SITE)
    done = invoke(tmp_path, "play", "-i", "hosts.yml", "site.yml", env={"ANSIBLE_HASH_BEHAVIOUR": "mix"})
    assert done.code == 5
    assert "one of these is possible: replace, merge" in done.err


PLAY = '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - debug: {msg: "%s"}\n'
DO = "{% set l = [] %}{% for i in [1, 2, 3] %}{% if i == 3 %}{% break %}{% endif %}{% do l.append(i) %}{% endfor %}{{ l }}"


def test_extensions_of_the_template_language(tmp_path: Path) -> None:
    write(tmp_path, {"site.yml": PLAY % DO, "hosts.yml": ""})
    known = "jinja2.ext.do, jinja2.ext.loopcontrols"
    assert shown(tmp_path, ANSIBLE_JINJA2_EXTENSIONS=known) == [[1, 2]]


@pytest.mark.parametrize("name", ["no.such", "jinja2.ext.no_such"])
def test_an_extension_that_is_not_there(tmp_path: Path, name: str) -> None:
    write(tmp_path, {"site.yml": PLAY % "x"})
    done = invoke(tmp_path, "play", "site.yml", env={"ANSIBLE_JINJA2_EXTENSIONS": name})
    assert done.code == 5
    assert f"Cannot load the Jinja2 extensions {name}" in done.err
    assert "e.g. jinja2.ext.do" in done.err
