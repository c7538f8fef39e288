"""Roles in a run: which uses of a role are done once, and that their files stay inside of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.errors import ConfmanError, ConnectionFailed
from confman.model.call import Call
from tests.engine.stage import perform
from tests.engine.test_play import role


@pytest.mark.parametrize(
    ("tasks", "times"),
    [
        ("- import_role: {name: r}", 2),
        ("- include_role: {name: r}", 2),
        ("- include_role: {name: r}\n    - include_role: {name: r}", 3),
        # What `roles` names and what tasks use are two: each is done once.
        ("- import_role: {name: r, allow_duplicates: false}", 2),
        ("- include_role: {name: r, allow_duplicates: false}", 2),
        (
            "- include_role: {name: r, allow_duplicates: false}\n    - include_role: {name: r, allow_duplicates: false}",
            2,
        ),
    ],
)
def test_tasks_that_use_a_role_do_it_again(tmp_path: Path, tasks: str, times: int) -> None:
    role(tmp_path, "r", tasks="- debug: {msg: here}\n")
    seen = perform(f"- hosts: all\n  roles: [r]\n  tasks:\n    {tasks}\n", tmp_path, ("h1",))
    assert seen.messages() == ["here"] * times


def test_plays_that_name_a_role_twice_do_it_once(tmp_path: Path) -> None:
    role(tmp_path, "r", tasks="- debug: {msg: here}\n")
    assert perform("- hosts: all\n  roles: [r, r]\n", tmp_path, ("h1",)).messages() == ["here"]


def test_a_role_that_did_not_reach_its_host_is_tried_again(tmp_path: Path) -> None:
    role(tmp_path, "r", tasks="- {name: t, command: one}\n")

    def answer(host: str, _call: Call) -> dict[str, bool] | ConfmanError:
        return ConnectionFailed("no way") if host == "h2" else {"changed": True}

    seen = perform("- hosts: all\n  ignore_unreachable: true\n  roles: [r, r]\n", tmp_path, answer=answer)
    assert seen.order() == [("r : t", "h1"), ("r : t", "h2"), ("r : t", "h2")]


@pytest.mark.parametrize("part", ["tasks", "handlers"])
@pytest.mark.parametrize("name", ["../../../outside", "sub/../../../../outside.yml", "/etc/hostname"])
def test_files_of_a_role_stay_inside(tmp_path: Path, part: str, name: str) -> None:
    role(tmp_path, "r", tasks="[]\n", handlers="[]\n")
    (tmp_path / "roles/r" / part / "sub").mkdir()
    (tmp_path / "outside.yml").write_text("[]\n")
    text = f"- hosts: all\n  tasks:\n    - import_role: {{name: r, {part}_from: '{name}'}}\n"
    with pytest.raises(ConfmanError, match="not inside the expected role path"):
        perform(text, tmp_path)


def test_files_of_a_role_may_lie_in_folders(tmp_path: Path) -> None:
    role(tmp_path, "r", tasks="[]\n")
    (tmp_path / "roles/r/tasks/sub").mkdir()
    (tmp_path / "roles/r/tasks/sub/entry.yml").write_text("- debug: {msg: here}\n")
    text = "- hosts: all\n  tasks:\n    - import_role: {name: r, tasks_from: sub/entry.yml}\n"
    assert perform(text, tmp_path, ("h1",)).messages() == ["here"]


@pytest.mark.parametrize(
    ("use", "seen_outside"),
    [
        ("import_role: {name: r}", True),
        ("import_role: {name: r, public: true}", True),
        ("import_role: {name: r, public: false}", False),
        ("include_role: {name: r}", False),
        ("include_role: {name: r, public: true}", True),
        ("include_role: {name: r, public: false}", False),
    ],
)
def test_who_sees_the_variables_of_a_role(tmp_path: Path, use: str, seen_outside: bool) -> None:
    role(tmp_path, "r", tasks="- debug: {msg: '{{ v }} {{ d }}'}\n", vars="v: 1\n", defaults="d: 2\n")
    text = f"- hosts: all\n  tasks:\n    - {use}\n    - debug: {{msg: '{{{{ [v is defined, d is defined] }}}}'}}\n"
    assert perform(text, tmp_path, ("h1",)).messages() == ["1 2", [seen_outside, seen_outside]]


NOTIFIES = "- {name: t, command: one, notify: h}\n"


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("tasks:\n    - import_role: {name: outer}\n      vars: {word: given}\n", "given"),
        ("tasks:\n    - import_role: {name: outer}\n", "default"),
        ("roles:\n    - {role: outer, vars: {word: given}}\n", "given"),
        ("roles:\n    - {role: outer}\n    - {role: inner, vars: {word: given}}\n", "given"),
    ],
)
def test_handlers_of_dependencies_see_the_variables_of_the_use(tmp_path: Path, use: str, said: str) -> None:
    role(tmp_path, "outer", tasks="[]\n", meta="dependencies: [inner]\n")
    role(
        tmp_path,
        "inner",
        tasks=NOTIFIES,
        handlers="- {name: h, debug: {msg: '{{ word }}'}}\n",
        defaults="word: default\n",
    )
    seen = perform(f"- hosts: all\n  {use}", tmp_path, ("h1",), lambda _host, _call: {"changed": True})
    assert seen.messages() == [said]


def test_variables_of_a_dependency_go_before_those_of_the_use(tmp_path: Path) -> None:
    role(tmp_path, "outer", tasks="[]\n", meta="dependencies: [{role: inner, vars: {word: '{{ other }}!'}}]\n")
    role(tmp_path, "inner", tasks=NOTIFIES, handlers="- {name: h, debug: {msg: '{{ word }}{{ third }}'}}\n")
    text = "- hosts: all\n  tasks:\n    - import_role: {name: outer}\n      vars: {word: x, other: y, third: '{{ 1 + 1 }}'}\n"
    seen = perform(text, tmp_path, ("h1",), lambda _host, _call: {"changed": True})
    assert seen.messages() == ["y!2"]


SEES = "- {name: t, debug: {msg: \"{{ [role_name, x | default('-'), y | default('-'), z | default('-')] | join(' ') }}\"}}\n"
USES = {
    "roles": ("vars: {x: use, y: use, z: use}", ["dep dep own dep", "r use use use"]),
    "params": ("x: use", ["dep use own dep", "r use r r"]),
    "nothing": ("when: true", ["dep dep own dep", "r r r r"]),
}


@pytest.mark.parametrize(("said", "sees"), USES.values(), ids=USES)
def test_what_dependencies_say_themselves_wins(tmp_path: Path, said: str, sees: list[str]) -> None:
    role(tmp_path, "dep", tasks=SEES, vars="y: own\nz: own\n")
    meta = "dependencies:\n  - {role: dep, vars: {x: dep, z: dep}}\n"
    role(tmp_path, "r", tasks=SEES, vars="y: r\nz: r\n", defaults="x: r\n", meta=meta)
    after = SEES.replace("role_name", "'after'")
    text = f"- hosts: all\n  roles:\n    - role: r\n      {said}\n  tasks:\n    {after}"
    assert perform(text, tmp_path, ("h1",)).messages() == [*sees, "after r r r"]
