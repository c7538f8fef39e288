"""What an item of a loop knows of those before it, and of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.model.event import ItemDone
from tests.engine.stage import perform

PLAY = "- hosts: all\n  tasks:\n    - debug: {msg: '%s'}\n      loop: [a, b, c]\n"


@pytest.mark.parametrize(
    ("message", "more", "said"),
    [
        ('{{ item }}{{ (r | default({})).msg | default("") }}', "register: r", ["a", "ba", "cba"]),
        ("{{ item }}{{ r is defined }}", "register: r", ["aFalse", "bTrue", "cTrue"]),
        ("{{ item }}{{ r is defined }}", "register: other", ["aFalse", "bFalse", "cFalse"]),
        ("{{ item }}", 'register: r, when: r is not defined or r.msg == "a"', ["a", "b"]),
        ("{{ item }}", 'register: r, when: item != "b" and r | default({}) is not skipped', ["a"]),
    ],
)
def test_an_item_sees_what_the_one_before_registered(tmp_path: Path, message: str, more: str, said: list[str]) -> None:
    keywords = "".join(f"      {each}\n" for each in more.split(", "))
    seen = perform(PLAY % message + keywords, tmp_path, ("h1",))
    items = [event.result for event in seen.events if isinstance(event, ItemDone)]
    assert [item["msg"] for item in items if not item.get("skipped")] == said


def test_after_the_loop_all_items_are_registered(tmp_path: Path) -> None:
    text = (
        PLAY % "{{ item }}"
        + "      register: r\n    - debug: {msg: '{{ r.results | map(attribute=\"msg\") | join }}'}\n"
    )
    assert perform(text, tmp_path, ("h1",)).messages()[-1] == "abc"


def test_labels_see_what_their_item_registered(tmp_path: Path) -> None:
    text = PLAY % "x{{ item }}" + "      register: r\n      loop_control: {label: '{{ r.msg }}'}\n"
    seen = perform(text, tmp_path, ("h1",))
    assert [event.label for event in seen.events if isinstance(event, ItemDone)] == ["xa", "xb", "xc"]
