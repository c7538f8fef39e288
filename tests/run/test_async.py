"""`async`, `poll` and `timeout` in whole runs over the local connection."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from confman.model.event import JobPolled
from tests.run.test_run import TWO, Seen, run

ONE = "a ansible_connection=local\n"


def play(folder: Path, tasks: str, inventory: str = ONE, **settings: Any) -> Seen:
    """Run tasks whose jobs leave their results in `folder`/jobs."""
    body = "\n".join("    " + line for line in tasks.strip("\n").splitlines())
    text = f"- hosts: all\n  gather_facts: false\n  tasks:\n{body}\n"
    return run(folder, text, inventory, async_dir=str(folder / "jobs"), **settings)


def polled(seen: Seen) -> list[tuple[str, str, bool, bool]]:
    """What was told of jobs."""
    return [(e.host, e.state, e.started, e.finished) for e in seen.events if isinstance(e, JobPolled)]


def left(folder: Path) -> list[str]:
    """The result files that are still there."""
    return sorted(path.name for path in (folder / "jobs").iterdir())


def test_a_job_is_started_and_not_waited_for(tmp_path: Path) -> None:
    seen = play(tmp_path, "- {name: go, command: echo hi, async: 30, poll: 0}", TWO)
    for host in "ab":
        result = seen.result("go", host)
        job = result["ansible_job_id"]
        assert result == {
            "started": True, "finished": False, "changed": True, "failed": False, "ansible_job_id": job,
            "results_file": f"{tmp_path}/jobs/{job}", "ansible_facts": {"discovered_interpreter_python": sys.executable},
        }  # fmt: skip
    assert seen.stats("a") == {"ok": 1, "changed": 1}
    assert polled(seen) == []


def test_it_is_asked_about_in_a_later_play(tmp_path: Path) -> None:
    text = """
        - hosts: all
          gather_facts: false
          tasks:
            - {name: go, shell: "echo out; echo err >&2; exit 3", async: 30, poll: 0, register: job}
        - hosts: all
          gather_facts: false
          tasks:
            - name: wait
              async_status: {jid: "{{ job.ansible_job_id }}"}
              register: done
              until: done is finished
              retries: 50
              delay: 0.1
              ignore_errors: true
            - {name: forget, async_status: "jid={{ job.ansible_job_id }} mode=cleanup"}
    """
    seen = run(tmp_path, text, TWO, async_dir=str(tmp_path / "jobs"))
    result = seen.result("wait", "b")
    assert {key: result[key] for key in ("rc", "stdout", "stderr_lines", "started", "finished", "changed")} == {
        "rc": 3, "stdout": "out", "stderr_lines": ["err"], "started": True, "finished": True, "changed": True,
    }  # fmt: skip
    job = seen.result("go", "b")["ansible_job_id"]
    assert seen.result("forget", "b") == {
        "changed": False, "failed": False, "started": False, "finished": False, "ansible_job_id": job,
        "erased": f"{tmp_path}/jobs/{job}", "stdout": "", "stderr": "", "stdout_lines": [], "stderr_lines": [],
    }  # fmt: skip
    assert left(tmp_path) == []


def test_with_poll_it_is_followed_and_forgotten(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    tasks = f"""
- name: go
  shell: "while ! test -e {gate}; do sleep 0.05; done; echo through"
  async: 30
  poll: 1
- {{name: other, command: "true"}}
"""
    gate.write_text("")
    seen = play(tmp_path, tasks)
    result = seen.result("go", "a")
    assert (result["stdout"], result["rc"], result["finished"], result["changed"]) == ("through", 0, True, True)
    assert polled(seen)[-1] == ("a", "ok", True, True)
    assert left(tmp_path) == []
    assert seen.stats("a") == {"ok": 2, "changed": 2}


def test_each_poll_that_finds_it_running_is_told(tmp_path: Path) -> None:
    seen = play(tmp_path, "- {name: go, command: sleep 1.6, async: 30, poll: 1}")
    assert polled(seen) == [("a", "running", True, False), ("a", "ok", True, True)]
    assert len({event.job for event in seen.events if isinstance(event, JobPolled)}) == 1


def test_a_failed_job_fails_its_task(tmp_path: Path) -> None:
    seen = play(tmp_path, "- {name: go, command: 'false', async: 30, poll: 1}")
    result = seen.result("go", "a")
    assert (result["rc"], result["msg"], result["finished"]) == (1, "non-zero return code", True)
    assert seen.stats("a") == {"failed": 1}
    assert polled(seen)[-1] == ("a", "failed", True, True)


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    seen = play(tmp_path, "- {name: go, command: sleep 300, async: 1, poll: 2}")
    result = seen.result("go", "a")
    assert result["msg"] == "Timeout exceeded"
    assert not Path(f"/proc/{result['child_pid']}").exists()
    assert seen.stats("a") == {"failed": 1}


def test_loops_make_a_job_for_each_item(tmp_path: Path) -> None:
    tasks = """
- {name: go, command: "echo {{ item }}", async: 30, poll: 0, loop: [x, y], register: jobs}
- name: wait
  async_status: {jid: "{{ item.ansible_job_id }}"}
  loop: "{{ jobs.results }}"
  loop_control: {label: "{{ item.item }}"}
  register: done
  until: done is finished
  retries: 50
  delay: 0.1
"""
    seen = play(tmp_path, tasks)
    results = seen.result("wait", "a")["results"]
    assert [result["stdout"] for result in results] == ["x", "y"]
    assert len(left(tmp_path)) == 2


def test_the_folder_is_a_variable(tmp_path: Path) -> None:
    tasks = """
- {name: go, ping: , async: 30, poll: 0, register: job, vars: {ansible_async_dir: "{{ playbook_dir }}/mine"}}
- {name: not there, async_status: {jid: "{{ job.ansible_job_id }}"}, ignore_errors: true}
- name: there
  async_status: {jid: "{{ job.ansible_job_id }}"}
  vars: {ansible_async_dir: "{{ playbook_dir }}/mine"}
"""
    seen = play(tmp_path, tasks)
    job = seen.result("go", "a")["ansible_job_id"]
    missing = seen.result("not there", "a")
    assert (missing["msg"], missing["results_file"]) == ("could not find job", f"{tmp_path}/jobs/{job}")
    assert seen.result("there", "a")["results_file"] == f"{tmp_path}/mine/{job}"


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("copy: {content: x, dest: /nowhere/x}", "This action (copy) does not support async."),
        ("debug: {msg: x}", "This action (debug) does not support async."),
        ("raw: 'true'", "This action (raw) does not support async."),
        (
            "ansible.builtin.template: {src: x, dest: y}",
            "This action (ansible.builtin.template) does not support async.",
        ),
        ("async_status: {jid: x}", "This action (async_status) does not support async."),
    ],
)
def test_actions_with_a_half_on_the_controller_refuse(tmp_path: Path, task: str, message: str) -> None:
    seen = play(tmp_path, f"- {{name: go, {task}, async: 5}}")
    result = seen.result("go", "a")
    assert (result["failed"], result["msg"]) == (True, message)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        (
            "async: \"{{ 'abc' }}\"",
            "keyword 'async' has an invalid value: The value 'abc' could not be converted to 'int'",
        ),
        ("async: -1", "async is the number of seconds that a job may take, not -1"),
        (
            "async: 5, poll: \"{{ 'x' }}\"",
            "keyword 'poll' has an invalid value: The value 'x' could not be converted to 'int'",
        ),
        (
            "timeout: \"{{ 'x' }}\"",
            "keyword 'timeout' has an invalid value: The value 'x' could not be converted to 'int'",
        ),
    ],
)
def test_wrong_values(tmp_path: Path, keywords: str, message: str) -> None:
    seen = play(tmp_path, f"- {{name: go, command: 'true', {keywords}}}")
    assert message in seen.result("go", "a")["msg"]


def test_async_0_is_no_async(tmp_path: Path) -> None:
    seen = play(tmp_path, "- {name: go, command: echo hi, async: '{{ 0 }}', poll: 0}")
    assert "ansible_job_id" not in seen.result("go", "a")


def test_a_dry_run_of_a_job(tmp_path: Path) -> None:
    tasks = f"""
- {{name: go, file: {{path: {tmp_path}/new, state: directory}}, async: 30, poll: 1}}
"""
    seen = play(tmp_path, tasks, check=True)
    assert seen.result("go", "a")["changed"] is True
    assert not (tmp_path / "new").exists()
    assert left(tmp_path) == []


def test_no_log_hides_the_result_but_not_the_job(tmp_path: Path) -> None:
    seen = play(tmp_path, "- {name: go, command: echo hi, async: 30, poll: 1, no_log: true}")
    assert "stdout" not in seen.result("go", "a")
    assert polled(seen)[-1][:2] == ("a", "ok")


def test_modules_chosen_by_the_host_run_as_jobs(tmp_path: Path) -> None:
    """What the choice needs to know is asked at once; only the chosen module is a job."""
    tasks = "- {name: go, service: {name: no-such-service, state: started, use: sysvinit}, async: 30, poll: 0}"
    seen = play(tmp_path, tasks)
    assert seen.result("go", "a")["started"] is True


# -- timeout

SLOW = (
    "command: sleep 60",
    "raw: sleep 60",
    "pause: {seconds: 60}",
    "wait_for_connection: {delay: 60}",
    "wait_for: {path: /nowhere/at/all, timeout: 60}",
)


@pytest.mark.parametrize("task", SLOW)
def test_every_kind_of_task_is_ended_when_its_time_is_up(tmp_path: Path, task: str) -> None:
    seen = play(tmp_path, f"- {{name: go, {task}, timeout: 1, ignore_errors: true}}\n- {{name: next, ping: }}")
    result = seen.result("go", "a")
    assert result["msg"] == "Task failed: Timed out after 1 second(s)."
    assert result["timedout"]["period"] == 1
    assert seen.stats("a") == {"ok": 2, "ignored": 1}


def test_the_time_is_that_of_a_try(tmp_path: Path) -> None:
    tasks = "- {name: go, command: sleep 0.7, timeout: 1, retries: 3, delay: 1, until: false}"
    result = play(tmp_path, tasks).result("go", "a")
    assert (result["attempts"], result["rc"]) == (3, 0)


def test_a_try_that_took_too_long_is_tried_again(tmp_path: Path) -> None:
    line = f"test -e {tmp_path}/first && exit 0; touch {tmp_path}/first; sleep 60"
    tasks = f"- {{name: go, shell: '{line}', timeout: 1, retries: 2, delay: 0}}"
    result = play(tmp_path, tasks).result("go", "a")
    assert (result["attempts"], result["failed"]) == (2, False)


def test_the_setting_and_the_keyword(tmp_path: Path) -> None:
    tasks = "- {name: one, command: sleep 60, ignore_errors: true}\n- {name: two, command: sleep 1.2, timeout: 0}"
    seen = play(tmp_path, tasks, task_timeout=1)
    assert seen.result("one", "a")["timedout"]["period"] == 1
    assert seen.result("two", "a")["rc"] == 0
