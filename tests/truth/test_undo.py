"""How changes are taken back, and when they are not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from confman.truth.plan import Seen
from confman.truth.since import changed_since, things
from confman.truth.undo import Undoing, undo


def one(kind: str, name: str, before: Any, after: Any, **more: Any) -> Undoing:
    return Undoing("a", kind, name, more.pop("action", "apt"), before, after, **more)


OLD = {"content": b"old", "mode": "0644", "owner": "root", "group": "adm"}
CASES = [
    (one("file", "/x", None, {"sha1": "1"}), "file", {"path": "/x", "state": "absent"}),
    (one("file", "/x", {"sha1": "0"}, {"sha1": "1"}, **OLD), "copy", {"dest": "/x", "content": "old", "follow": False}),
    (one("file", "/x", {"sha1": "0"}, None, **OLD), "copy", {"dest": "/x", "content": "old", "follow": False, "mode": "0644", "owner": "root", "group": "adm"}),
    (one("file", "/x", {"link": "/y"}, {"sha1": "1"}), "file", {"path": "/x", "state": "link", "src": "/y", "force": True, "follow": False}),
    (one("link", "/x", "/y", "/z"), "file", {"path": "/x", "state": "link", "src": "/y", "force": True, "follow": False}),
    (one("link", "/x", None, "/z"), "file", {"path": "/x", "state": "absent"}),
    (one("directory", "/x", None, "directory"), "command", {"argv": ["rmdir", "--ignore-fail-on-non-empty", "--", "/x"], "removes": "/x"}),
    (one("attributes", "/x", {"mode": "0600"}, {"mode": "0644"}), "file", {"path": "/x", "mode": "0600"}),
    (one("package", "git", None, "1"), "apt", {"name": "git", "state": "absent"}),
    (one("package", "git", None, "1", action="package"), "package", {"name": "git", "state": "absent"}),
    (one("package", "git", "1", "2"), "apt", {"name": "git=1", "state": "present", "allow_downgrade": True}),
    (one("package", "git", "1", None, action="ansible.builtin.dnf"), "dnf", {"name": "git-1", "state": "present", "allow_downgrade": True}),
    (one("unit", "x", "inactive", "active"), "systemd", {"name": "x", "state": "stopped"}),
    (one("unit file", "x", False, True), "systemd", {"name": "x", "enabled": False}),
    (one("user", "app", None, {}), "user", {"name": "app", "state": "absent"}),
    (one("user", "app", {"shell": "/bin/sh"}, {"shell": "/bin/bash"}), "user", {"name": "app", "shell": "/bin/sh"}),
    (one("group", "app", None, {}), "group", {"name": "app", "state": "absent"}),
    (one("group", "app", {"gid": 3}, {"gid": 4}), "group", {"name": "app", "gid": 3}),
    (one("crontab", 'crontab for user "app"', None, "x"), "command", {"argv": ["crontab", "-u", "app", "-r"]}),
    (one("crontab", 'crontab for user "app"', "y\n", "x"), "command", {"argv": ["crontab", "-u", "app", "-"], "stdin": "y\n", "stdin_add_newline": False}),
    (one("crontab", "/etc/cron.d/x", "y\n", "x"), "copy", {"dest": "/etc/cron.d/x", "content": "y\n"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "action", "args"), CASES, ids=[f"{c[0].kind} {n}" for n, c in enumerate(CASES)])
def test_what_takes_a_change_back(change: Undoing, action: str, args: dict[str, Any]) -> None:
    (task,) = undo([change]).tasks
    assert (task.host, task.action, task.args) == ("a", action, args)


IMPOSSIBLE = [
    one("file", "/x", {"sha1": "0"}, {"sha1": "1"}), one("directory", "/x", "present", None),
    one("attributes", "/x", {"flags": "i"}, {"flags": ""}), one("package", "git", "1", "2", action="package"),
    one("unit", "x", "reloading", "active"), one("unit file", "x", "static", True), one("user", "app", {"shell": "x"}, None),
    one("user", "app", {"expires": 1}, {"expires": 2}), one("crontab", "/etc/cron.d/x", {"omitted": 1}, "x"), one("hostname", "x", "y", "x"),
]  # fmt: skip


@pytest.mark.parametrize("change", IMPOSSIBLE, ids=[f"{c.kind} {n}" for n, c in enumerate(IMPOSSIBLE)])
def test_what_cannot_be_taken_back_is_told(change: Undoing) -> None:
    found = undo([change])
    assert found.tasks == found.wanted == ()
    assert found.impossible == (f"a: {change.kind} {change.id} cannot be taken back: what it was is not known",)


@pytest.mark.parametrize(
    "change",
    [one("unit", "x", "active", "active"), one("command", "ls", None, None), one("package lists", "apt", 1, 2)],
)
def test_acts_leave_nothing_to_take_back(change: Undoing) -> None:
    found = undo([change])
    assert found.tasks == found.impossible == ()


def test_the_last_change_is_taken_back_first_and_each_object_once() -> None:
    changes = [
        one("directory", "/srv/x", None, "directory"),
        one("file", "/srv/x/y", None, {"sha1": "1"}),
        one("attributes", "/srv/x/y", {"mode": "0644"}, {"mode": "0600"}),
        one("file", "/srv/x/y", {"sha1": "1"}, {"sha1": "2"}, **OLD),
    ]
    found = undo(changes)
    assert [task.name for task in found.tasks] == ["file /srv/x/y", "directory /srv/x"]
    assert found.tasks[0].args == {"path": "/srv/x/y", "state": "absent"}
    assert found.wanted[0].after == {"sha1": "2"}


def test_what_was_put_back_already_needs_nothing() -> None:
    changes = [one("package", "git", "1", "2"), one("package", "git", "2", "1")]
    assert undo(changes).tasks == ()


TEXT = "5 * * * *\n"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("change", "state", "same"),
    [
        (one("file", "/x", None, {"sha1": "1", "size": 3}), {"state": "file", "sha1": "1"}, True),
        (one("file", "/x", None, {"sha1": "1"}), {"sha1": "2"}, False),
        (one("file", "/x", {}, None), None, True),
        (one("file", "/x", {}, None), {"sha1": "1"}, False),
        (one("file", "/x", None, {"sha1": "1"}), None, False),
        (one("attributes", "/x", {}, {"mode": "0600"}), {"mode": "0644"}, False),
        (one("package", "git", None, "1"), {"version": "1"}, True),
        (one("package", "git", None, "1"), {"version": "2"}, False),
        (one("unit", "x", "inactive", "active"), {"active": "active", "boot": "disabled"}, True),
        (one("unit file", "x", False, True), {"active": "x", "boot": "disabled"}, False),
        (one("unit file", "x", False, True), {"active": "x", "boot": "enabled"}, True),
        (one("unit mask", "x", True, False), {"boot": "masked"}, False),
        (one("link", "/x", None, "/y"), {"target": "/z"}, False),
        (one("crontab", 'crontab for user "app"', None, TEXT), {"sha256": SHA256}, True),
        (one("crontab", 'crontab for user "app"', None, TEXT), {"sha256": "0"}, False),
        (one("directory", "/x", None, "directory"), {"state": "directory"}, True),
    ],
)
def test_what_changed_since(change: Undoing, state: Any, same: bool) -> None:
    ((kind, name),) = things([change])["a"]
    found = changed_since([change], [Seen("a", 0, kind, name, state)])
    assert found == ([] if same else [(change, state)])


def test_other_hosts_do_not_count() -> None:
    change = one("package", "git", None, "1")
    assert changed_since([replace(change, host="b")], [Seen("a", 0, "package", "git", None)]) == []
