"""Meta tasks: whom they are for, in what order they are told, and what they do to every host."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.model.event import HostDone, Message, TaskStarted
from tests.engine.stage import Seen, perform

HOSTS = ("h1", "h2")


def play(folder: Path, *tasks: str) -> Seen:
    """A play of some tasks on two hosts."""
    return perform("- hosts: all\n  tasks:\n" + "".join(f"    - {{{task}}}\n" for task in tasks), folder, HOSTS)


def told(seen: Seen) -> list[str]:
    """What is told of meta tasks, in order: their banners, what they did, and whom they skipped."""
    lines: list[str] = []
    for event in seen.events:
        if isinstance(event, TaskStarted) and event.task.action == "meta":
            lines.append(f"task {event.task.name}")
        elif isinstance(event, Message) and event.text.startswith("META: ") and event.level == 2:
            lines.append(event.text.removeprefix("META: ").partition(" conditional")[0])
        elif isinstance(event, HostDone) and event.task.action == "meta":
            lines.append(f"{event.status} {event.host}")
    return lines


@pytest.mark.parametrize(
    ("task", "lines"),
    [
        ("meta: noop", ["task meta", "noop"] * 2),
        ("meta: noop, name: rest", ["task rest", "noop"] * 2),
        ("meta: reset_connection", ["task meta", "reset connection"] * 2),
        ("meta: clear_facts", ["task meta", "facts cleared"]),
        ("meta: clear_host_errors", ["task meta", "cleared host errors"]),
        ("meta: end_play", ["task meta", "ending play"]),
        ("meta: end_batch", ["task meta", "ending batch"]),
        ("meta: end_host", ["task meta", "ending play for h1", "task meta", "ending play for h2"]),
        (
            "meta: end_host, when: inventory_hostname == 'h2'",
            ["task meta", "end_host", "skipped h1", "task meta", "ending play for h2"],
        ),
        ("meta: clear_facts, when: inventory_hostname == 'h2'", ["task meta", "clear_facts", "skipped h1"]),
    ],
)
def test_a_meta_task_is_told_for_each_host_that_it_is_for(tmp_path: Path, task: str, lines: list[str]) -> None:
    assert told(play(tmp_path, task)) == lines


def test_the_skipped_share_the_banner_of_their_host(tmp_path: Path) -> None:
    seen = play(tmp_path, "meta: end_host, when: false")
    banners = [event.task.id for event in seen.events if isinstance(event, TaskStarted)]
    skipped = [event.task.id for event in seen.events if isinstance(event, HostDone)]
    assert banners == skipped
    assert len(set(banners)) == 2


def test_facts_of_all_hosts_are_cleared_when_the_first_one_says_so(tmp_path: Path) -> None:
    shows = "debug: {msg: '{{ ansible_facts.x is defined }}'}"
    tasks = "".join(f"    - {{{task}}}\n" for task in ("stat: {path: /}", shows, "meta: clear_facts", shows))
    found = {"ansible_facts": {"x": 1}}
    seen = perform(f"- hosts: all\n  tasks:\n{tasks}", tmp_path, HOSTS, lambda _host, _call: dict(found))
    assert seen.messages() == [True, True, False, False]


def test_a_host_that_ended_is_gone_for_the_condition_of_the_next(tmp_path: Path) -> None:
    seen = play(tmp_path, "meta: end_host, when: ansible_play_hosts | length > 1", "debug: {msg: here}")
    assert seen.statuses("debug") == {"h2": "ok"}
