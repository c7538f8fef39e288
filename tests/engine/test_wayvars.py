"""The variables that say how a task reaches its host, where nobody has set them."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.model.settings import Settings
from tests.engine.stage import perform

NAMES = "ansible_connection ansible_host ansible_ssh_host ansible_user ansible_port ansible_timeout"


def said(folder: Path, task: str, settings: Settings | None = None) -> list[str]:
    """What a task of h1 says."""
    text = f"- hosts: all\n  tasks:\n    - {task}\n"
    return perform(text, folder, ("h1",), settings=settings).messages()


@pytest.mark.parametrize(
    ("more", "settings", "expected"),
    [
        ("", Settings(), "ssh h1 h1 - - 10"),
        ("", Settings(connection="local", remote_user="me", port=2200, timeout=2.5), "local h1 h1 me 2200 2.5"),
        ("remote_user: bob\n      port: 22", Settings(), "ssh h1 h1 bob 22 10"),
        ("vars: {ansible_host: there, ansible_user: ann}", Settings(), "ssh there there ann - 10"),
        ("delegate_to: h2", Settings(), "ssh h2 h2 - - 10"),
        ("remote_user: '{{ ansible_user }}'", Settings(), "- - - - - -"),
    ],
    ids=["nothing", "settings", "keywords", "variables", "delegated", "in a circle"],
)
def test_they_are_what_the_host_is_reached_with(tmp_path: Path, more: str, settings: Settings, expected: str) -> None:
    words = " ".join(f"{{{{ {name} | default('-') }}}}" for name in NAMES.split())
    assert said(tmp_path, f'debug: {{msg: "{words}"}}\n      {more}', settings) == [expected]


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("{debug: {msg: x}, when: ansible_host == 'h1'}", ["x"]),
        ("{debug: {msg: x}, when: ansible_user is defined}", []),
        ('{debug: {msg: "{{ item }}"}, loop: ["{{ ansible_host | default(0) }}"]}', ["0"]),
        ('{debug: {msg: "{{ hostvars.h1.ansible_host | default(0) }}"}}', ["0"]),
        ('{debug: {msg: "{{ vars.ansible_host | default(0) }}"}}', ["0"]),
        ('{debug: {msg: "{{ ansible_delegated_vars[ansible_host].ansible_host }}"}, delegate_to: h2}', ["h2"]),
        ('{debug: {msg: "{{ ansible_password | default(0) }}"}}', ["0"]),
    ],
)
def test_where_they_are_seen(tmp_path: Path, task: str, expected: list[str]) -> None:
    """By conditions and arguments; neither by loops nor by other hosts."""
    settings = Settings(connection_password="secret")
    assert [str(message) for message in said(tmp_path, task, settings)] == expected
