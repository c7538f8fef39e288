"""What includes and imports may have, and which file they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.errors import ErrorGroup
from tests.engine.stage import perform, read_plays

PLAY = "- hosts: all\n  gather_facts: false\n  tasks:\n"
TASK = "- {name: %s, debug: {msg: x}}\n"


def lay(folder: Path, *names: str) -> None:
    """Files of one task each, which is named after its file."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(TASK % name)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("import_tasks: {file: a.yml, apply: {tags: x}}", "Invalid options for import_tasks: apply"),
        ("import_tasks: {file: a.yml, colour: 1}", "Invalid options for import_tasks: colour"),
        ("include_tasks: {file: a.yml, colour: 1}", "Invalid options for include_tasks: colour"),
        ("include_tasks: {file: a.yml, apply: 3}", "Expected a dict for apply but got int instead"),
        ("include_tasks: {file: a.yml, apply: [a]}", "Expected a dict for apply but got list instead"),
        ("include_tasks: {apply: {tags: x}}", "No file specified for include_tasks"),
        ("import_role: {name: r, apply: {tags: x}}", "Invalid options for import_role: apply"),
        ("include_role: {name: r, colour: 1}", "Invalid options for include_role: colour"),
        ("include_role: {name: r, apply: [x]}", "Expected a dict for apply but got list instead"),
        ("include_role: {name: r, tasks_from: [x]}", "Expected a string for tasks_from but got list instead"),
        ("include_role: {public: true}", "'name' is a required field for include_role."),
        ("include_tasks: a.yml\n      become: true", "'become' is not a valid attribute for a TaskInclude"),
        ("include_tasks: a.yml\n      notify: x", "'notify' is not a valid attribute for a TaskInclude"),
        ("include_role: {name: r}\n      retries: 3", "'retries' is not a valid attribute for a IncludeRole"),
        ("shell: echo {{ x }", "failed at splitting arguments"),
        ("debug:\n      with_items:", "you must specify a value when using with_items"),
        ("debug:\n      tags: 3", "tags must be specified as a list"),
        ("import_tasks: map.yml", "included task files must contain a list of tasks"),
        ("import_role: {name: r, tasks_from: map}", "The tasks/map.yml file for role 'r' must contain a list of tasks"),
    ],
)
def test_what_is_refused(tmp_path: Path, task: str, message: str) -> None:
    lay(tmp_path, "a.yml", "roles/r/tasks/main.yml")
    for name in ("map.yml", "roles/r/tasks/map.yml"):
        (tmp_path / name).write_text("a: 1\n")
    with pytest.raises(ErrorGroup) as caught:
        read_plays(f"{PLAY}    - {task}\n", tmp_path)
    assert message in caught.value.errors[0].message


@pytest.mark.parametrize(
    "task",
    [
        "import_tasks: a.yml\n      become: true",
        "import_role: {name: r}\n      register: x",
        "include_tasks: {file: a.yml, apply: {become: true}}\n      ignore_errors: true",
        "include_tasks: a.yml\n      register: x",
        "include_role: {name: r, apply: '{{ x }}'}",
    ],
)
def test_what_is_not(tmp_path: Path, task: str) -> None:
    lay(tmp_path, "a.yml", "roles/r/tasks/main.yml")
    assert read_plays(f"{PLAY}    - {task}\n", tmp_path)


def test_keywords_of_plays_do_nothing_on_an_imported_playbook(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("- {name: other, hosts: all}\n")
    told: list[str] = []
    plays = read_plays("- import_playbook: other.yml\n  become: true\n", tmp_path, told.append)
    assert ([play.name for play in plays], "become" in plays[0].keywords) == (["other"], False)
    assert told == ["become has no effect on import_playbook: it stands in the plays of the playbook"]


def test_an_import_of_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.yml").write_text("---\n")
    told: list[str] = []
    read_plays(f"{PLAY}    - import_tasks: empty.yml\n", tmp_path, told.append)
    assert told == [f"file {tmp_path}/empty.yml is empty and had no tasks to include"]


@pytest.mark.parametrize(
    ("how", "meant"),
    [("include_tasks", "roles/r/tasks/b.yml"), ("import_tasks", "roles/r/tasks/sub/b.yml")],
)
def test_which_file_of_a_role_is_meant(tmp_path: Path, how: str, meant: str) -> None:
    """What is included in the run is looked for in the role first, what is imported beside the file."""
    lay(tmp_path, "roles/r/tasks/b.yml", "roles/r/tasks/sub/b.yml")
    (tmp_path / "roles/r/tasks/main.yml").write_text("- import_tasks: sub/a.yml\n")
    (tmp_path / "roles/r/tasks/sub/a.yml").write_text(f"- {how}: b.yml\n")
    seen = perform("- hosts: all\n  gather_facts: false\n  roles: [r]\n", tmp_path)
    assert f"r : {meant}" in seen.banners()


def test_a_handler_includes_from_the_folder_of_handlers(tmp_path: Path) -> None:
    lay(tmp_path, "roles/r/tasks/b.yml", "roles/r/handlers/b.yml")
    (tmp_path / "roles/r/tasks/main.yml").write_text("- {debug: , changed_when: true, notify: h}\n")
    (tmp_path / "roles/r/handlers/main.yml").write_text("- {name: h, include_tasks: b.yml}\n")
    seen = perform("- hosts: all\n  gather_facts: false\n  roles: [r]\n", tmp_path)
    assert "r : roles/r/handlers/b.yml" in seen.banners()


def test_an_imported_role_may_be_told_its_file_by_a_template(tmp_path: Path) -> None:
    lay(tmp_path, "roles/r/tasks/other.yml", "roles/r/tasks/third.yml")
    role = "import_role: {name: r, tasks_from: '{{ which }}.yml'}"
    text = (
        f"- hosts: all\n  vars: {{which: other}}\n  tasks:\n    - {role}\n    - {role}\n      vars: {{which: third}}\n"
    )
    assert perform(text, tmp_path).banners() == ["r : roles/r/tasks/other.yml", "r : roles/r/tasks/third.yml"]
