"""How far a job is that a task started with `async`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Literal

from confman.kit import Change, Failure, rules

if TYPE_CHECKING:
    from collections.abc import Generator

    from confman.kit import Path

MOST_BYTES = 64 * 1024 * 1024
"""Largest result file that is read."""


@rules(verify=False)
def async_status(
    jid: str,
    mode: Literal["status", "cleanup"] = "status",
    _async_dir: Path = "~/.ansible_async",
) -> Generator[Change, None, dict[str, Any]]:
    """Ask how far a job is that a task with `async` and `poll: 0` started, or forget its result.

    A job belongs to the user who started it: ask with the same `become` as the task had. The folder of results is
    `~/.ansible_async` of that user, or what the variable `ansible_async_dir` or the setting `async_dir` says.

    Args:
        jid: The job, as `ansible_job_id` of the started task's result names it.
        mode: status gives the state, and when the job is finished its whole result; cleanup removes the file that
            holds it, without waiting for the job.

    Returns:
        ansible_job_id: The job.
        started: Whether the job has been started; always true, but after a cleanup.
        finished: Whether the job is over.
        results_file: The file on the host that holds the job's result.
        erased: The file that a cleanup removed.
        stdout: What the job's module gave as its output, "" for others; also stderr, and all the other values of a
            finished job's result.

    Examples:
        - command: sleep 1
          async: 60
          poll: 0
          register: sleeper
        - async_status:
            jid: "{{ sleeper.ansible_job_id }}"
          register: job
          until: job is finished
          retries: 30
          delay: 1
        - async_status:
            jid: "{{ sleeper.ansible_job_id }}"
            mode: cleanup
    """
    path = os.path.join(_async_dir, jid)
    if os.path.basename(jid) != jid or jid in ("", ".", "..") or not os.path.lexists(path):
        known = {"results_file": path} if mode == "status" else {"erased": path}
        raise Failure("could not find job", ansible_job_id=jid, started=True, finished=True, **known)
    if mode == "cleanup":
        yield Change("file", path, before="present", after=None, once=True, do=lambda: _erase(path, jid))
        return {"ansible_job_id": jid, "erased": path, "changed": False}
    return _status(path, jid)


def _erase(path: str, jid: str) -> None:
    try:
        os.unlink(path)
    except OSError as error:
        text = "cannot remove {}: {}".format(path, error.strerror)
        raise Failure(text, ansible_job_id=jid, started=True, finished=True) from error


def _status(path: str, jid: str) -> dict[str, Any]:
    known = {"ansible_job_id": jid, "results_file": path, "started": True}
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        text = "cannot read {}: {}".format(path, error.strerror)
        raise Failure(text, finished=True, **known) from error
    data = _parsed(text)
    if data is None and not text.strip():
        return dict(known, finished=False, changed=False)
    if data is None:
        raise Failure("Could not parse job output: {}".format(text[:1000]), finished=True, **known)
    if "started" not in data:
        data.update(finished=True, ansible_job_id=jid)
    data.setdefault("finished", False)
    data.setdefault("results_file", path)
    data.setdefault("changed", False)
    return data


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
