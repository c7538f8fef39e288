"""Which tasks may travel to a host together with the one before them."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest

from confman.engine.following import MOST, NotYetKnown, Prepared, Veil, prepare
from confman.engine.play import begin
from confman.engine.state import Emit, PlayRun, Start
from confman.engine.task import run_task
from confman.model.call import Call
from confman.model.request import Reach
from confman.model.settings import Settings
from confman.variables.scope import Scope
from tests.engine.stage import make_engine, make_run, read_plays

FIRST = "- {name: first, command: 'true'}\n"


def begun(
    text: str, folder: Path, hosts: tuple[str, ...], settings: Settings | None = None
) -> tuple[PlayRun, Start, Reach]:
    """A play at the first request of its first task."""
    run = make_run(read_plays(text, folder)[0], folder, hosts, settings or Settings())
    start = next(command for command in begin(run) if isinstance(command, Start))
    reach = next(run_task(start.job))
    assert isinstance(reach, Reach)
    return run, start, reach


def made_ready(
    tasks: str,
    folder: Path,
    *,
    play: str = "",
    hosts: tuple[str, ...] = ("h1",),
    settings: Settings | None = None,
) -> list[Prepared]:
    head = f"- hosts: all\n  gather_facts: false\n{indent(play, '  ')}\n  tasks:\n"
    run, start, reach = begun(head + indent(tasks, "    "), folder, hosts, settings)
    return prepare(run, start, reach)


def names(found: list[Prepared]) -> list[str]:
    return [task.info.name for task in found]


PLAIN = "- {name: second, command: id}\n- {name: third, file: {path: /x, state: absent}}\n"


def test_tasks_that_need_nothing_of_each_other_go_together(tmp_path: Path) -> None:
    found = made_ready(FIRST + PLAIN, tmp_path)
    assert names(found) == ["second", "third"]
    calls = [task.reach.request for task in found]
    assert [call.module for call in calls if isinstance(call, Call)] == ["command", "file"]


STOPS = {
    "it needs what an earlier one registers": (
        "- {name: first, command: id, register: r}\n- {name: a, command: id}\n- {name: b, command: 'echo {{ r.rc }}'}\n",
        ["a"],
    ),
    "its condition does": (
        "- {name: first, command: id, register: r}\n- {name: a, command: id, when: r is changed}\n",
        [],
    ),
    "it needs what one in between registers": (
        FIRST + "- {name: a, command: id, register: s}\n- {name: b, command: id}\n- {name: c, command: '{{ s }}'}\n",
        ["a", "b"],
    ),
    "a variable of the task does": (
        "- {name: first, command: id, register: r}\n- {name: a, command: '{{ x }}', vars: {x: '{{ r.rc }}'}}\n",
        [],
    ),
    "it looks at other variables by their names": (
        FIRST + "- {name: a, command: id}\n- {name: b, command: \"echo {{ vars['x'] | default(1) }}\"}\n",
        ["a"],
    ),
    "it looks at what is known of hosts": (FIRST + "- {name: a, command: 'echo {{ hostvars.h1 | length }}'}\n", []),
    "it looks things up": (FIRST + "- {name: a, command: \"echo {{ lookup('pipe', 'date') }}\"}\n", []),
    "it looks things up by query": (FIRST + "- {name: a, command: \"echo {{ q('env', 'HOME') }}\"}\n", []),
    "it loops": (FIRST + "- {name: a, command: id, loop: [1, 2]}\n", []),
    "the first loops": ("- {name: first, command: id, loop: [1, 2]}\n" + PLAIN, []),
    "the first is tried again": ("- {name: first, command: id, retries: 2}\n" + PLAIN, []),
    "the first may fail by its own rule": ("- {name: first, command: id, failed_when: false}\n" + PLAIN, []),
    "one behind it may fail by its own rule": (
        FIRST + "- {name: a, command: id, failed_when: false}\n- {name: b, command: id}\n",
        ["a"],
    ),
    "it is done elsewhere": (FIRST + "- {name: a, command: id, delegate_to: other}\n", []),
    "it has a time limit": (FIRST + "- {name: a, command: id, timeout: 5}\n", []),
    "it goes on by itself": (FIRST + "- {name: a, command: id, async: 5, poll: 0}\n", []),
    "it is somebody else's": (FIRST + "- {name: a, command: id}\n- {name: b, command: id, become: true}\n", ["a"]),
    "it asks for more than one thing": (
        FIRST + "- {name: a, fetch: {src: /etc/hostname, dest: x}}\n- {name: b, command: id}\n",
        ["a"],
    ),
    "its tasks are not known yet": (FIRST + "- {include_tasks: other.yml}\n- {name: b, command: id}\n", []),
    "the play is flushed": (FIRST + "- {meta: flush_handlers}\n- {name: b, command: id}\n", []),
    "its argument is wrong": (FIRST + "- {name: a, file: {nonsense: 1}}\n- {name: b, command: id}\n", []),
    "its variable is not there": (FIRST + "- {name: a, command: '{{ nothing }}'}\n- {name: b, command: id}\n", []),
    "it fails by itself": (FIRST + "- {name: a, fail: {msg: no}}\n- {name: b, command: id}\n", []),
    "it makes a host": (FIRST + "- {name: a, group_by: {key: x}}\n- {name: b, command: id}\n", []),
    "it needs a fact that is set": (
        FIRST + "- {name: a, set_fact: {x: 1}}\n- {name: b, command: id}\n- {name: c, command: 'echo {{ x }}'}\n",
        ["b"],
    ),
}


@pytest.mark.parametrize("case", STOPS)
def test_what_waits_for_its_turn(tmp_path: Path, case: str) -> None:
    tasks, expected = STOPS[case]
    assert names(made_ready(tasks, tmp_path)) == expected


PASSES = {
    "debug": FIRST + "- {name: a, debug: {msg: x}}\n- {name: b, command: id}\n",
    "assert": FIRST + "- {name: a, assert: {that: true}}\n- {name: b, command: id}\n",
    "a condition that does not hold": FIRST + "- {name: a, command: id, when: false}\n- {name: b, command: id}\n",
    "a fact that nobody reads": FIRST + "- {name: a, set_fact: {x: 1}}\n- {name: b, command: id}\n",
    "an error that is ignored": FIRST.replace("}", ", ignore_errors: true}") + "- {name: b, command: id}\n",
    "a block": FIRST + "- block:\n    - {name: b, command: id}\n  rescue:\n    - {name: r, command: id}\n",
    "a name that a verdict changes": FIRST.replace("}", ", changed_when: false}") + "- {name: b, command: id}\n",
}


@pytest.mark.parametrize("case", PASSES)
def test_what_is_no_obstacle(tmp_path: Path, case: str) -> None:
    assert names(made_ready(PASSES[case], tmp_path)) == ["b"]


def test_sections_are_no_obstacle_unless_handlers_are_owed(tmp_path: Path) -> None:
    handlers = "handlers:\n  - {name: h, command: id}\npost_tasks:\n  - {name: b, command: id}\n"
    assert names(made_ready(FIRST, tmp_path, play=handlers)) == ["b"]
    assert not made_ready(FIRST.replace("}", ", notify: h}"), tmp_path, play=handlers)


@pytest.mark.parametrize(
    ("play", "hosts", "settings", "together"),
    [
        ("", ("h1",), Settings(), True),
        ("", ("h1", "h2"), Settings(), False),
        ("strategy: free", ("h1", "h2"), Settings(), True),
        ("strategy: free\nany_errors_fatal: true", ("h1", "h2"), Settings(), False),
        ("strategy: free\nmax_fail_percentage: 10", ("h1", "h2"), Settings(), False),
        ("any_errors_fatal: true", ("h1",), Settings(), True),
        ("", ("h1",), Settings(batches=False), False),
        ("", ("h1",), Settings(step=True), False),
        ("", ("h1",), Settings(task_debugger=True), False),
    ],
)
def test_only_where_nobody_can_tell(
    tmp_path: Path, play: str, hosts: tuple[str, ...], settings: Settings, together: bool
) -> None:
    found = made_ready(FIRST + PLAIN, tmp_path, play=play, hosts=hosts, settings=settings)
    assert bool(found) is together


def test_there_is_a_bound(tmp_path: Path) -> None:
    assert len(made_ready(FIRST * (MOST + 9), tmp_path)) == MOST


def test_what_was_veiled_is_seen_when_its_turn_has_come(tmp_path: Path) -> None:
    (task,) = made_ready("- {command: id, register: r}\n- {name: a, command: id, changed_when: r.rc == 7}\n", tmp_path)
    task.veil.lift()
    with pytest.raises(StopIteration) as end:
        task.pipeline.send({"changed": True, "rc": 0})
    assert "'r' is undefined" in str(end.value.value.result["msg"])


def test_a_veil_is_no_variable() -> None:
    veil = Veil()
    veil.cover({"x"})
    scope = Scope((veil, {"x": 1, "y": 2}), make_engine())
    assert scope["y"] == 2
    for look in (lambda: scope["x"], lambda: scope.find("x"), lambda: "x" in scope, lambda: scope["hostvars"]):
        with pytest.raises(NotYetKnown):
            look()
    veil.lift()
    assert (scope["x"], "hostvars" in scope, list(scope), len(veil)) == (1, False, ["x", "y"], 0)


def test_an_expression_cannot_get_around_a_veil(tmp_path: Path) -> None:
    tasks = '- {{command: id, register: r}}\n- {{name: a, command: "echo {}"}}\n'
    for expression in (
        "{{ r | default('none') }}",
        "{{ r is defined }}",
        "{% if r is undefined %}x{% endif %}",
        "{{ [1] | map('extract', {1: r}) | list }}",
        "{{ undef() if r else 1 }}",
    ):
        assert not made_ready(tasks.format(expression.replace('"', "'")), tmp_path), expression


def test_events_come_in_their_turn(tmp_path: Path) -> None:
    run, start, reach = begun(
        f"- hosts: all\n  gather_facts: false\n  tasks:\n{indent(FIRST + PLAIN, '    ')}", tmp_path, ("h1",)
    )
    before = len(run.hosts["h1"].stood), run.rounds["h1"]
    assert prepare(run, start, reach)
    assert (len(run.hosts["h1"].stood), run.rounds["h1"]) == before
    assert not any(isinstance(command, Emit) for command in prepare(run, start, reach))
