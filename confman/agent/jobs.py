"""Jobs: calls that go on when their channel has ended, each in a session of its own.

A job is two processes: a supervisor, which knows the time limit, and the worker that runs the call. All that they
leave on disk is one file with the job's result, which is replaced as a whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any

from confman.agent.calls import expand
from confman.agent.channel import plain
from confman.agent.children import end_children

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Work = Callable[[], dict[str, Any]]

START_LIMIT = 20.0
"""Seconds that a job has to say that it has begun."""
_MOST_BYTES = 4096


def start_job(wish: Mapping[str, Any], work: Work) -> dict[str, Any]:
    """Begin a job that does `work`, and give the result that says so.

    wish: `name` (the job's id begins with it), `seconds` (the job's time limit), `folder` (of the result files; made
    for this user alone where it is missing). A job that cannot be started is a failed result.
    """
    folder = expand(wish["folder"])
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
    except OSError as error:
        return _failed("could not create directory: {} - {}".format(folder, error.strerror))
    reading, writing = os.pipe()
    try:
        first = os.fork()
    except OSError as error:
        os.close(reading)
        os.close(writing)
        return _failed("could not start a job: {}".format(error.strerror))
    if not first:
        _become_supervisor(wish, folder, writing, work)
    os.close(writing)
    os.waitpid(first, 0)
    answer = _hear(reading)
    if "job" not in answer:
        return _failed(answer.get("error", "the job did not begin"))
    return {
        "changed": True,
        "failed": False,
        "started": True,
        "finished": False,
        "ansible_job_id": answer["job"],
        "results_file": os.path.join(folder, answer["job"]),
    }


def write_result(path: str, result: Mapping[str, Any]) -> None:
    """Put a result into the file at `path`, whole or not at all, for this user alone. Raises OSError."""
    try:
        text = json.dumps(result, default=plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        text = json.dumps(_failed("the result of the job cannot be written: {}".format(error)))
    fresh = "{}.{}.tmp".format(path, os.getpid())
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        os.rename(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise


def _failed(text: str) -> dict[str, Any]:
    return {"failed": True, "changed": False, "msg": text}


def _hear(reading: int) -> dict[str, Any]:
    """What the supervisor says of itself: its job's id, or why there is none."""
    said = b""
    deadline = time.monotonic() + START_LIMIT
    while not said.endswith(b"\n"):
        ready, _, _ = select.select([reading], [], [], max(deadline - time.monotonic(), 0))
        part = os.read(reading, _MOST_BYTES) if ready else b""
        if not part:
            break
        said += part
    os.close(reading)
    if not said.endswith(b"\n"):
        return {}
    return dict(json.loads(said.decode("ascii")))


def _say(writing: int, answer: Mapping[str, Any]) -> None:
    os.write(writing, json.dumps(answer).encode("ascii") + b"\n")
    os.close(writing)


def _become_supervisor(wish: Mapping[str, Any], folder: str, writing: int, work: Work) -> None:
    """The life of a job in a forked child; never returns."""
    try:
        os.setsid()
        if not os.fork():
            _detach(writing)
            _supervise(wish, folder, writing, work)
    finally:
        # Nothing that stands further up the stack is ours to run.
        os._exit(0)


def _detach(kept: int) -> None:
    """Let go of everything that belongs to the agent but the descriptor `kept`."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGALRM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for name in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else map(str, range(3, 1024)):
        if int(name) > 2 and int(name) != kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _supervise(wish: Mapping[str, Any], folder: str, writing: int, work: Work) -> None:
    job = "{}.{}".format(wish["name"], os.getpid())
    path = os.path.join(folder, job)
    try:
        write_result(path, {"started": True, "finished": False, "ansible_job_id": job})
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        worker = os.fork()
    except OSError as error:
        _say(writing, {"error": "could not start a job: {}".format(error)})
        return
    if not worker:
        _work(path, work)
    with contextlib.suppress(OSError):
        os.setpgid(worker, worker)
    _say(writing, {"job": job})
    ended = _watch(worker, wish["seconds"])
    if ended is None:
        end_children()
        write_result(path, dict(_failed("Timeout exceeded"), child_pid=worker))
    elif ended:
        write_result(path, _failed("the job was ended before it had a result: {}".format(_ending(ended))))


def _work(path: str, work: Work) -> None:
    """The life of the worker; never returns."""
    try:
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
        write_result(path, work())
    except BaseException:
        os._exit(1)
    os._exit(0)


def _watch(worker: int, seconds: float) -> int | None:
    """The wait status of the worker, or None when its time was up first."""
    deadline = time.monotonic() + seconds
    while True:
        pid, status = os.waitpid(worker, os.WNOHANG)
        if pid:
            return status
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        signal.sigtimedwait([signal.SIGCHLD], min(left, 60.0))


def _ending(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "signal {}".format(os.WTERMSIG(status))
    return "it could not write its result"
