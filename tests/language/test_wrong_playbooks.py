"""What is wrong in playbooks, roles and imports: all of it at once, each at its place; and what is right, linked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from confman.errors import ErrorGroup
from confman.model.play import Block, Task
from tests.engine.stage import read_plays


def write(folder: Path, files: dict[str, str]) -> None:
    """Files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def faults(folder: Path, text: str) -> list[tuple[str, str]]:
    """(place, message) of all that is wrong."""
    with pytest.raises(ErrorGroup) as caught:
        read_plays(text, folder)
    return [(str(error.source).removeprefix(f"{folder}/"), error.message) for error in caught.value.errors]


PLAY = "- hosts: all\n  tasks:\n"


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "site.yml", "Empty playbook"),
        ("a: 1\n", "site.yml:1:1", "A playbook must be a list of plays"),
        ("- text\n", "site.yml:1:3", "a play must be a mapping, not text"),
        ("- tasks: []\n", "site.yml:1:3", "the field 'hosts' is required but was not set"),
        ("- hosts:\n", "site.yml:1:3", "Hosts list cannot be empty"),
        ("- hosts: {a: 1}\n", "site.yml:1:3", "Hosts list must be a sequence or string"),
        ("- hosts: [[a]]\n", "site.yml:1:3", "Hosts list contains an invalid host value"),
        ("- hosts: all\n  taks: []\n", "site.yml:2:3", "'taks' is not a valid attribute for a Play"),
        ("- hosts: all\n  vars: [a]\n", "site.yml:2:3", "Vars in a Play must be specified as a dictionary."),
        ("- hosts: all\n  tasks: {a: 1}\n", "site.yml:2:10", "should be a list or None"),
        ("- hosts: all\n  roles: [nothing]\n", "site.yml:2:11", "the role 'nothing' was not found"),
        ("- hosts: all\n  roles: [{rol: x}]\n", "site.yml:2:11", "this role entry has no `role`"),
        ("- hosts: all\n  roles: [[x]]\n", "site.yml:2:11", "a role is a name or a mapping with `role`"),
        (PLAY + "    - text\n", "site.yml:3:7", "a task must be a mapping, not text"),
        (PLAY + "    - name: x\n", "site.yml:3:7", "no module/action detected in task"),
        (PLAY + "    - debgu: msg=x\n", "site.yml:3:7", "couldn't resolve module/action 'debgu'"),
        (PLAY + "    - debug: msg=x\n      wehn: y\n", "site.yml:4:7", "'wehn' is not a valid attribute for a Task"),
        (PLAY + "    - debug: msg=x\n      copy: {}\n", "site.yml:3:7", "conflicting action statements: debug, copy"),
        (PLAY + "    - debug: word\n", "site.yml:3:14", "expected key=value, not 'word'"),
        (PLAY + "    - debug: [a]\n", "site.yml:3:7", "the arguments of debug must be a mapping"),
        (PLAY + "    - action: ''\n", "site.yml:3:7", "action needs a module"),
        (PLAY + "    - debug: msg=x\n      args: [a]\n", "site.yml:4:13", "args must be a mapping"),
        (PLAY + "    - debug: msg=x\n      loop:\n", "site.yml:4:7", "loop needs a list"),
        (PLAY + "    - debug: msg=x\n      loop: []\n      with_items: []\n", "site.yml:5:7", "a task has one loop"),
        (
            PLAY + "    - debug: msg=x\n      loop_control: [a]\n      loop: [1]\n",
            "site.yml:4:7",
            "loop_control must be",
        ),
        (PLAY + "    - rescue: []\n", "site.yml:3:7", "'rescue' keyword cannot be used without 'block'"),
        (PLAY + "    - block: []\n      loop: [1]\n", "site.yml:4:7", "'loop' is not a valid attribute for a Block"),
        (PLAY + "    - import_tasks: no.yml\n", "site.yml:3:21", "no.yml' on the Ansible Controller"),
        (PLAY + "    - import_tasks:\n", "site.yml:3:7", "No file specified for import_tasks"),
        (
            PLAY + "    - import_tasks: a.yml\n      loop: [1]\n",
            "site.yml:3:7",
            "You cannot use loops on 'import_tasks' statements. You should use 'include_tasks' instead.",
        ),
        (PLAY + "    - import_tasks: '{{ fact }}.yml'\n", "site.yml:3:21", "'fact' is undefined"),
        (PLAY + "    - import_role: {nmae: x}\n", "site.yml:3:21", "Invalid options for import_role: nmae"),
        (PLAY + "    - import_role: {}\n", "site.yml:3:7", "'name' is a required field for import_role"),
        ("- import_playbook: no.yml\n", "site.yml:1:3", "could not find the playbook 'no.yml' to import"),
        (
            "- import_playbook: x.yml\n  hosts: all\n",
            "site.yml:2:3",
            "'hosts' is not a valid attribute for a PlaybookInclude",
        ),
        ("- import_playbook: site.yml\n", "site.yml", "imports itself"),
    ],
)
def test_one_fault(tmp_path: Path, text: str, place: str, message: str) -> None:
    found = faults(tmp_path, text)
    assert found[0][0] == place
    assert message in found[0][1]


def test_all_faults_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, PLAY + "    - debgu: {}\n    - name: x\n- tasks:\n    - debug: word\n")
    assert sorted(place for place, _ in found) == ["site.yml:3:7", "site.yml:4:7", "site.yml:5:3", "site.yml:6:14"]


@pytest.mark.parametrize(
    ("files", "text", "place", "message"),
    [
        ({"t.yml": "- debgu: {}\n"}, PLAY + "    - import_tasks: t.yml\n", "t.yml:1:3", "couldn't resolve"),
        ({"t.yml": "- import_tasks: t.yml\n"}, PLAY + "    - import_tasks: t.yml\n", "t.yml", "imports itself"),
        ({"t.yml": "a: [\n"}, PLAY + "    - import_tasks: t.yml\n", "t.yml:2:1", ""),
        ({"roles/r/tasks/main.yml": "- debgu: {}\n"}, "- hosts: all\n  roles: [r]\n", "roles/r/tasks/main.yml:1:3", "couldn't"),
        ({"roles/r/vars/main.yml": "- a\n"}, "- hosts: all\n  roles: [r]\n", "roles/r/vars/main.yml:1:1", "must hold a mapping"),
        ({"roles/r/meta/main.yml": "dependencies: [gone]\n"}, "- hosts: all\n  roles: [r]\n",
         "roles/r/meta/main.yml:1:16", "the role 'gone' was not found"),
        ({"roles/r/meta/main.yml": "dependencies: [r]\n"}, "- hosts: all\n  roles: [r]\n",
         "roles/r/meta/main.yml:1:16", "the role 'r' depends on itself"),
        ({"roles/r/tasks/main.yml": "[]\n"}, PLAY + "    - import_role: {name: r, tasks_from: gone}\n",
         "site.yml:3:7", "Could not find specified file in role: tasks/gone"),
    ],
)  # fmt: skip
def test_faults_of_imported_files(tmp_path: Path, files: dict[str, str], text: str, place: str, message: str) -> None:
    write(tmp_path, files)
    found = faults(tmp_path, text)
    assert found[0][0] == place
    assert message in found[0][1]


def tasks(items: Any) -> Iterator[Task]:
    """All tasks, the validation of arguments left out."""
    for item in items:
        if isinstance(item, Block):
            for part in (item.tasks, item.rescue, item.always):
                yield from tasks(part)
        else:
            yield item


def test_roles_are_linked(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "roles/a/tasks/main.yml": "- {name: a, debug: msg=a}\n- import_tasks: more.yml\n",
            "roles/a/tasks/more.yml": "- {name: more, debug: msg=a}\n",
            "roles/a/meta/main.yml": "dependencies:\n  - {role: b, x: 1}\n",
            "roles/a/defaults/main.yml": "d: 1\n",
            "roles/a/handlers/main.yml": "- {name: h, debug: msg=h}\n",
            "roles/b/tasks/main.yml": "- {name: b, debug: msg=b}\n",
            "roles/b/vars/main.yaml": "v: 2\n",
        },
    )
    (play,) = read_plays("- hosts: all\n  roles:\n    - {role: a, p: 3, tags: t}\n", tmp_path)
    assert [task.name for task in tasks(play.roles)] == ["b", "a", "more"]
    assert [task.role and task.role.name for task in tasks(play.roles)] == ["b", "a", "a"]
    contexts = {role.name: role for role in play.role_contexts}
    assert (contexts["a"].params, contexts["a"].defaults) == ({"p": 3}, {"d": 1})
    assert (contexts["b"].params, contexts["b"].vars, contexts["b"].dependency) == ({"x": 1}, {"v": 2}, True)
    assert [role.name for role in contexts["b"].parents] == ["a"]
    assert [task.name for task in tasks(play.handlers)] == ["h"]
    assert play.roles[0].keywords["tags"] == "t"


def test_imports_are_linked(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "more.yml": "- hosts: web\n  tags: own\n  vars: {w: 1}\n  tasks:\n    - import_tasks: '{{ v }}.yml'\n",
            "t.yml": "- {name: t, debug: msg=x}\n",
        },
    )
    text = "- import_playbook: more.yml\n  vars: {v: t}\n  tags: outer\n  when: go\n- hosts: all\n"
    imported, last = read_plays(text, tmp_path)
    assert [task.name for task in tasks(imported.tasks)] == ["t"]
    assert imported.keywords["tags"] == ["own", "outer"]
    assert imported.keywords["vars"] == {"w": 1, "v": "t"}
    assert imported.tasks[0].keywords["when"] == "go"
    assert (imported.hosts, last.hosts) == ("web", "all")


def test_a_role_that_describes_its_arguments_checks_them_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "roles/a/tasks/main.yml": "- {name: a, debug: msg=a}\n",
            "roles/a/meta/argument_specs.yml": "argument_specs:\n  main:\n    short_description: It.\n    options: {p: {type: int}}\n",
        },
    )
    (play,) = read_plays("- hosts: all\n  roles: [a]\n", tmp_path)
    first, second = tasks(play.roles)
    assert first.name == "Validating arguments against arg spec 'main' - It."
    assert first.args["argument_spec"] == {"p": {"type": "int"}}
    assert second.name == "a"
