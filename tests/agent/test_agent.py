"""Parts of the agent by themselves; as a whole it is tested through sessions."""

import os
import subprocess
import sys
import types

import pytest

from confman.agent.calls import crash, expand
from confman.agent.channel import plain
from confman.agent.guard import Guard
from confman.kit.scratch import FOLDERS, call_scratch, remove_all, scratch


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"\xff", "\udcff"),
        (bytearray(b"x"), "x"),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset("b"), ["b"]),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (1 + 2j, "(1+2j)"),
    ],
)
def test_what_json_lacks(value, expected):
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/a", "/a"),
        ("~", os.path.expanduser("~")),
        ("~root/x", os.path.expanduser("~root") + "/x"),
        ("~no-such-user/x", "~no-such-user/x"),
        ("$PLACE/${PLACE}", "/p//p"),
        ("$UNSET/x", "$UNSET/x"),
        (["~", ["$PLACE"], 3], [os.path.expanduser("~"), ["/p"], 3]),
        (None, None),
        (7, 7),
    ],
)
def test_paths(value, expected, monkeypatch):
    monkeypatch.setenv("PLACE", "/p")
    assert expand(value) == expected


def test_a_crash_without_words():
    try:
        raise KeyError
    except KeyError as error:
        result = crash("m", error)
    assert result["failed"] is True
    assert result["msg"].startswith("Task failed: Module failed: KeyError at ")
    assert "test_agent.py" in result["msg"]
    assert "raise KeyError" in result["exception"]


# In a process of its own: this one has children that other tests need.
ENDING = """
import os, subprocess, time
from confman.agent.children import descendants, end_children
assert descendants(os.getpid()) == []
assert end_children(0.1) == 0
script = "sleep 200 & (setsid sleep 200 & sleep 200) & trap '' TERM; sleep 200; sleep 200"
child = subprocess.Popen(["/bin/sh", "-c", script], start_new_session=True)
other = subprocess.Popen(["sleep", "200"])
deadline = time.monotonic() + 10
while len(descendants(os.getpid())) < 6 and time.monotonic() < deadline:
    time.sleep(0.02)
before = {entry.pid for entry in descendants(os.getpid())}
assert {child.pid, other.pid} <= before
assert not {os.getpid(), os.getppid(), 1} & before
assert end_children(0.3) >= 6
assert descendants(os.getpid()) == []
print("ended", child.wait(), other.wait())
"""


def test_children_grandchildren_and_their_groups_are_ended_and_nobody_else():
    beside = subprocess.Popen(["sleep", "200"])
    try:
        done = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("ended")
        assert beside.poll() is None
    finally:
        beside.kill()
        beside.wait()


def test_scratch_folders(tmp_path):
    with scratch(str(tmp_path)) as folder:
        assert os.stat(folder).st_mode & 0o777 == 0o700
        assert folder in FOLDERS
    assert not os.path.exists(folder)
    kept = call_scratch(str(tmp_path))
    assert os.path.isdir(kept)
    remove_all()
    assert not os.path.exists(kept)
    assert FOLDERS == []


def test_no_place_for_scratch(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        call_scratch(str(tmp_path / "absent"))
    assert FOLDERS == []


def test_the_guard_watches_only_while_armed(tmp_path):
    # The hook of a guard stays for the life of a process, so this one runs in its own.
    code = f"""
import os, threading
from confman.agent.guard import Guard
from confman.kit.change import Failure
guard = Guard()
os.mkdir({str(tmp_path / "before")!r})
guard(True)
failed = 0
for action in (lambda: os.mkdir({str(tmp_path / "x")!r}), lambda: open({str(tmp_path / "y")!r}, "a"), lambda: os.chmod({str(tmp_path)!r}, 0o700),
               lambda: os.symlink("a", {str(tmp_path / "z")!r}), lambda: os.utime({str(tmp_path)!r}), lambda: os.truncate({str(tmp_path)!r}, 0),
               lambda: os.link("/etc/passwd", {str(tmp_path / "l")!r}), lambda: os.rmdir({str(tmp_path / "before")!r})):
    try:
        action()
    except Failure as failure:
        assert failure.msg.startswith("wrote while planning: "), failure.msg
        failed += 1
open("/etc/passwd").close()
os.listdir("/")
thread = threading.Thread(target=os.mkdir, args=({str(tmp_path / "thread")!r},))
thread.start(); thread.join()
guard(False)
os.mkdir({str(tmp_path / "after")!r})
print(failed, len(guard.take()), len(guard.take()))
"""

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=os.getcwd())
    assert result.stdout == "8 8 0\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after", "before", "thread"]


def test_an_unarmed_guard_has_nothing():
    assert Guard().take() == []
