"""Who does what when: one for all, failures that are everybody's, throttles, hosts that go their own way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confman.errors import ConfmanError, LanguageError
from confman.model.event import HostDone, Message, NoHosts, RunDone
from confman.model.settings import Settings
from tests.engine.stage import perform
from tests.run.test_run import Seen, run

THREE = ("a", "b", "c")
LOCAL = "[all:vars]\nansible_connection=local\n[web]\na\nb\nc\n"


def order(text: str, folder: Path, hosts: tuple[str, ...] = THREE) -> list[str]:
    """task-host in the order of the ends."""
    return [f"{task}-{host}" for task, host in perform(text, folder, hosts).order()]


def debugs(seen: Seen) -> list[str]:
    """task-host-status of a run."""
    return [f"{task}-{host}-{status}" for task, host, status in seen.statuses()]


ONCE = """
- hosts: all
  gather_facts: false
  {keywords}
  tasks:
    - block:
        - {{name: one, assert: {{that: 'false'}}, run_once: true}}
        - {{name: two, debug: {{msg: x}}}}
      rescue:
        - {{name: rescue, debug: {{msg: x}}}}
      always:
        - {{name: always, debug: {{msg: x}}}}
    - {{name: last, debug: {{msg: x}}}}
"""


def test_a_failure_of_one_for_all_is_everybodys(tmp_path: Path) -> None:
    """The one that failed is rescued; the others are failed where the rescue begins, and only do what always is done."""
    found = order(ONCE.format(keywords="order: inventory"), tmp_path)
    assert found == ["one-a", "rescue-a", "always-a", "always-b", "always-c", "last-a"]


@pytest.mark.parametrize(("nearest", "goes_on"), [("true", []), ("false", ["two-b", "two-c"])])
def test_the_nearest_any_errors_fatal_counts(tmp_path: Path, nearest: str, goes_on: list[str]) -> None:
    text = f"""
    - hosts: all
      any_errors_fatal: true
      tasks:
        - {{name: one, assert: {{that: "inventory_hostname != 'a'"}}, any_errors_fatal: {nearest}}}
        - {{name: two, debug: {{msg: x}}, any_errors_fatal: false}}
    """
    assert order(text, tmp_path) == ["one-a", "one-b", "one-c", *goes_on]


def test_a_fatal_error_finds_hosts_where_they_were(tmp_path: Path) -> None:
    """b did its task well in a block that can be rescued: there it is failed, not behind it."""
    text = """
    - hosts: all
      tasks:
        - block:
            - {name: one, assert: {that: "inventory_hostname != 'a'"}, any_errors_fatal: true}
          rescue:
            - {name: rescue, debug: {msg: x}}
        - {name: last, debug: {msg: x}}
    """
    assert order(text, tmp_path, ("a", "b")) == ["one-a", "one-b", "rescue-a", "rescue-b", "last-a", "last-b"]


def test_only_the_first_host_enters_what_one_includes_for_all(tmp_path: Path) -> None:
    (tmp_path / "more.yml").write_text("- {name: inner, debug: {msg: x}}\n")
    text = """
    - hosts: all
      tasks:
        - {include_tasks: more.yml, run_once: true}
        - {name: last, debug: {msg: x}}
    """
    assert order(text, tmp_path)[-4:] == ["inner-a", "last-a", "last-b", "last-c"]


def test_only_the_host_that_ran_it_notifies(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: one, command: x, run_once: true, notify: h}
      handlers:
        - {name: h, debug: {msg: x}}
    """
    assert order(text, tmp_path) == ["one-a", "h-a"]


def test_a_handler_for_all_is_done_for_all(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: one, command: x, notify: h}
        - meta: flush_handlers
        - {name: two, debug: {msg: x}}
      handlers:
        - {name: h, debug: {msg: x}, run_once: true}
    """
    assert order(text, tmp_path)[3:] == ["h-a", "two-a", "two-b", "two-c"]


@pytest.mark.parametrize("what", ["add_host: {name: n}", "pause: {seconds: 1}"])
def test_what_is_for_all_hosts_is_done_once(tmp_path: Path, what: str) -> None:
    text = f"- hosts: all\n  tasks:\n    - {{name: one, {what}}}\n    - {{name: two, debug: {{msg: x}}}}\n"
    assert order(text, tmp_path) == ["one-a", "two-a", "two-b", "two-c"]


WHO = "{{ found is defined }}"


@pytest.mark.parametrize(
    ("keywords", "said"),
    [("", ["True", "False", "False"]), (", run_once: true", ["True"] * 3), (", failed_when: true", [])],
)
def test_what_one_does_for_all_is_found_by_it_alone(tmp_path: Path, keywords: str, said: list[str]) -> None:
    text = f"""
    - hosts: all
      tasks:
        - {{add_host: {{name: n}}, register: found{keywords}}}
        - {{name: two, debug: {{msg: "{WHO}"}}}}
    """
    seen = perform(text, tmp_path, THREE)
    assert [str(each) for each in seen.messages()] == said


def test_hosts_on_their_own_do_nothing_for_others(tmp_path: Path) -> None:
    text = "- hosts: all\n  strategy: free\n  tasks:\n    - {name: one, pause: {seconds: 1}}\n"
    with pytest.raises(ConfmanError, match="The 'pause' module bypasses the host loop"):
        perform(text, tmp_path, THREE)


def test_hosts_on_their_own_each_do_what_one_should(tmp_path: Path) -> None:
    text = "- hosts: all\n  strategy: free\n  tasks:\n    - {name: one, debug: {msg: x}, run_once: true}\n"
    seen = perform(text, tmp_path, THREE)
    assert sorted(seen.order()) == [("one", "a"), ("one", "b"), ("one", "c")]
    assert any("run_once with the free strategy" in e.text for e in seen.events if isinstance(e, Message))


# -- meta tasks


@pytest.mark.parametrize(
    ("what", "when", "left"),
    [
        ("end_batch", "inventory_hostname == 'a'", []),
        ("end_batch", "inventory_hostname == 'b'", ["two-a", "two-b", "two-c"]),
        ("end_play", "inventory_hostname == 'a'", []),
        ("end_play", "inventory_hostname == 'c'", ["two-a", "two-b", "two-c"]),
        ("end_host", "inventory_hostname == 'b'", ["two-a", "two-c"]),
        ("flush_handlers", "false", ["two-a", "two-b", "two-c"]),
    ],
)
def test_what_ends_all_is_decided_by_the_first_host(tmp_path: Path, what: str, when: str, left: list[str]) -> None:
    text = f"""
    - hosts: all
      tasks:
        - {{meta: {what}, when: "{when}"}}
        - {{name: two, debug: {{msg: x}}}}
    """
    seen = perform(text, tmp_path, THREE)
    assert [f"{task}-{host}" for task, host in seen.order() if task == "two"] == left
    assert all("skipped" not in seen.stats(host) for host in THREE if f"two-{host}" in left)


def test_errors_are_cleared_on_the_way_out(tmp_path: Path) -> None:
    """A host that is on its way out through an `always` section goes on behind it as if all were well."""
    text = """
    - hosts: all
      tasks:
        - block:
            - {name: one, assert: {that: 'false'}}
          always:
            - meta: clear_host_errors
        - {name: two, debug: {msg: x}}
    """
    assert order(text, tmp_path, ("a",)) == ["one-a", "two-a"]


def test_a_rescue_that_tags_left_nothing_of_saves_nobody(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - block:
            - {name: one, assert: {that: 'false'}}
          rescue:
            - {name: never, debug: {msg: x}, tags: never}
        - {name: two, debug: {msg: x}}
    """
    seen = perform(text, tmp_path, ("a",))
    assert [task for task, _ in seen.order()] == ["one"]
    assert seen.stats("a") == {"failed": 1}


def test_the_first_of_two_handlers_of_one_name(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: one, command: x, notify: h}
      handlers:
        - {name: h, debug: {msg: first}}
        - {name: h, debug: {msg: second}}
        - {name: other, debug: {msg: topic}, listen: h}
    """
    assert perform(text, tmp_path, ("a",)).messages() == ["first", "topic"]


def test_the_number_of_the_try_is_there_when_it_is_judged(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: one, command: x, register: r, until: false, retries: 3, delay: 0, failed_when: r.attempts > 6,
           changed_when: r.attempts == 3, ignore_errors: true}
        - debug: {msg: "{{ r.changed }} {{ r.attempts }}"}
    """
    assert perform(text, tmp_path, ("a",)).messages() == ["False 3"]


# -- throttle


@pytest.mark.parametrize(
    ("value", "reason"),
    [("nope", "invalid literal for int() with base 10: 'nope'"), ("'{{ nope }}'", "'nope' is undefined")],
)
@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_a_throttle_that_is_no_number(tmp_path: Path, strategy: str, value: str, reason: str) -> None:
    text = f"- hosts: all\n  strategy: {strategy}\n  tasks:\n    - {{name: one, debug: , throttle: {value}}}\n"
    with pytest.raises(LanguageError) as caught:
        perform(text, tmp_path, THREE)
    assert caught.value.message == f"Failed to convert the throttle value to an integer: {reason}"
    assert caught.value.source is not None


def crowd(strategy: str, throttle: int, forks: int = 10) -> str:
    """A play whose task fails when too many run it at once."""
    return f"""
    - hosts: all
      gather_facts: false
      strategy: {strategy}
      tasks:
        - name: one
          shell: |
            mkdir -p $PLACE; touch $PLACE/{{{{ inventory_hostname }}}}; sleep 0.3; ls $PLACE | wc -l
            rm $PLACE/{{{{ inventory_hostname }}}}
          register: found
          failed_when: found.stdout | int > {throttle or forks}
          throttle: {throttle}
          environment: {{PLACE: "{{{{ playbook_dir }}}}/place"}}
    """


@pytest.mark.parametrize(("throttle", "forks"), [(1, 5), (2, 5), (0, 2), (5, 1)])
@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_no_more_hosts_at_once_than_allowed(tmp_path: Path, strategy: str, throttle: int, forks: int) -> None:
    seen = run(tmp_path, crowd(strategy, min(throttle, forks) if throttle else 0, forks), LOCAL, forks=forks)
    assert debugs(seen) != []
    assert {status for _, _, status in seen.statuses()} == {"changed"}


# -- strategies


def test_pinned_hosts_are_done_before_others_begin(tmp_path: Path) -> None:
    text = """
    - hosts: all
      gather_facts: false
      strategy: ansible.builtin.host_pinned
      tasks:
        - {name: one, debug: {msg: x}}
        - {name: two, debug: {msg: x}}
    """
    assert debugs(run(tmp_path, text, LOCAL, forks=1)) == [
        "one-a-ok", "two-a-ok", "one-b-ok", "two-b-ok", "one-c-ok", "two-c-ok",
    ]  # fmt: skip


@pytest.mark.parametrize("strategy", ["linear", "ansible.builtin.linear", "free", "ansible.builtin.free", "debug"])
def test_strategies_have_long_and_short_names(tmp_path: Path, strategy: str) -> None:
    text = f"- hosts: all\n  gather_facts: false\n  strategy: {strategy}\n  tasks:\n    - {{name: one, debug: }}\n"
    assert len(run(tmp_path, text, LOCAL).statuses()) == 3
    plain = "- hosts: all\n  gather_facts: false\n  tasks:\n    - {name: one, debug: }\n"
    assert len(run(tmp_path, plain, LOCAL, strategy=strategy).statuses()) == 3


@pytest.mark.parametrize("strategy", ["quick", "my.own.free", "ansible.builtin.quick"])
def test_a_strategy_that_there_is_not(tmp_path: Path, strategy: str) -> None:
    text = f"- hosts: all\n  gather_facts: false\n  strategy: {strategy}\n  tasks:\n    - {{name: one, debug: }}\n"
    with pytest.raises(LanguageError, match=f"Invalid play strategy specified: {strategy}"):
        run(tmp_path, text, LOCAL)


@pytest.mark.parametrize(
    ("chosen", "hosts"),
    [("inventory", "bac"), ("reverse_inventory", "cab"), ("sorted", "abc"), ("reverse_sorted", "cba")],
)
def test_the_order_of_hosts(tmp_path: Path, chosen: str, hosts: str) -> None:
    text = (
        f"- hosts: all\n  gather_facts: false\n  order: {chosen}\n  serial: 1\n  tasks:\n    - {{name: one, debug: }}\n"
    )
    inventory = "[all:vars]\nansible_connection=local\n[web]\nb\na\nc\n"
    assert "".join(host for _, host, _ in run(tmp_path, text, inventory).statuses()) == hosts


# -- batches


def told(seen: Seen) -> list[Any]:
    """The ends of tasks and the run."""
    return [event for event in seen.events if isinstance(event, HostDone | RunDone)]


def test_a_batch_that_fails_as_a_whole_ends_the_run(tmp_path: Path) -> None:
    text = """
    - hosts: all
      gather_facts: false
      serial: 1
      tasks:
        - {name: one, assert: {that: "inventory_hostname != 'a'"}}
    - hosts: all
      gather_facts: false
      tasks:
        - {name: two, debug: }
    """
    seen = run(tmp_path, text, LOCAL)
    assert debugs(seen) == ["one-a-failed"]
    assert isinstance(told(seen)[-1], RunDone)


def test_batches_count_hosts_that_are_lost_already(tmp_path: Path) -> None:
    text = """
    - hosts: all
      gather_facts: false
      tasks:
        - {name: one, assert: {that: "inventory_hostname != 'a'"}}
    - hosts: all
      gather_facts: false
      serial: 2
      tasks:
        - {name: two, assert: {that: "inventory_hostname != 'b'"}}
    """
    assert debugs(run(tmp_path, text, LOCAL))[3:] == ["two-b-failed", "two-c-ok"]


def test_a_play_that_was_ended_does_not_end_the_run(tmp_path: Path) -> None:
    text = """
    - hosts: all
      gather_facts: false
      serial: 1
      tasks:
        - {name: one, debug: }
        - meta: end_play
    - hosts: all
      gather_facts: false
      tasks:
        - {name: two, debug: }
    """
    assert debugs(run(tmp_path, text, LOCAL)) == ["one-a-ok", "two-a-ok", "two-b-ok", "two-c-ok"]


def test_hosts_that_still_have_to_clean_up_do_not_count_as_lost(tmp_path: Path) -> None:
    text = """
    - hosts: all
      gather_facts: false
      max_fail_percentage: 30
      tasks:
        - block:
            - {name: one, assert: {that: "inventory_hostname != 'a'"}}
          always:
            - {name: always, debug: }
        - {name: two, assert: {that: "inventory_hostname != 'b'"}}
        - {name: three, debug: }
    """
    names = [task for task, _, _ in run(tmp_path, text, LOCAL).statuses()]
    assert names == ["one"] * 3 + ["always"] * 3 + ["two"] * 2


@pytest.mark.parametrize(
    ("share", "fails", "told"),
    [
        (30, [["a"]], 2),  # all are failed at once
        (40, [["a"]], 0),
        (40, [["a"], ["b"]], 2),
        (99, [["a", "b"]], 0),
        (99, [["a", "b", "c"]], 2),
    ],
)
def test_when_too_many_failed_nobody_is_left_and_it_is_told_as_often_as_by_ansible(
    tmp_path: Path, share: int, fails: list[list[str]], told: int
) -> None:
    tasks = "".join(f"    - assert: {{that: 'inventory_hostname not in {hosts}'}}\n" for hosts in fails)
    text = f"- hosts: all\n  gather_facts: false\n  max_fail_percentage: {share}\n  tasks:\n{tasks}    - debug:\n"
    happened = run(tmp_path, text.replace("'inventory", '"inventory').replace("]'}", ']"}'), LOCAL).events
    assert happened.count(NoHosts(matched=True)) == told
    assert isinstance(happened[-1], RunDone)


def test_settings_are_what_they_were() -> None:
    assert (Settings().strategy, Settings().poll_interval, Settings().async_dir) == ("linear", 15, "~/.ansible_async")


def test_a_topic_of_a_role_is_known_by_the_roles_name_too(tmp_path: Path) -> None:
    for name, text in (
        ("tasks", "- {name: t, command: x, notify: 'web : topic'}\n"),
        ("handlers", "- {name: h, debug: {msg: heard}, listen: topic}\n"),
    ):
        path = tmp_path / "roles" / "web" / name / "main.yml"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert perform("- hosts: all\n  roles: [web]\n", tmp_path, ("a",)).messages() == ["heard"]


@pytest.mark.parametrize("loop", ["", ", loop: [1, 2]"])
def test_failed_when_has_the_last_word_over_tries(tmp_path: Path, loop: str) -> None:
    text = f"""
    - hosts: all
      tasks:
        - {{name: one, command: x, register: r, until: false, retries: 2, delay: 0, failed_when: false{loop}}}
        - {{name: two, command: x, register: r, until: false, retries: 2, delay: 0{loop}}}
    """
    seen = perform(text, tmp_path, ("a",))
    assert (seen.statuses("one"), seen.statuses("two")) == ({"a": "changed"}, {"a": "failed"})
    (first,) = [e for e in seen.events if isinstance(e, HostDone) and e.task.name == "one"]
    assert first.result["failed"] is True
