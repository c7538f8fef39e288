"""Keywords that are left out, what `ansible_check_mode` says, and what loops over add_host and modules tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.engine.compile import compile_play
from confman.model.event import HostDone, ItemDone
from confman.model.settings import Settings
from tests.engine.stage import perform, read_plays


def test_an_omitted_keyword_is_that_of_what_is_around(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          ignore_errors: true
          tasks:
            - {name: own, fail: {}, ignore_errors: "{{ omit }}"}
            - block:
                - {name: inner, fail: {}, ignore_errors: "{{ omit }}"}
              ignore_errors: "{{ omit }}"
            - {name: end, debug: {msg: reached}}
        """,
        tmp_path,
        ("h1",),
    )
    # One that is left out twice has nobody to ask: the default.
    assert [task for task, _ in seen.order()] == ["own", "inner"]
    assert seen.stats("h1") == {"ok": 1, "failed": 1, "ignored": 1}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_check_mode_of_the_run_not_of_the_task(tmp_path: Path, check: bool, own: bool) -> None:
    text = f"- hosts: all\n  tasks:\n    - {{debug: {{msg: '{{{{ ansible_check_mode }}}}'}}, check_mode: {own}}}\n"
    assert perform(text, tmp_path, ("h1",), settings=Settings(check=check)).messages() == [check]


def test_a_loop_over_new_hosts_has_changed_if_one_was_new(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {add_host: {name: "new{{ item }}"}, loop: [1, 2, 2], register: found}
            - debug: {msg: "{{ [found is changed, found.results | map(attribute='changed') | list] }}"}
        """,
        tmp_path,
        ("h1",),
    )
    assert seen.messages() == [[True, [True, True, False]]]


@pytest.mark.parametrize(("verbosity", "told"), [(2, False), (3, True)])
def test_what_modules_were_called_with_is_told_when_asked_for(tmp_path: Path, verbosity: int, told: bool) -> None:
    text = "- hosts: all\n  tasks:\n    - {name: t, user: {name: u, password: hush}}\n"
    seen = perform(text, tmp_path, ("h1",), settings=Settings(verbosity=verbosity))
    result = next(event.result for event in seen.events if getattr(event, "status", "") == "changed")
    assert ("invocation" in result) is told
    assert "hush" not in str(result)
    if told:
        args = result["invocation"]["module_args"]
        assert (args["name"], args["state"], args["password"]) == (
            "u",
            "present",
            "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        )


def test_the_nearest_collections_count(tmp_path: Path) -> None:
    """What a block or task names is searched instead of what is named further out."""
    plays = read_plays(
        """
        - hosts: all
          collections: [a.play]
          tasks:
            - debug:
            - collections: [a.block]
              block:
                - debug:
                - {debug: , collections: [a.task]}
        """,
        tmp_path,
    )
    program = compile_play(plays[0], lambda _tags: True, gather=False, force_handlers=False)
    found = [step.own.collections for step in program.steps if step.task.action == "debug"]
    assert found == [("a.play",), ("a.block",), ("a.task",)]


@pytest.mark.parametrize(
    ("loop", "items"),
    [
        ("with_subelements: [[{a: 1, b: [2, 3]}], b]", [[{"a": 1}, 2], [{"a": 1}, 3]]),
        ("with_together: [[1, 2], [3, 4]]", [[1, 3], [2, 4]]),
        ("with_nested: [[1], [3, 4]]", [[1, 3], [1, 4]]),
    ],
)
def test_items_that_belong_together_are_lists(tmp_path: Path, loop: str, items: list[object]) -> None:
    text = f"- hosts: all\n  tasks:\n    - debug: {{msg: '{{{{ item }}}}'}}\n      {loop}\n"
    seen = perform(text, tmp_path, ("h1",))
    assert [event.label for event in seen.events if isinstance(event, ItemDone)] == items


def test_what_is_said_of_a_host_that_is_not_ended(tmp_path: Path) -> None:
    seen = perform("- hosts: all\n  tasks:\n    - {meta: end_host, when: false}\n", tmp_path, ("h1",))
    [done] = [event for event in seen.events if isinstance(event, HostDone)]
    assert done.result == {
        "skipped": True,
        "msg": "end_host conditional evaluated to false, continuing execution for h1",
        "skip_reason": "end_host conditional evaluated to False, continuing execution for h1",
    }


def test_items_see_the_facts_that_those_before_set(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - set_fact: {found: "{{ found | default([]) + [item] }}"}
          loop: [1, 2, 3]
        - debug: {msg: "{{ found }}"}
    """
    assert perform(text, tmp_path, ("h1",)).messages() == [[1, 2, 3]]
