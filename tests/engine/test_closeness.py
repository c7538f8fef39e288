"""Tasks that take files from this machine, on hosts that may be this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from confman.engine.closeness import is_here, may_be_here
from confman.model.call import Target
from tests.engine.test_following import made_ready, names


@pytest.mark.parametrize(
    ("target", "here", "maybe"),
    [
        (Target("a", address="192.0.2.1"), False, False),
        (Target("a", address="2001:db8::1"), False, False),
        (Target("a", address="web.example.org"), False, False),
        (Target("a", address="127.1.0.2"), False, True),
        (Target("a", address="::1"), False, True),
        (Target("a", address="localhost"), False, True),
        (Target("a", transport="local", address="192.0.2.1"), True, False),
    ],
)
def test_what_an_address_tells(target: Target, here: bool, maybe: bool) -> None:
    assert (is_here(target), may_be_here(target)) == (here, maybe)


COPY = "- {name: a, copy: {src: x, dest: /srv/a}}\n"
CASES = {
    "a file that nobody writes": ("file: {path: /srv, state: directory}", COPY, ["a"]),
    "another folder": ("copy: {content: x, dest: /srv/b}", COPY, ["a"]),
    "a look": ("stat: {path: HERE/files/x}", COPY, ["a"]),
    "the very file": ("copy: {content: x, dest: HERE/files/x}", COPY, []),
    "its folder": ("file: {path: HERE/files, state: absent}", COPY, []),
    "a link to it": ("file: {path: HERE/files/x, src: /etc/hosts, state: link}", COPY, []),
    "a file that would be found first": ("lineinfile: {path: HERE/x, line: x, create: true}", COPY, []),
    "the same by another way": ("copy: {content: x, dest: HERE/files/../files/x}", COPY, []),
    "a path that the host expands": ("copy: {content: x, dest: ~/x}", COPY, []),
    "a command, which may write anywhere": ("command: 'true'", COPY, []),
    "a command, but no file is taken": ("command: 'true'", "- {name: a, command: id}\n", ["a"]),
    "a template": (
        "copy: {content: x, dest: HERE/templates/y}",
        "- {name: a, template: {src: x, dest: /srv/a}}\n",
        [],
    ),
    "a test of files": (
        "file: {path: /srv/b, state: touch}",
        "- {name: a, command: id, when: \"'/etc/passwd' is exists\"}\n",
        [],
    ),
    "a test of files that nothing precedes": (
        "ping:",
        "- {name: a, command: id, when: \"'/etc/passwd' is file\"}\n",
        ["a"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_files_of_this_machine(tmp_path: Path, case: str) -> None:
    first, second, expected = CASES[case]
    for folder in ("files", "templates"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x").write_text("x")
    tasks = f"- name: first\n  {first.replace('HERE', str(tmp_path))}\n{second}"
    assert names(made_ready(tasks, tmp_path, play="vars: {ansible_host: 127.0.0.1}")) == expected
    elsewhere = names(made_ready(tasks, tmp_path, play="vars: {ansible_host: 192.0.2.1}"))
    assert elsewhere == ["a"]


def test_nothing_is_made_ready_for_this_machine_itself(tmp_path: Path) -> None:
    tasks = "- {name: first, command: id}\n- {name: a, command: id}\n"
    assert not made_ready(tasks, tmp_path, play="vars: {ansible_connection: local}")
