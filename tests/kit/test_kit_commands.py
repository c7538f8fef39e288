"""Programs: fed, heard, bounded, ended."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from confman.kit import commands
from confman.kit.change import Failure
from confman.kit.commands import check, find_program, run, stdin_bytes


def python(code, **options):
    return run([sys.executable, "-c", code], **options)


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_outcome():
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (done.rc, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert done.data() == {"rc": 3, "stdout": "out\n", "stderr": "err\n"}


def test_bytes_that_are_not_text_survive():
    done = run(["printf", r"\377\000x"])
    assert done.out.encode("utf-8", "surrogateescape") == b"\xff\x00x"


def test_both_streams_flooded_and_fed():
    """Neither a full pipe of errors nor a large input blocks."""
    code = (
        "import sys, os\n"
        "os.write(2, b'e' * 3000000)\n"
        "data = sys.stdin.buffer.read()\n"
        "os.write(1, data[:10]); os.write(2, b'E' * 1000000); print(len(data))\n"
    )
    done = python(code, stdin=b"x" * 5000000, timeout=60)
    assert done.rc == 0
    assert done.stdout == b"x" * 10 + b"5000000\n"
    assert len(done.stderr) == 4000000


def test_input_that_nobody_reads():
    assert run(["true"], stdin=b"x" * 5000000, timeout=60).rc == 0


def test_output_is_bounded():
    done = python("print('x' * 1000000)", limit=1000)
    assert (len(done.stdout), done.dropped) == (1000, 999001)


def test_child_in_the_background_does_not_hold_us_up():
    done = run(["sh", "-c", "sleep 300 & echo $!; echo done"], timeout=60)
    pid, word = done.stdout.split()
    assert word == b"done"
    assert alive(int(pid))
    os.kill(int(pid), signal.SIGKILL)


def test_time_limit_ends_the_whole_group():
    with pytest.raises(Failure, match="timed out") as caught:
        run(["sh", "-c", "sleep 300 & echo $!; trap '' TERM; wait; sleep 300"], timeout=1)
    pid = int(caught.value.data["stdout"])
    for _attempt in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)
    assert not commands.CHILDREN


def test_own_session_and_no_terminal():
    done = python("import os; print(os.getsid(0) == os.getpid())")
    assert done.out == "True\n"


def test_nothing_to_read_by_default():
    assert run(["cat"], timeout=30).stdout == b""


def test_locale_and_environment(monkeypatch):
    monkeypatch.setenv("LC_ALL", "xx_XX")
    assert run(["sh", "-c", "echo $LC_ALL $MORE"], env={"MORE": "yes"}).out == "C yes\n"
    assert run(["sh", "-c", "echo $LC_ALL"], c_locale=False).out == "xx_XX\n"


def test_folder(tmp_path):
    assert run(["pwd"], cwd=str(tmp_path)).out.strip() == os.path.realpath(tmp_path)


@pytest.mark.parametrize("argv", [["/no/such"], ["/"], ["a\0b"]])
def test_what_cannot_be_run(argv):
    with pytest.raises(Failure, match="cannot run") as caught:
        run(argv)
    assert caught.value.data["rc"]


def test_ended_by_a_signal():
    assert run(["sh", "-c", "kill -9 $$"]).rc == -9


def test_check_raises_with_what_was_said():
    assert check(["echo", "x"], "saying x").out == "x\n"
    with pytest.raises(Failure, match=r"^doing it: wrong$") as caught:
        check(["sh", "-c", "echo wrong >&2; exit 2"], "doing it")
    assert caught.value.data["rc"] == 2


def test_find_program(tmp_path, monkeypatch):
    tool = tmp_path / "a-tool"
    tool.write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("a-tool") is None
    tool.chmod(0o755)
    assert find_program("a-tool") == str(tool)
    assert find_program(str(tool)) == str(tool)
    assert find_program("sh") in ("/bin/sh", "/usr/bin/sh")
    assert find_program("a-tool/none") is None


@pytest.mark.parametrize(
    ("text", "newline", "data"), [(None, True, b""), ("a", True, b"a\n"), ("a", False, b"a"), ("a\n", True, b"a\n\n")]
)
def test_stdin_bytes(text, newline, data):
    assert stdin_bytes(text, newline) == data
