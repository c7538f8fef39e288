"""Calls that go on when their channel has ended, on this machine."""

import asyncio
import json
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from confman.model.call import Blob, JobWish, Target
from confman.transport.session import Session
from tests.transport.conftest import ME
from tests.transport.test_session_local import PYTHONS, alive, until


@pytest.fixture
def wish(tmp_path):
    return lambda seconds=60, folder=None: JobWish("j7", seconds, str(folder or tmp_path / "jobs"))


def result_of(began):
    return json.loads(Path(began["results_file"]).read_text())


async def finished(began):
    """The result of a job, waited for."""
    assert await until(lambda: "started" not in result_of(began), 30)
    return result_of(began)


def sessions_of(pid):
    """The processes that share a session with the job of that supervisor."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[3] == str(pid) or fields[1] == str(pid):
            found.append(int(path.parent.name))
    return found


def supervisor(began):
    return int(began["ansible_job_id"].split(".")[1])


async def test_a_job_begins_and_leaves_its_result(local, call, wish, tmp_path):
    began = await local.call(ME, call("command", cmd="echo hi", _verify=False, _job=wish()))
    job = began["ansible_job_id"]
    assert began.pop("_interpreter").startswith("/")
    assert began.pop("_candidate")
    assert began == {
        "changed": True, "failed": False, "started": True, "finished": False, "ansible_job_id": job,
        "results_file": f"{tmp_path}/jobs/{job}",
    }  # fmt: skip
    assert job.startswith("j7.")
    result = await finished(began)
    assert (result["stdout"], result["rc"], result["changed"]) == ("hi", 0, True)


async def test_only_the_user_can_read_and_nothing_else_is_left(local, call, wish, tmp_path):
    began = await local.call(ME, call("ping", _job=wish()))
    await finished(began)
    assert stat.S_IMODE((tmp_path / "jobs").stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(began["results_file"]).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "jobs").iterdir()] == [began["ansible_job_id"]]


async def test_while_it_runs_the_file_says_so_and_the_agent_serves_on(local, call, wish, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    began = await local.call(ME, call("command", argv=["cat", str(gate)], _verify=False, _job=wish()))
    assert result_of(began) == {"started": True, "finished": False, "ansible_job_id": began["ansible_job_id"]}
    assert (await local.call(ME, call("ping")))["ping"] == "pong"
    gate.write_text("through")
    assert (await finished(began))["stdout"] == "through"


async def test_a_job_outlives_its_channel(bundle, call, wish, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    session = Session(Target("here", transport="local"), bundle)
    agent = (await session.call(ME, call("probe", do="python")))["pid"]
    began = await session.call(ME, call("command", argv=["cat", str(gate)], _verify=False, _job=wish()))
    await session.close()
    assert await until(lambda: not alive(agent))
    await asyncio.to_thread(gate.write_text, "later")
    assert (await finished(began))["stdout"] == "later"


async def test_a_job_outlives_an_agent_that_is_killed(bundle, call, wish, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    session = Session(Target("here", transport="local"), bundle)
    try:
        agent = (await session.call(ME, call("probe", do="python")))["pid"]
        began = await session.call(ME, call("command", argv=["cat", str(gate)], _verify=False, _job=wish()))
        os.killpg(os.getpgid(agent), signal.SIGTERM)
        assert await until(lambda: not alive(agent))
        await asyncio.to_thread(gate.write_text, "later")
        assert (await finished(began))["stdout"] == "later"
    finally:
        await session.close()


async def test_what_takes_too_long_is_ended_with_all_that_it_started(local, call, wish):
    line = "sleep 300 & setsid sleep 300 & sleep 300"
    began = await local.call(ME, call("shell", cmd=line, _verify=False, _job=wish(1)))
    inside = sessions_of(supervisor(began))
    result = await finished(began)
    assert (result["failed"], result["msg"]) == (True, "Timeout exceeded")
    assert result["child_pid"] in inside
    assert await until(lambda: not any(alive(pid) for pid in inside))


async def test_a_worker_that_dies_is_a_failed_result(local, call, wish):
    began = await local.call(ME, call("command", cmd="sleep 300", _verify=False, _job=wish()))
    workers = [pid for pid in sessions_of(supervisor(began)) if pid != supervisor(began)]
    os.kill(min(workers), signal.SIGKILL)
    result = await finished(began)
    assert result["failed"] is True
    assert result["msg"] == "the job was ended before it had a result: signal 9"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"do": "fail", "value": "no"}, "no"),
        ({"do": "exit"}, "SystemExit"),
        ({"do": "recursion"}, "RecursionError"),
        ({"do": "nan"}, "the result of the job cannot be written"),
    ],
)
async def test_what_a_module_does_wrong(local, call, wish, arguments, message):
    result = await finished(await local.call(ME, call("probe", _job=wish(), **arguments)))
    assert result["failed"] is True
    assert message in result["msg"]


async def test_a_folder_that_cannot_be_made(local, call, wish, tmp_path):
    (tmp_path / "file").write_text("")
    result = await local.call(ME, call("ping", _job=wish(folder=tmp_path / "file" / "jobs")))
    assert result["failed"] is True
    assert result["msg"] == f"could not create directory: {tmp_path}/file/jobs - Not a directory"


async def test_the_home_of_the_user_is_meant_by_a_tilde(local, call, wish):
    folder = f"~/.confman-test-{os.getpid()}"
    began = await local.call(ME, call("ping", _job=wish(folder=folder)))
    place = Path(folder).expanduser()
    try:
        assert Path(began["results_file"]).parent == place
        await finished(began)
    finally:
        for path in place.iterdir():
            path.unlink()
        place.rmdir()


async def test_file_content_is_there_when_the_controller_is_not(local, call, wish, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(b"z" * 3_000_000)
    began = await local.call(ME, call("probe", do="blob", blob=Blob(big), _job=wish()))
    assert (await finished(began))["size"] == 3_000_000
    assert (await local.call(ME, call("ping")))["ping"] == "pong"


async def test_a_dry_run_stays_one(local, call, wish, tmp_path):
    path = tmp_path / "f"
    began = await local.call(ME, call("probe", do="change", path=str(path), _plan_only=True, _job=wish()))
    assert (await finished(began))["changed"] is True
    assert not path.exists()


async def test_jobs_have_standard_streams_and_environment(local, call, wish):
    script = "import os; os.fdopen(os.dup(0)).read(); print(os.environ['GIVEN'])"
    arguments = {"argv": ["python3", "-c", script], "_environment": {"GIVEN": "this"}}
    began = await local.call(ME, call("command", _verify=False, _job=wish(), **arguments))
    assert (await finished(began))["stdout"] == "this"


async def test_many_at_once(local, call, wish):
    began = [
        await local.call(ME, call("command", cmd=f"echo {number}", _verify=False, _job=wish())) for number in range(5)
    ]
    assert len({each["ansible_job_id"] for each in began}) == 5
    assert [(await finished(each))["stdout"] for each in began] == list("01234")


@pytest.mark.parametrize("python", PYTHONS, ids=lambda path: path.parent.parent.name)
async def test_every_python(python, bundle, call, wish):
    session = Session(Target("here", transport="local", interpreter=str(python)), bundle)
    try:
        began = await session.call(ME, call("command", cmd="echo hi", _verify=False, _job=wish()))
        assert (await finished(began))["stdout"] == "hi"
        asked = call("async_status", jid=began["ansible_job_id"], _async_dir=str(Path(began["results_file"]).parent))
        assert (await session.call(ME, asked))["finished"] is True
        late = await session.call(ME, call("command", cmd="sleep 300", _verify=False, _job=wish(0.2)))
        assert (await finished(late))["msg"] == "Timeout exceeded"
    finally:
        await session.close()


def test_nothing_of_the_agent_is_held_open(tmp_path):
    """The one that waits for our end of file (sshd does) is not kept waiting by a job."""
    code = f"""
import asyncio
from confman.model.call import Call, Identity, JobWish, Target
from confman.payload.bundle import Bundle
from confman.transport.session import Session
async def main():
    session = Session(Target("here", transport="local"), Bundle())
    call = Call("command", {{"cmd": "sleep 20"}}, verify=False, job=JobWish("j1", 30, {str(tmp_path)!r}))
    began = await session.call(Identity(), call)
    print(began["ansible_job_id"])
    await session.close()
asyncio.run(main())
"""
    import subprocess
    import sys

    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=15, check=True)
    assert time.monotonic() - begin < 15
    os.kill(int(done.stdout.split(".")[1]), signal.SIGKILL)
