"""The agent through a session, on this machine."""

import asyncio
import hashlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from confman.errors import BecomeFailed, ConnectionFailed, LanguageError, TargetError
from confman.model.call import Blob, Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.transport.link import FileError
from confman.transport.session import Session
from confman.transport.subprocesses import LocalProcess, spawn

ME = Identity()
MODULES = Path(__file__).parent.parent / "agent" / "modules_for_tests"
PYTHONS = sorted(Path("~/.pyenv/versions").expanduser().glob("3.*/bin/python3"))
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


async def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(0.05)
    return False


async def test_a_module_answers(local, call):
    result = await local.call(ME, call("ping", data="x"))
    assert result["ping"] == "x"
    assert result["changed"] is False
    assert "failed" not in result


async def test_one_agent_serves_many_calls(local, call):
    pids = {(await local.call(ME, call("probe", do="python")))["pid"] for _ in range(5)}
    assert len(pids) == 1


async def test_calls_at_once_are_serialised_and_each_gets_its_own_answer(local, call):
    results = await asyncio.gather(*(local.call(ME, call("ping", data=str(n))) for n in range(30)))
    assert [result["ping"] for result in results] == [str(n) for n in range(30)]


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parent.parent.name)
async def test_every_python(python, bundle, call, tmp_path):
    session = Session(Target("here", transport="local", interpreter=str(python)), bundle)
    try:
        version = python.parent.parent.name.split(".")
        result = await session.call(ME, call("probe", do="python"))
        assert result["version"][:2] == [int(version[0]), int(version[1])]
        made = await session.call(ME, call("probe", do="change", path=str(tmp_path / "f")))
        assert made["changed"] is True
        assert (tmp_path / "f").read_text() == "changed"
        big = await session.call(ME, call("probe", do="blob", blob=Blob(b"z" * 3_000_000)))
        assert big["size"] == 3_000_000
        assert (await session.call(ME, call("ping", data="crash")))["failed"]
        late = await session.call(ME, call("probe", do="sleep", size=20, _timeout=0.3))
        assert late["timedout"]["period"] == 0.3
    finally:
        await session.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"do": "fail", "value": "no"}, "no"),
        ({"do": "exit"}, "Task failed: Module failed: 3 (SystemExit at "),
        ({"do": "recursion"}, "RecursionError"),
        ({"do": "unsendable"}, "cannot be sent"),
        ({"do": "nan"}, "cannot be sent"),
        ({"do": "big", "size": 17 * 1024 * 1024}, "too large"),
        ({"do": "site"}, "No module named 'no_such_module_anywhere'"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
async def test_what_a_module_does_wrong_is_a_failed_result_and_the_agent_lives(local, call, arguments, message):
    result = await local.call(ME, call("probe", **arguments))
    assert result["failed"] is True
    assert message in result["msg"]
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_a_crash_names_file_and_line(local, call):
    result = await local.call(ME, call("ping", data="crash"))
    assert "boom (RuntimeError at confman/modules/ping.py:" in result["msg"]
    assert 'raise RuntimeError("boom")' in result["exception"]


async def test_a_failure_keeps_its_data(local, call):
    assert (await local.call(ME, call("probe", do="fail", value="no")))["rc"] == 7


@pytest.mark.parametrize("text", ["plain", "umläut €", "\udce9\udcff", "nul\0", "\u202e", "a" * 100_000])
async def test_text_comes_back_as_it_was_sent(local, call, text):
    assert (await local.call(ME, call("probe", do="echo", value=text)))["value"] == text


async def test_bytes_and_sets_become_what_json_has(local, call):
    result = await local.call(ME, call("probe", do="bytes"))
    assert result["value"] == "caf\udce9"
    assert result["set"] == [1, 2]


async def test_stray_output_is_a_warning_and_no_frame(local, call):
    result = await local.call(ME, call("probe", do="print", value="J\0\0\0\x02{}"))
    assert "failed" not in result
    warning = " ".join(result["warnings"])
    assert "raw" in warning
    assert "from a child" in warning
    assert "to stderr" in warning
    assert "warnings" not in await local.call(ME, call("ping"))


async def test_a_module_and_its_children_read_an_empty_input(local, call):
    result = await local.call(ME, call("probe", do="stdin"))
    assert (result["value"], result["child"]) == ("", "")


async def test_the_environment_lasts_for_one_call(local, call):
    with_it = await local.call(ME, call("probe", do="environment", value="COLOUR", _environment={"COLOUR": "red"}))
    assert with_it["value"] == "red"
    assert (await local.call(ME, call("probe", do="environment", value="COLOUR")))["value"] is None
    assert (await local.call(ME, call("probe", do="variable", value="LEFT_BEHIND")))["value"] is None
    assert (await local.call(ME, call("probe", do="umask")))["value"] == 0o022


async def test_paths_are_expanded_where_asked(local, call):
    arguments = {"value": "~/x", "path": "~/x", "paths": ["$PLACE/a", "~root/b"]}
    result = await local.call(
        ME, call("probe", do="echo", **arguments, _paths=("path", "paths"), _environment={"PLACE": "/srv"})
    )
    assert result["value"] == "~/x"
    assert result["path"] == str(Path("~/x").expanduser())
    assert result["paths"] == ["/srv/a", str(Path("~root/b").expanduser())]


@pytest.mark.parametrize("do", ["write", "swallowed_write", "remove", "rename", "relative", "fchmod"])
async def test_a_write_while_planning_is_an_error(local, call, tmp_path, do):
    path = tmp_path / "there"
    if do in {"remove", "rename", "fchmod"}:
        path.write_text("")
        path.chmod(0o644)
    if do == "relative":
        path.mkdir()
    before = sorted(tmp_path.rglob("*"))
    result = await local.call(ME, call("probe", do=do, path=str(path), value=str(tmp_path / "new")))
    assert result["failed"] is True
    assert "wrote while planning: " in result["msg"]
    assert str(path if do != "rename" else tmp_path / "new") in result["msg"]
    assert sorted(tmp_path.rglob("*")) == before
    assert path.exists() == (do not in {"write", "swallowed_write"})


@pytest.mark.parametrize("do", ["devnull", "subprocess_write"])
async def test_what_the_guard_lets_pass(local, call, tmp_path, do):
    assert "failed" not in await local.call(ME, call("probe", do=do, path=str(tmp_path / "f")))


async def test_scratch_folders_are_private_and_gone_after_the_call(local, call):
    result = await local.call(ME, call("probe", do="scratch"))
    assert "failed" not in result, result
    assert result["gone"]
    assert result["mode"] == 0o700
    assert not Path(result["folder"]).exists()
    assert not Path(result["kept"]).exists()


async def test_a_dry_run_changes_nothing(local, call, tmp_path):
    foreseen = await local.call(ME, call("probe", do="change", path=str(tmp_path / "f"), _plan_only=True, _diff=True))
    assert foreseen["changed"] is True
    assert foreseen["diff"]["after"] == "changed\n"
    assert not (tmp_path / "f").exists()
    done = await local.call(ME, call("probe", do="change", path=str(tmp_path / "f")))
    assert done["changed"] is True
    assert (await local.call(ME, call("probe", do="change", path=str(tmp_path / "f"))))["changed"] is False


@pytest.mark.parametrize("do", ["sleep", "stubborn"])
async def test_a_time_limit(local, call, do):
    result = await local.call(ME, call("probe", do=do, size=60, _timeout=0.3))
    assert result["failed"] is True
    assert result["msg"] == "Timed out after 0.3 second(s) in the module probe"
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_a_time_limit_ends_the_children(local, call, tmp_path):
    pid_file = tmp_path / "pid"
    result = await local.call(ME, call("probe", do="child", size=300, path=str(pid_file), _timeout=1.0))
    assert result["timedout"]["processes"] >= 2
    assert not alive(int(pid_file.read_text()))


async def test_cancelling_ends_the_remote_work(local, call, tmp_path):
    pid_file = tmp_path / "pid"
    task = asyncio.create_task(local.call(ME, call("probe", do="child", size=300, path=str(pid_file))))
    assert await until(lambda: pid_file.exists() and pid_file.read_text().strip())
    pid = int(pid_file.read_text())
    assert alive(pid)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await until(lambda: not alive(pid))
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_a_daemon_that_a_task_started_outlives_the_session(local, call, tmp_path):
    pid_file = tmp_path / "pid"
    await local.call(ME, call("probe", do="daemon", size=30, path=str(pid_file)))
    assert await until(lambda: pid_file.exists() and pid_file.read_text().strip())
    await local.close()
    await asyncio.sleep(0.5)
    pid = int(pid_file.read_text())
    try:
        assert alive(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


async def test_an_agent_that_is_killed_is_told_and_replaced(local, call):
    with pytest.raises(TargetError, match=r"killed by signal 9.*in doubt") as caught:
        await local.call(ME, call("probe", do="suicide", value=9))
    assert "memory" in caught.value.hint
    assert not isinstance(caught.value, ConnectionFailed)
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 2 * 1024 * 1024, 2 * 1024 * 1024 + 1, 9_000_000])
@pytest.mark.parametrize("kind", ["bytes", "file"])
async def test_a_blob_is_pulled_whole(local, call, tmp_path, size, kind):
    content = hashlib.shake_128(b"x").digest(size)
    (tmp_path / "f").write_bytes(content)
    result = await local.call(ME, call("probe", do="blob", blob=Blob(content if kind == "bytes" else tmp_path / "f")))
    assert result["size"] == result["announced"] == size
    assert result["sha256"] == result["said"] == hashlib.sha256(content).hexdigest()
    assert result["sha1"] == hashlib.sha1(content).hexdigest()


async def test_a_blob_that_is_not_read_to_its_end_leaves_the_channel_clean(local, call):
    blob = Blob(bytes(20_000_000))
    for _ in range(3):
        assert (await local.call(ME, call("probe", do="partial_blob", blob=blob)))["first"] > 0
    cut = await local.call(ME, call("probe", do="slow_blob", blob=blob, _timeout=0.5))
    assert cut["failed"]
    assert (await local.call(ME, call("probe", do="blob", blob=blob)))["size"] == 20_000_000


async def test_two_blobs_read_in_turn(local, call):
    blob = Blob(bytes(5_000_000))
    result = await local.call(ME, call("probe", do="two_blobs", blob=blob, other=blob))
    assert result["same"]
    assert result["read"] == 5_000_000


async def test_a_blob_whose_file_is_not_there(local, call, tmp_path):
    with pytest.raises(TargetError, match=r"cannot read .*absent: No such file"):
        await local.call(ME, call("probe", do="blob", blob=Blob(tmp_path / "absent")))
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_a_file_that_shrinks_while_it_is_sent(local, call, tmp_path):
    path = tmp_path / "f"
    path.write_bytes(bytes(30_000_000))
    task = asyncio.create_task(local.call(ME, call("probe", do="slow_blob", blob=Blob(path))))
    await asyncio.sleep(0.6)
    path.write_bytes(b"")
    result = await task
    assert result["failed"]
    assert "the file changed while it was sent" in result["msg"]
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_long_output_goes_to_a_file_and_memory_stays_bounded(local, call):
    result = await local.call(ME, call("probe", do="stdout", size=3_000_000, value="line\n"))
    assert len(result["stdout"]) < 100_000
    assert result["stdout"].startswith("line\nline\n")
    assert result["stdout"].endswith("line\n")
    name = result["stdout"].split("all of it is in ")[1].split(" ...]")[0]
    path = Path(name)
    assert path.stat().st_size == 15_000_000
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.read_bytes() == b"line\n" * 3_000_000
    assert result["stdout_lines"] == result["stdout"].splitlines()
    await local.close()
    assert not path.parent.exists()


async def test_output_below_the_bound_arrives_whole(local, call):
    result = await local.call(ME, call("probe", do="stdout", size=1_000_000))
    assert result["stdout"] == "x" * 1_000_000


async def test_fetch(local, tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "f").write_bytes(content)
    (tmp_path / "f").chmod(0o640)
    parts = []
    info = await local.fetch(ME, str(tmp_path / "f"), parts.append)
    assert b"".join(parts) == content
    assert (info.size, info.sha1, info.mode) == (len(content), hashlib.sha1(content).hexdigest(), 0o640)


async def test_fetch_of_a_file_of_proc(local):
    parts = []
    assert (await local.fetch(ME, "/proc/self/status", parts.append)).size == len(b"".join(parts)) > 0


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: None, "ENOENT"),
        (lambda path: path.mkdir(), "EISDIR"),
        (os.mkfifo, "EINVAL"),
        (lambda path: path.symlink_to(path), "ELOOP"),
    ],
)
async def test_what_cannot_be_fetched_is_classified(local, call, tmp_path, make, code):
    make(tmp_path / "x")
    with pytest.raises(FileError) as caught:
        await local.fetch(ME, str(tmp_path / "x"), lambda part: None)
    assert caught.value.code == code
    assert str(tmp_path / "x") in caught.value.message


@root
async def test_another_identity_has_another_agent(local, call):
    nobody = Identity("runuser", "nobody")
    first = await local.call(ME, call("probe", do="python"))
    second = await local.call(nobody, call("probe", do="python"))
    assert first["uid"] == 0
    assert second["uid"] == 65534
    assert first["pid"] != second["pid"]


@root
async def test_a_refused_fetch(local, tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(FileError) as caught:
        await local.fetch(Identity("runuser", "nobody"), str(tmp_path / "secret"), lambda part: None)
    assert caught.value.code == "EACCES"


@root
async def test_a_user_that_does_not_exist(local, call):
    with pytest.raises(BecomeFailed, match="cannot become nobody-here with runuser: there is no such user"):
        await local.call(Identity("runuser", "nobody-here"), call("ping"))


async def test_execute(local):
    result = await local.execute(ME, "cat; echo err >&2; exit 3", stdin=b"in\0put")
    assert (result.rc, result.stdout, result.stderr) == (3, b"in\0put", b"err\n")


async def test_execute_of_much_output_is_bounded(local):
    result = await local.execute(ME, "head -c 50000000 /dev/zero; head -c 5000000 /dev/zero >&2")
    assert result.rc == 0
    assert len(result.stdout) == 32 * 1024 * 1024
    assert len(result.stderr) <= 64 * 1024


async def test_execute_does_not_wait_for_a_background_child(local):
    async with asyncio.timeout(20):
        result = await local.execute(ME, "sleep 300 & echo $!")
    os.kill(int(result.stdout), signal.SIGKILL)
    assert result.rc == 0


async def test_execute_has_a_time_limit(local):
    with pytest.raises(TimeoutError):
        await local.execute(ME, "sleep 300", timeout=0.3)


@root
@pytest.mark.parametrize("method", ["runuser", "su", "sudo"])
async def test_execute_as_somebody_else(local, method):
    result = await local.execute(
        Identity(method, "nobody", flags="-s /bin/sh" if method == "su" else None), "id -un; cat; exit 4", stdin=b"x"
    )
    assert (result.rc, result.stdout, result.stderr) == (4, b"nobody\nx", b"")


async def test_a_module_that_does_not_exist(local, call):
    for name in ("nothing_such", "../ping", "os.path", ""):
        with pytest.raises(TargetError, match="there is no module"):
            await local.call(ME, call(name))
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_a_module_that_is_no_python(tmp_path, call):
    (tmp_path / "bad.py").write_text("def bad(:\n")
    (tmp_path / "new.py").write_text("def new():\n    if (x := 1): yield x\n")
    session = Session(Target("here", transport="local"), Bundle(folders=[tmp_path]))
    for name in ("bad", "new"):
        with pytest.raises(LanguageError) as caught:
            await session.call(ME, call(name))
        assert caught.value.source.path == str(tmp_path / f"{name}.py")
        assert caught.value.source.line
    await session.close()


async def test_a_folder_beside_the_playbook_wins(tmp_path, call):
    (tmp_path / "ping.py").write_text("def ping():\n    yield from ()\n    return {'ping': 'mine'}\n")
    session = Session(Target("here", transport="local"), Bundle(folders=[tmp_path]))
    assert (await session.call(ME, call("ping")))["ping"] == "mine"
    await session.close()


@pytest.mark.parametrize("times", [1, 3])
async def test_reset_and_close_may_be_repeated(local, call, times):
    await local.call(ME, call("ping"))
    for _ in range(times):
        await local.reset()
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_no_interpreter(bundle, call):
    session = Session(Target("here", transport="local", interpreter="/no/such/python"), bundle)
    result = await session.call(ME, Call("ping", {}))
    assert result["failed"] is True
    assert result["msg"] == "The module interpreter '/no/such/python' was not found."
    assert "ansible_python_interpreter" in result["_hint"]


@pytest.mark.parametrize("shim", ["exit 1", "exit 127", "echo 'pyenv: no such version' >&2; exit 127", "exit 88"])
async def test_a_shim_that_does_not_run_is_passed_over(bundle, call, tmp_path, monkeypatch, shim):
    (tmp_path / "python3").write_text(f"#!/bin/sh\n{shim}\n")
    (tmp_path / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    session = Session(Target("here", transport="local"), bundle)
    assert (await session.call(ME, call("ping")))["ping"] == "pong"
    await session.close()


async def test_two_hundred_megabytes_do_not_fill_memory(tmp_path):
    code = f"""
import asyncio, resource
from pathlib import Path
from confman.model.call import Call, Identity, Target
from confman.payload.bundle import Bundle
from confman.transport.session import Session
async def main():
    session = Session(Target("h", transport="local"), Bundle(folders=[Path({str(MODULES)!r})]))
    await session.call(Identity(), Call("ping", {{}}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = await session.call(Identity(), Call("probe", {{"do": "stdout", "size": 200_000_000}}))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    name = result["stdout"].split("all of it is in ")[1].split(" ...]")[0]
    print(Path(name).stat().st_size, after - before)
    await session.close()
asyncio.run(main())
"""
    environment = dict(os.environ, TMPDIR=str(tmp_path), PYTHONPATH=str(MODULES.parents[2]))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=environment
    )
    output, _ = await process.communicate()
    size, growth = output.split()
    assert int(size) == 200_000_000
    assert int(growth) < 64 * 1024


async def test_cancelling_while_a_program_starts_ends_all_of_it(tmp_path):
    """The first process may have started another one already, which holds the pipes."""
    note = tmp_path / "pid"
    script = f"sh -c 'echo $$ > {note}; sleep 300' & sleep 300"
    for turns in range(12):
        task = asyncio.create_task(spawn(["/bin/sh", "-c", script]))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        task.cancel()
        async with asyncio.timeout(20):
            (result,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(result, LocalProcess):
            await result.kill()
            await result.close()
