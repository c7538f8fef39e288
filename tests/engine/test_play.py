"""How plays run: order, failures, blocks, handlers, includes, loops. Everything but hosts is real."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.errors import ConfmanError, ConnectionFailed
from confman.model.call import Call
from confman.model.settings import Settings
from tests.engine.stage import perform


def failing(*pairs: str):
    """An answer that fails the commands `host:word` and succeeds elsewhere."""

    def answer(host: str, call: Call) -> dict[str, object]:
        words = call.arguments.get("cmd") or call.arguments.get("_raw_params") or ""
        if f"{host}:{words}" in pairs or f"*:{words}" in pairs:
            return {"failed": True, "rc": 1, "msg": "told to fail", "changed": True}
        return {"changed": True, "rc": 0, "stdout": f"{words} on {host}"}

    return answer


def test_hosts_stay_in_step(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one}
            - {name: b, command: two}
        """,
        tmp_path,
    )
    assert seen.order() == [("a", "h1"), ("a", "h2"), ("b", "h1"), ("b", "h2")]


def test_free_hosts_do_not_wait(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          strategy: free
          tasks:
            - {name: a, command: one}
            - {name: b, command: two}
        """,
        tmp_path,
    )
    assert sorted(seen.order()) == sorted([("a", "h1"), ("b", "h1"), ("a", "h2"), ("b", "h2")])


def test_a_failed_host_leaves_and_the_others_go_on(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one}
            - {name: b, command: two}
        """,
        tmp_path,
        answer=failing("h1:one"),
    )
    assert seen.order() == [("a", "h1"), ("a", "h2"), ("b", "h2")]
    assert seen.stats("h1") == {"failed": 1}
    assert seen.stats("h2") == {"ok": 2, "changed": 2}


BLOCKS = """
- hosts: all
  tasks:
    - block:
        - {name: try, command: one}
        - {name: more, command: two}
      rescue:
        - {name: rescue, command: three}
      always:
        - {name: always, command: four}
    - {name: after, command: five}
"""


@pytest.mark.parametrize(
    ("failures", "order"),
    [
        ([], ["try", "more", "always", "after"]),
        (["h1:one"], ["try", "rescue", "always", "after"]),
        (["h1:two"], ["try", "more", "rescue", "always", "after"]),
        (["h1:one", "h1:three"], ["try", "rescue", "always"]),
        (["h1:four"], ["try", "more", "always"]),
        (["h1:one", "h1:four"], ["try", "rescue", "always"]),
        (["h1:one", "h1:three", "h1:four"], ["try", "rescue", "always"]),
    ],
)
def test_blocks(tmp_path: Path, failures: list[str], order: list[str]) -> None:
    seen = perform(BLOCKS, tmp_path, ("h1",), failing(*failures))
    assert [task for task, _ in seen.order()] == order


def test_a_rescued_host_has_not_failed(tmp_path: Path) -> None:
    seen = perform(BLOCKS, tmp_path, ("h1",), failing("h1:one"))
    assert seen.stats("h1") == {"ok": 3, "changed": 3, "rescued": 1}
    assert seen.run is not None
    assert not seen.run.hosts["h1"].failed


def test_hosts_meet_again_in_always(tmp_path: Path) -> None:
    seen = perform(BLOCKS, tmp_path, ("h1", "h2"), failing("h1:one", "h1:three"))
    assert seen.banners() == ["try", "more", "rescue", "always", "after"]
    assert ("always", "h1") in seen.order()
    assert ("after", "h1") not in seen.order()


def test_what_failed_is_known_in_rescue(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - block:
                - {name: broken, command: one}
              rescue:
                - debug: {msg: "{{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}"}
        """,
        tmp_path,
        ("h1",),
        failing("h1:one"),
    )
    assert seen.messages() == ["broken: told to fail"]


def test_nested_blocks(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - block:
                - block:
                    - {name: inner, command: one}
                  always:
                    - {name: inner always, command: two}
                - {name: not reached, command: three}
              rescue:
                - {name: outer rescue, command: four}
        """,
        tmp_path,
        ("h1",),
        failing("h1:one"),
    )
    assert [task for task, _ in seen.order()] == ["inner", "inner always", "outer rescue"]


HANDLERS = """
- hosts: all
  tasks:
    - {name: first, command: one, notify: [second handler, topic]}
    - {name: quiet, command: two, notify: never, changed_when: false}
    - {name: last, command: three}
  handlers:
    - {name: first handler, command: h1, listen: topic}
    - {name: second handler, command: h2}
    - {name: never, command: h3}
"""


def test_handlers_run_once_in_the_order_they_are_written(tmp_path: Path) -> None:
    seen = perform(HANDLERS, tmp_path, ("h1",))
    assert [task for task, _ in seen.order()] == ["first", "quiet", "last", "first handler", "second handler"]


def test_handlers_are_shown_as_handlers(tmp_path: Path) -> None:
    seen = perform(HANDLERS, tmp_path, ("h1",))
    started = [event.task for event in seen.events if type(event).__name__ == "TaskStarted"]
    assert [task.name for task in started if task.handler] == ["first handler", "second handler"]


def test_flushed_handlers_do_not_run_again(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, notify: h}
            - meta: flush_handlers
            - {name: b, command: two}
          handlers:
            - {name: h, command: three}
        """,
        tmp_path,
        ("h1",),
    )
    assert [task for task, _ in seen.order()] == ["a", "h", "b"]


def test_a_handler_may_notify_a_later_one(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, notify: x}
          handlers:
            - {name: x, command: two, notify: y}
            - {name: y, command: three}
        """,
        tmp_path,
        ("h1",),
    )
    assert [task for task, _ in seen.order()] == ["a", "x", "y"]


def test_a_failed_host_runs_no_handlers_unless_forced(tmp_path: Path) -> None:
    play = """
    - hosts: all
      force_handlers: {force}
      tasks:
        - {{name: a, command: one, notify: h}}
        - {{name: b, command: two}}
      handlers:
        - {{name: h, command: three}}
    """
    plain = perform(play.format(force="false"), tmp_path, ("h1",), failing("h1:two"))
    forced = perform(play.format(force="true"), tmp_path, ("h1",), failing("h1:two"))
    assert [task for task, _ in plain.order()] == ["a", "b"]
    assert [task for task, _ in forced.order()] == ["a", "b", "h"]


def test_an_unknown_handler_ends_the_run(tmp_path: Path) -> None:
    """A rescue section does not help either."""
    text = "- hosts: all\n  tasks:\n    - block: [{name: a, command: one, notify: nobody}]\n      rescue: [debug: ]\n"
    with pytest.raises(ConfmanError, match="'nobody' was not found in either") as caught:
        perform(text, tmp_path, ("h1",))
    assert (caught.value.exit_code, str(caught.value.source)) == (1, f"{tmp_path}/site.yml:3:15")


def test_run_once_serves_every_host(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, run_once: true, register: r}
            - debug: {msg: "{{ r.stdout }}"}
        """,
        tmp_path,
        answer=failing(),
    )
    assert [pair for pair in seen.order() if pair[0] == "a"] == [("a", "h1")]
    assert seen.messages() == ["one on h1", "one on h1"]


def test_a_failure_of_run_once_is_everybodys(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, run_once: true}
            - {name: b, command: two}
        """,
        tmp_path,
        answer=failing("h1:one"),
    )
    assert seen.order() == [("a", "h1")]


def test_any_errors_fatal(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          any_errors_fatal: true
          tasks:
            - {name: a, command: one}
            - {name: b, command: two}
        """,
        tmp_path,
        answer=failing("h2:one"),
    )
    assert seen.order() == [("a", "h1"), ("a", "h2")]


@pytest.mark.parametrize(("limit", "goes_on"), [(49, False), (50, True)])
def test_max_fail_percentage(tmp_path: Path, limit: int, goes_on: bool) -> None:
    seen = perform(
        f"""
        - hosts: all
          max_fail_percentage: {limit}
          tasks:
            - {{name: a, command: one}}
            - {{name: b, command: two}}
        """,
        tmp_path,
        answer=failing("h2:one"),
    )
    assert (("b", "h1") in seen.order()) is goes_on


def test_an_unreachable_host_is_out_but_for_ignore_unreachable(tmp_path: Path) -> None:
    def answer(host: str, call: Call) -> object:
        return ConnectionFailed("no route to host") if host == "h1" else {"changed": False}

    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, ignore_unreachable: true}
            - {name: b, command: two}
            - {name: c, command: three}
        """,
        tmp_path,
        answer=answer,
    )
    assert seen.statuses("a")["h1"] == "unreachable"
    assert ("c", "h1") not in seen.order()
    assert seen.stats("h1") == {"ok": 1, "ignored": 1, "unreachable": 1}


def test_ignored_failures_go_on(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, ignore_errors: true, register: r}
            - debug: {msg: "{{ r.failed }} {{ r.msg }}"}
        """,
        tmp_path,
        ("h1",),
        failing("h1:one"),
    )
    assert seen.messages() == ["True told to fail"]
    assert seen.stats("h1") == {"ok": 2, "changed": 1, "ignored": 1}


def test_until_tries_again(tmp_path: Path) -> None:
    count = iter(range(10))

    def answer(_host: str, _call: Call) -> dict[str, object]:
        return {"changed": False, "stdout": str(next(count))}

    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, register: r, until: r.stdout == '2', retries: 5, delay: 0}
            - debug: {msg: "{{ r.attempts }}"}
        """,
        tmp_path,
        ("h1",),
        answer,
    )
    assert seen.messages() == [3]


def test_until_gives_up(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, register: r, until: false, retries: 2, delay: 0}
        """,
        tmp_path,
        ("h1",),
        failing(),
    )
    assert len(seen.calls) == 3
    assert seen.statuses("a") == {"h1": "failed"}


def test_changed_when_and_failed_when(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: one, changed_when: false}
            - {name: b, command: two, register: r, failed_when: "'two' in r.stdout", ignore_errors: true}
            - {name: c, command: three, failed_when: [true, false]}
        """,
        tmp_path,
        ("h1",),
        failing(),
    )
    assert [seen.statuses(name)["h1"] for name in "abc"] == ["ok", "failed", "changed"]


def test_includes_run_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "inc.yml").write_text("- debug: {msg: 'in {{ item }} on {{ inventory_hostname }}'}\n")
    seen = perform(
        """
        - hosts: all
          tasks:
            - include_tasks: inc.yml
              loop: [x, y]
            - debug: {msg: after}
        """,
        tmp_path,
    )
    assert seen.messages() == ["in x on h1", "in x on h2", "in y on h1", "in y on h2", "after", "after"]


def test_includes_may_differ_by_host(tmp_path: Path) -> None:
    for name in ("h1", "h2"):
        (tmp_path / f"{name}.yml").write_text(f"- debug: {{msg: file of {name}}}\n")
    seen = perform(
        """
        - hosts: all
          tasks:
            - include_tasks: "{{ inventory_hostname }}.yml"
            - debug: {msg: after}
        """,
        tmp_path,
    )
    assert seen.messages() == ["file of h1", "file of h2", "after", "after"]


def test_a_missing_include_fails_the_host(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - block:
                - include_tasks: nowhere.yml
              rescue:
                - debug: {msg: rescued}
        """,
        tmp_path,
        ("h1",),
    )
    assert seen.messages() == ["rescued"]


def test_a_failure_inside_an_include_reaches_the_rescue_outside(tmp_path: Path) -> None:
    (tmp_path / "inc.yml").write_text("- {name: bad, command: one}\n- {name: not reached, command: two}\n")
    seen = perform(
        """
        - hosts: all
          tasks:
            - block:
                - include_tasks: inc.yml
              rescue:
                - {name: rescue, command: three}
        """,
        tmp_path,
        ("h1",),
        failing("h1:one"),
    )
    assert [task for task, _ in seen.order() if task != "include_tasks"] == ["bad", "rescue"]


def role(folder: Path, name: str, **files: str) -> None:
    """Write a role: `tasks="..."` is tasks/main.yml."""
    for part, text in files.items():
        path = folder / "roles" / name / part / "main.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_roles_bring_variables_and_handlers(tmp_path: Path) -> None:
    role(
        tmp_path,
        "web",
        tasks="- {name: t, command: one, notify: restart}\n- debug: {msg: '{{ web_port }} {{ host }} {{ role_name }}'}\n",
        handlers="- {name: restart, command: two}\n",
        defaults="web_port: 80\nhost: default\n",
        vars="host: from vars\n",
    )
    seen = perform("- hosts: all\n  roles:\n    - {role: web, web_port: 8080}\n", tmp_path, ("h1",))
    assert seen.messages() == ["8080 from vars web"]
    assert [task for task, _ in seen.order()] == ["web : t", "web : debug", "web : restart"]


def test_a_dependency_runs_first_and_once(tmp_path: Path) -> None:
    role(tmp_path, "base", tasks="- {name: b, command: one}\n")
    for name in ("x", "y"):
        role(tmp_path, name, tasks=f"- {{name: {name}, command: two}}\n", meta="dependencies: [base]\n")
    seen = perform("- hosts: all\n  roles: [x, y]\n", tmp_path, ("h1",))
    assert [task for task, _ in seen.order()] == ["base : b", "x : x", "y : y"]


def test_an_included_role_brings_its_handlers(tmp_path: Path) -> None:
    role(tmp_path, "r", tasks="- {name: t, command: one, notify: h}\n", handlers="- {name: h, command: two}\n")
    seen = perform(
        "- hosts: all\n  tasks:\n    - include_role: {name: r}\n    - {name: after, command: x}\n", tmp_path, ("h1",)
    )
    assert [task for task, _ in seen.order()][1:] == ["r : t", "after", "r : h"]


@pytest.mark.parametrize(
    ("tags", "skip", "names"),
    [
        (("all",), (), ["a", "b", "c", "d"]),
        (("x",), (), ["a", "d"]),
        (("all",), ("x",), ["b", "c", "d"]),
        (("tagged",), (), ["a", "c", "d"]),
        (("untagged",), (), ["b", "d"]),
        (("x", "never"), (), ["a", "d", "e"]),
        (("all",), ("always",), ["a", "b", "c"]),
    ],
)
def test_tags_choose(tmp_path: Path, tags: tuple[str, ...], skip: tuple[str, ...], names: list[str]) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: x, tags: x}
            - {name: b, command: x}
            - {name: c, command: x, tags: [y, z]}
            - {name: d, command: x, tags: always}
            - {name: e, command: x, tags: never}
        """,
        tmp_path,
        ("h1",),
        settings=Settings(tags=tags, skip_tags=skip),
    )
    assert [task for task, _ in seen.order()] == names


def test_loops_see_their_items(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - debug: {msg: "{{ n }}:{{ thing }}:{{ ansible_loop.last }}"}
              loop: [a, b]
              loop_control: {loop_var: thing, index_var: n, extended: true}
        """,
        tmp_path,
        ("h1",),
    )
    assert seen.messages() == ["0:a:False", "1:b:True"]


def test_a_loop_registers_every_result(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - command: "{{ item }}"
              loop: [a, b]
              when: item != 'a'
              register: r
            - debug: {msg: "{{ r.results | length }} {{ r.results[0].skipped }} {{ r.results[1].stdout }}"}
        """,
        tmp_path,
        ("h1",),
        failing(),
    )
    assert seen.messages() == ["2 True b on h1"]


def test_a_bad_loop_is_no_fault_where_the_task_is_skipped(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: x, loop: "{{ nowhere }}", when: false}
            - {name: b, command: x, loop: "{{ nowhere }}"}
        """,
        tmp_path,
        ("h1",),
    )
    assert seen.statuses("a") == {"h1": "skipped"}
    assert seen.statuses("b") == {"h1": "failed"}


def test_set_fact_lasts_and_hostvars_show_it(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - set_fact: {me: "{{ inventory_hostname }}"}
            - debug: {msg: "{{ hostvars.h2.me }} {{ hostvars['h1'].me }}"}
        """,
        tmp_path,
    )
    assert seen.messages() == ["h2 h1", "h2 h1"]


def test_hostvars_have_nothing_of_the_play(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          vars: {of_play: 1}
          tasks:
            - set_fact: {me: 1}
            - debug: {msg: "{{ hostvars.h1 | list | intersect(['of_play', 'of_task', 'me', 'play_hosts', 'vars', 'groups']) }}"}
              vars: {of_task: 1}
              run_once: true
        """,
        tmp_path,
    )
    assert seen.messages() == [["groups", "me"]]


def test_facts_from_hosts_are_data(tmp_path: Path) -> None:
    def answer(_host: str, _call: Call) -> dict[str, object]:
        return {"ansible_facts": {"ansible_x": "{{ 6 * 7 }}", "ansible_connection": "local"}, "changed": False}

    seen = perform(
        """
        - hosts: all
          tasks:
            - ping:
            - debug: {msg: "{{ ansible_x }} {{ ansible_facts.x }} {{ ansible_connection | default('mine') }}"}
        """,
        tmp_path,
        ("h1",),
        answer,
    )
    assert seen.messages() == ["{{ 6 * 7 }} {{ 6 * 7 }} ssh"]


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("end_host", ["a", "b"]),
        ("end_play", ["a"]),
        ("noop", ["a", "b", "b"]),
    ],
)
def test_meta(tmp_path: Path, what: str, names: list[str]) -> None:
    seen = perform(
        f"""
        - hosts: all
          tasks:
            - {{name: a, command: one, run_once: true}}
            - meta: {what}
              when: inventory_hostname == 'h1'
            - {{name: b, command: two}}
        """,
        tmp_path,
    )
    assert [task for task, _ in seen.order() if task != "meta"] == names


def test_end_role_leaves_only_the_role(tmp_path: Path) -> None:
    role(tmp_path, "r", tasks="- {name: a, command: x}\n- meta: end_role\n- {name: b, command: x}\n")
    seen = perform("- hosts: all\n  roles: [r]\n  tasks: [{name: c, command: x}]\n", tmp_path, ("h1",))
    assert [task for task, _ in seen.order()] == ["r : a", "c"]


def test_add_host_and_group_by_change_the_inventory(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - add_host: {name: new, groups: [web], color: red}
            - group_by: {key: "os_{{ inventory_hostname }}"}
            - debug: {msg: "{{ groups.web }} {{ hostvars.new.color }} {{ groups.os_h1 }}"}
        """,
        tmp_path,
        ("h1",),
    )
    assert seen.messages() == ["['new'] red ['h1']"]


def test_no_log_hides_the_result_from_sinks_not_from_expressions(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: secret, no_log: true, register: r}
            - debug: {msg: "{{ r.stdout }}"}
        """,
        tmp_path,
        ("h1",),
        failing(),
    )
    done = next(event for event in seen.events if type(event).__name__ == "HostDone")
    assert "secret" not in repr(done.result)
    assert "censored" in done.result
    assert seen.messages() == ["secret on h1"]


def test_delegation_goes_to_the_other_host(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: h1
          tasks:
            - {name: a, command: x, delegate_to: h2}
        """,
        tmp_path,
        ("h1", "h2"),
    )
    done = [event for event in seen.events if type(event).__name__ == "HostDone"]
    assert done[0].delegated == "h2"


def test_check_mode_plans_only(tmp_path: Path) -> None:
    seen = perform(
        """
        - hosts: all
          tasks:
            - {name: a, command: x}
            - {name: b, command: x, check_mode: false}
        """,
        tmp_path,
        ("h1",),
        settings=Settings(check=True),
    )
    assert [call.plan_only for _, call in seen.calls] == [True, False]
