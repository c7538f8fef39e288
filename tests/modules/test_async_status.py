"""Forgetting a job's result; the rest of async_status is in async_status/*.yml."""

from confman.agent.runner import run_module
from confman.modules.async_status import async_status


def test_cleanup_removes_the_result_once(tmp_path):
    (tmp_path / "j1.2").write_text("{}")
    arguments = {"jid": "j1.2", "mode": "cleanup", "_async_dir": str(tmp_path)}
    result = run_module(async_status, arguments, verify=False)
    assert [change["id"] for change in result.pop("_changes")] == [f"{tmp_path}/j1.2"]
    assert result == {"ansible_job_id": "j1.2", "erased": f"{tmp_path}/j1.2", "changed": False}
    assert list(tmp_path.iterdir()) == []
    again = run_module(async_status, arguments, verify=False)
    assert (again["failed"], again["msg"]) == (True, "could not find job")


def test_cleanup_in_a_dry_run_says_what_it_would_remove(tmp_path):
    (tmp_path / "j1.2").write_text("{}")
    arguments = {"jid": "j1.2", "mode": "cleanup", "_async_dir": str(tmp_path)}
    result = run_module(async_status, arguments, plan_only=True, verify=False)
    assert [change["id"] for change in result["_changes"]] == [f"{tmp_path}/j1.2"]
    assert (tmp_path / "j1.2").exists()


def test_what_a_finished_job_changed_is_what_asking_says(tmp_path):
    (tmp_path / "j1.2").write_text('{"changed": true, "ansible_facts": {"a": 1}, "warnings": ["w"]}')
    result = run_module(async_status, {"jid": "j1.2", "_async_dir": str(tmp_path)}, verify=False)
    assert (result["changed"], result["finished"], result["ansible_facts"]) == (True, True, {"a": 1})
    assert result["warnings"] == ["w"]
