"""Which handlers a notification means, and what happens where it means none."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.engine.notifying import UnknownHandler
from confman.engine.state import Emit
from confman.errors import ConfmanError
from confman.model.event import HostDone, Message, Notified, TaskStarted
from confman.model.settings import Settings
from tests.engine.stage import perform
from tests.engine.test_play import role

COLLECTION_ROLE = "collections/ansible_collections/ns/col"


def ran(text: str, folder: Path, settings: Settings | None = None) -> list[str]:
    """The tasks that h1 did, in order."""
    return [task for task, _ in perform(text, folder, ("h1",), settings=settings).order()]


@pytest.mark.parametrize("name", ["told", "r : told", "ns.col.r : told", "topic", "r : topic", "ns.col.r : topic"])
def test_a_handler_of_a_collections_role_has_three_names(tmp_path: Path, name: str) -> None:
    role(
        tmp_path / COLLECTION_ROLE,
        "r",
        tasks="- {name: in role, command: one}\n",
        handlers="- {name: told, command: two, listen: topic}\n",
    )
    text = f"- hosts: all\n  roles: [ns.col.r]\n  tasks:\n    - {{name: a, command: x, notify: '{name}'}}\n"
    assert [task.rsplit(" : ", 1)[-1] for task in ran(text, tmp_path)] == ["in role", "a", "told"]


def test_topics_are_no_templates(tmp_path: Path) -> None:
    text = """
    - hosts: all
      vars: {word: topic}
      tasks:
        - {name: a, command: one, notify: topic}
      handlers:
        - {name: h, command: two, listen: "{{ word }}"}
    """
    with pytest.raises(ConfmanError, match="The requested handler 'topic' was not found"):
        perform(text, tmp_path, ("h1",))


def test_flushes_that_nobody_wrote_are_told_to_who_debugs(tmp_path: Path) -> None:
    """Where there is something to run, of those at the ends of sections; those that are written down, always."""
    text = "- hosts: all\n  tasks:\n    - {name: a, command: one, notify: h}\n    - meta: flush_handlers\n"
    text += "  post_tasks:\n    - {name: b, command: two, notify: h}\n  handlers:\n    - {name: h, command: three}\n"
    told = [event for event in perform(text, tmp_path, ("h1",)).events if isinstance(event, Message)]
    metas = [(event.level, event.text) for event in told if event.text.startswith("META")]
    assert metas == [(level, "META: triggered running handlers for h1") for level in (2, 6)]


def test_of_a_name_that_listens_twice_one_runs(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: topic}
      handlers:
        - {name: h, debug: {msg: first}, listen: topic}
        - {name: h, debug: {msg: second}, listen: topic}
        - {name: other, debug: {msg: other}, listen: topic}
        - {debug: {msg: unnamed}, listen: topic}
        - {debug: {msg: unnamed too}, listen: topic}
    """
    assert perform(text, tmp_path, ("h1",)).messages() == ["first", "other", "unnamed", "unnamed too"]


def test_a_missing_handler_may_be_a_warning(tmp_path: Path) -> None:
    text = "- hosts: all\n  tasks:\n    - {name: a, command: one, notify: [nobody, h]}\n    - {name: b, command: two}\n"
    text += "  handlers:\n    - {name: h, command: three}\n"
    seen = perform(text, tmp_path, ("h1",), settings=Settings(error_on_missing_handler=False))
    assert [task for task, _ in seen.order()] == ["a", "b", "h"]
    warnings = [event.text for event in seen.events if isinstance(event, Message) and event.kind == "warning"]
    assert warnings == [
        "The requested handler 'nobody' was not found in either the main handlers list nor in the listening handlers list"
    ]


def test_a_name_that_only_a_host_could_tell_is_warned_of_once(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: h}
        - {name: b, command: two, notify: h}
      handlers:
        - {name: "of {{ nobody }}", command: three}
        - {name: "heard {{ nobody }}", command: four, listen: h}
        - {name: h, command: five}
    """
    seen = perform(text, tmp_path, ("h1",))
    warnings = [event.text for event in seen.events if isinstance(event, Message) and event.kind == "warning"]
    assert [text.partition(":")[0] for text in warnings] == ["Handler 'of {{ nobody }}' is unusable"]
    assert [event.task.name for event in seen.events if isinstance(event, HostDone)][2:] == [
        "heard << error 1 - 'nobody' is undefined >>",
        "h",
    ]


def test_a_meta_task_as_a_handler_runs_once(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: h}
        - meta: flush_handlers
        - {name: b, command: two}
      handlers:
        - {name: h, meta: noop}
    """
    seen = perform(text, tmp_path, ("h1",))
    begun = [(event.task.name, event.task.handler) for event in seen.events if isinstance(event, TaskStarted)]
    assert begun == [("a", False), ("meta", False), ("h", True), ("b", False)]
    told = [event.text for event in seen.events if isinstance(event, Message) and event.text.startswith("META")]
    assert told == ["META: triggered running handlers for h1", "META: noop"]


def test_handlers_are_not_flushed_by_a_handler(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: h}
      handlers:
        - {name: h, meta: flush_handlers}
    """
    with pytest.raises(ConfmanError, match="flush_handlers cannot be used as a handler") as caught:
        perform(text, tmp_path, ("h1",))
    assert caught.value.source is not None
    assert caught.value.source.line == 6


def test_who_is_notified_is_told_at_the_flush_by_the_names_of_handlers(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: [topic, h]}
        - {name: b, command: two}
      handlers:
        - {name: h, command: three, listen: topic, notify: last}
        - {name: last, command: four}
    """
    seen = perform(text, tmp_path, ("h1",))
    told = [event for event in seen.events if isinstance(event, HostDone | Notified)]
    assert [getattr(event, "handler", "") or f"done {event.task.name}" for event in told] == [
        "done a", "done b", "h", "last", "done h", "done last"
    ]  # fmt: skip
    saved = [event.text for event in seen.events if isinstance(event, Message)]
    assert saved[:2] == [f"Notification for handler {name} has been saved." for name in ("topic", "h")]


def test_what_a_loop_hides_is_hidden_item_by_item(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, debug: {msg: secret}, loop: [1, 2], no_log: true}
    """
    seen = perform(text, tmp_path, ("h1",))
    (done,) = [event for event in seen.events if isinstance(event, HostDone)]
    assert [sorted(item) for item in done.result["results"]] == [["censored", "changed"]] * 2
    assert "secret" not in str(done.result)


def test_what_cannot_be_meant_is_told_before_the_run_ends(tmp_path: Path) -> None:
    text = """
    - hosts: all
      tasks:
        - {name: a, command: one, notify: made}
      handlers:
        - {name: "{{ word }}", command: two}
    """
    with pytest.raises(UnknownHandler) as caught:
        perform(text, tmp_path, ("h1",))
    told = [command.event.text for command in caught.value.before if isinstance(command, Emit)]
    assert told[0].startswith("Handler '{{ word }}' is unusable")
