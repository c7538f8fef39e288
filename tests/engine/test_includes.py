"""Includes: what they pass on, and what comes of those that are wrong; who does the work for another host."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.errors import ErrorGroup
from tests.engine.stage import perform
from tests.engine.test_play import role


def test_included_tasks_know_the_loop_that_includes_them(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text(
        "- debug: {msg: '{{ [ansible_loop_var, ansible_index_var, word, place, ansible_loop.last] }}'}\n"
    )
    text = """
    - hosts: all
      tasks:
        - include_tasks: more.yml
          loop: [a, b]
          loop_control: {loop_var: word, index_var: place, extended: true}
    """
    assert perform(text, tmp_path, ("h1",)).messages() == [
        ["word", "place", "a", 0, False],
        ["word", "place", "b", 1, True],
    ]


@pytest.mark.parametrize("include", ["include_tasks: more.yml", "include_role: {name: r}"])
def test_what_is_included_and_wrong_ends_the_run(tmp_path: Path, include: str) -> None:
    """As it would if it had been read before; no rescue section helps."""
    wrong = "- nosuch: x=1\n- debug: {msg: x}\n  whenn: 1\n"
    (tmp_path / "more.yml").write_text(wrong)
    role(tmp_path, "r", tasks=wrong)
    text = f"- hosts: all\n  tasks:\n    - block: [{{{include}}}]\n      rescue: [{{debug: }}]\n"
    with pytest.raises(ErrorGroup) as caught:
        perform(text, tmp_path, ("h1",))
    assert ["nosuch" in each.message for each in caught.value.errors] == [True, False]
    assert [each.source.line if each.source else 0 for each in caught.value.errors] == [1, 3]


@pytest.mark.parametrize("include", ["include_tasks: gone.yml", "include_role: {name: gone}"])
def test_what_is_not_there_fails_the_host(tmp_path: Path, include: str) -> None:
    text = f"- hosts: all\n  tasks:\n    - block: [{{{include}}}]\n      rescue: [{{debug: {{msg: rescued}}}}]\n"
    assert perform(text, tmp_path, ("h1",)).messages() == ["rescued"]


def test_a_role_that_is_included_again_brings_its_handlers_again(tmp_path: Path) -> None:
    """Of a name the last one counts, with the variables of the include that brought it."""
    role(tmp_path, "r", tasks="- {name: in role, debug: }\n", handlers="- {name: h, debug: {msg: '{{ v }}'}}\n")
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: h}
        - {include_role: {name: r}, vars: {v: 1}}
        - {include_role: {name: r}, vars: {v: 2}}
      handlers:
        - {name: h, debug: {msg: own}}
    """
    assert perform(text, tmp_path, ("h1",)).messages()[-1] == 2


@pytest.mark.parametrize(
    ("delegate", "more", "status"),
    [
        ("'{{ empty }}'", "", "failed"),
        ("'{{ empty }}'", "when: false", "failed"),
        ("'{{ nobody }}'", "when: false", "failed"),
        ("''", "", "ok"),
        ("'{{ omit }}'", "", "ok"),
        ("h2", "when: ansible_delegated_vars.h2.inventory_hostname == 'h1'", "ok"),
        ("h2", "when: false", "skipped"),
    ],
)
def test_who_does_the_work_is_known_before_the_condition(tmp_path: Path, delegate: str, more: str, status: str) -> None:
    text = f"""
    - hosts: all
      vars: {{empty: ''}}
      tasks:
        - name: a
          debug: {{msg: x}}
          delegate_to: {delegate}
          {more}
    """
    seen = perform(text, tmp_path, ("h1",))
    assert seen.statuses("a") == {"h1": status}
