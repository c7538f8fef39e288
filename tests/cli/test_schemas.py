"""Schemas for editors: they take our playbooks, and refuse what would fail."""

from __future__ import annotations

import functools
from pathlib import Path

import jsonschema
import pytest
import yaml

from confman.catalogue.find import Catalogue
from confman.cli.schemas import schemas
from tests.cli.helpers import invoke

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
VARIABLES = [*PLAYBOOKS.glob("group_vars/**/*.yml"), *PLAYBOOKS.glob("roles/*/defaults/*.yml")]
TASKS = [*PLAYBOOKS.glob("roles/*/tasks/*.yml"), *PLAYBOOKS.glob("roles/*/handlers/*.yml")]


@functools.cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = schemas(Catalogue())[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def faults(name: str, text: str) -> list[str]:
    """What a schema has against a text."""
    return [error.message for error in validator(name).iter_errors(yaml.safe_load(text))]


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in sorted(PLAYBOOKS.glob("*.yml"))])
def test_our_playbooks_are_taken(path):
    assert faults("playbook", path.read_text()) == []


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(PLAYBOOKS))) for path in TASKS])
def test_our_files_of_tasks_are_taken(path):
    assert faults("tasks", path.read_text()) == []


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(PLAYBOOKS))) for path in VARIABLES])
def test_our_variables_are_taken(path):
    assert faults("variables", path.read_text()) == []


RIGHT = [
    ("playbook", "[{hosts: all, become: '{{ b }}', serial: [1, '50%'], roles: [a, {role: b, x: 1}], tasks: []}]"),
    ("playbook", "[{import_playbook: other.yml, vars: {a: 1}}]"),
    ("tasks", "[{copy: {src: a, dest: /b, mode: 0644, force: no}, when: [a, b], tags: x, notify: [h]}]"),
    ("tasks", "[{ansible.builtin.file: {path: /a, state: '{{ s }}'}, loop: [1], register: r}]"),
    ("tasks", "[{file: path=/a state=directory}, {command: ls}, {with_items: [1], debug: {msg: x}}]"),
    ("tasks", "[{community.general.ufw: {anything: 1}}, {mycorp.web.thing: {}}]"),
    ("tasks", "[{block: [{ping: {}}], rescue: [{fail: {msg: x}}], always: [{block: []}]}]"),
    ("tasks", "[{user: {name: a, groups: [x], append: yes, uid: '{{ u }}'}, args: {shell: /bin/sh}}]"),
    ("inventory", "{all: {hosts: {a: , b: {x: 1}}, children: {web: {hosts: {a: }, vars: {y: 2}}}}}"),
    ("variables", "{a: 1, b_2: [x]}"),
    ("variables", ""),
]


@pytest.mark.parametrize(("name", "text"), RIGHT)
def test_what_is_right_is_taken(name, text):
    assert faults(name, text) == []


WRONG = [
    ("playbook", "[{hots: all}]"),
    ("playbook", "[{tasks: []}]"),
    ("playbook", "{hosts: all}"),
    ("playbook", "[{hosts: all, tasks: [{copi: {src: a}}]}]"),
    ("tasks", "[{copy: {scr: a, dest: /b}}]"),
    ("tasks", "[{file: {path: /a, state: gone}}]"),
    ("tasks", "[{file: {path: /a, recurse: perhaps}}]"),
    ("tasks", "[{user: {name: a, uid: many}}]"),
    ("tasks", "[{ping: {}, becom: yes}]"),
    ("tasks", "[{ansible.builtin.nosuch: {}}]"),
    ("tasks", "[{ping: {}, ignore_errors: perhaps}]"),
    ("tasks", "[{block: {ping: {}}}]"),
    ("tasks", "[ping]"),
    ("inventory", "{all: {host: {a: }}}"),
    ("inventory", "{all: {hosts: [a]}}"),
    ("variables", "{a-b: 1}"),
    ("variables", "[a]"),
]


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_what_is_wrong_is_refused(name, text):
    assert faults(name, text) != []


def test_the_site_has_a_page_of_each_module_and_the_schemas(tmp_path):
    done = invoke(tmp_path, "doc", "--site", "out")
    assert done.code == 0, done.all
    names = set(Catalogue().names())
    assert {path.stem for path in (tmp_path / "out/modules").glob("*.md")} == {*names, "index"}
    assert {path.stem for path in (tmp_path / "out/schemas").glob("*.json")} == {
        "playbook",
        "tasks",
        "inventory",
        "variables",
    }
    page = (tmp_path / "out/modules/file.md").read_text()
    assert "Keep a file, folder or link as it should be" in page
    assert "(modules/file.py)" in page
    assert "[file](file.md): Keep a file" in (tmp_path / "out/modules/index.md").read_text()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "out").write_text("a file")
    done = invoke(tmp_path, "doc", "--site", "out")
    assert done.code != 0
    assert "cannot write into out" in done.all
