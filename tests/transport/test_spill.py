"""Long outputs: what stays of them in the result, and that their files go whatever happens."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confman.errors import TargetError
from confman.transport.spill import HEAD, TAIL, SpillFolder, Spills
from tests.transport.conftest import ME


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kept = SpillFolder()
    yield kept
    kept.close()


def taken(folder, *parts, lines=False, name="stdout"):
    spills = Spills(folder)
    assert spills.take({"id": 1, "spill": name, "lines": lines})
    for part in parts:
        assert spills.take(part)
    assert spills.take({"id": 1, "spilled": name})
    return spills


def left(tmp_path):
    return sorted(path.name.split("-")[0] for path in tmp_path.rglob("*"))


def test_nothing_is_made_before_it_is_needed(folder, tmp_path):
    assert left(tmp_path) == []
    folder.close()


@given(st.lists(st.binary(max_size=40_000), max_size=6))
def test_head_and_tail_stay(parts):
    whole = b"".join(parts)
    folder = SpillFolder()
    try:
        text = taken(folder, *parts).complete({"id": 1, "result": {}})["stdout"]
        said = text.encode("utf-8", "surrogateescape")
        if len(whole) <= HEAD + TAIL:
            assert said == whole
        else:
            assert said.startswith(whole[:HEAD])
            assert said.endswith(whole[-TAIL:])
            file = Path(text.split("until this run ends, all of it is in ")[1].split(" ...]")[0])
            assert file.read_bytes() == whole
    finally:
        folder.close()


def test_lines_are_made_again(folder):
    result = taken(folder, b"a\nb\n", lines=True).complete({"result": {"rc": 0}})
    assert result == {"rc": 0, "stdout": "a\nb\n", "stdout_lines": ["a", "b"]}


def test_both_outputs(folder):
    spills = taken(folder, b"out")
    for message in ({"spill": "stderr"}, b"err", {"spilled": "stderr"}):
        assert spills.take(message)
    assert spills.complete({"result": {}}) == {"stdout": "out", "stderr": "err"}


@pytest.mark.parametrize("message", [{"spill": "../x"}, {"spill": "stdout"}, {"spilled": "stdout"}, {"result": {}}, {}])
def test_what_is_no_part_of_an_output(folder, message):
    assert not taken(folder, b"x").take(message)


def test_bytes_without_a_beginning(folder):
    with pytest.raises(TargetError, match="bytes that nobody asked for"):
        Spills(folder).take(b"x")


@pytest.mark.parametrize("answer", [{}, {"result": 3}, b"x"])
def test_an_answer_that_is_no_result(folder, answer):
    with pytest.raises(TargetError, match="no result"):
        Spills(folder).complete(answer)


def test_a_call_that_fails_leaves_nothing(folder, tmp_path):
    spills = taken(folder, bytes(HEAD + TAIL + 1))
    assert "stdout" in left(tmp_path)
    spills.drop()
    assert "stdout" not in left(tmp_path)


def test_closing_removes_everything_and_a_new_folder_may_follow(folder, tmp_path):
    for _ in range(2):
        taken(folder, bytes(HEAD + TAIL + 1)).complete({"result": {}})
        assert left(tmp_path) == ["confman", "stdout"]
        folder.close()
        folder.close()
        assert left(tmp_path) == []


def test_a_disk_that_is_full():
    class Full(SpillFolder):
        def open(self, name):
            return open("/dev/full", "wb", buffering=0)

    spills = Spills(Full())
    spills.take({"spill": "stdout"})
    with pytest.raises(TargetError, match="its long output cannot be kept here: No space left on device"):
        spills.take(b"x" * 100)


def test_a_folder_for_temporary_files_that_is_not_there(monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/no/such/folder")
    with pytest.raises(TargetError, match="cannot be kept here: No such file"):
        Spills(SpillFolder()).take({"spill": "stdout"})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_leaves_nothing(tmp_path, number):
    script = """
        import sys, time
        from confman.transport.spill import SpillFolder
        folder = SpillFolder()
        folder.open("stdout").write(b"secret")
        print("ready", flush=True)
        time.sleep(300)
    """
    run = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        assert run.stdout.readline() == b"ready\n"
        assert left(tmp_path) == ["confman", "stdout"]
    finally:
        run.send_signal(number)
        run.wait()
        run.stdout.close()
    end = time.monotonic() + 30
    while left(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    assert left(tmp_path) == []


async def test_a_link_that_dies_in_the_middle_leaves_nothing(local, call, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pid = (await local.call(ME, call("probe", do="python")))["pid"]
    seen = []
    real = Spills.take

    def take(self, message):
        if isinstance(message, bytes) and not seen:
            seen.extend(left(tmp_path))
            os.kill(pid, signal.SIGKILL)
        return real(self, message)

    monkeypatch.setattr(Spills, "take", take)
    with pytest.raises(TargetError, match="killed by signal 9"):
        await local.call(ME, call("probe", do="stdout", size=100_000_000))
    assert seen == ["confman", "stdout"]
    assert left(tmp_path) == ["confman"]
    await local.close()
    assert left(tmp_path) == []
